#include "fido/cbor.h"

namespace sceau::firmware::fido {

namespace {

struct CheckedHead {
  std::uint8_t major = 0;
  std::uint64_t value = 0;
  std::size_t size = 0;  // of the head; 0: malformed
};

CheckedHead read_head(ByteView bytes) {
  CheckedHead head;
  if (bytes.empty()) return head;
  head.major = static_cast<std::uint8_t>(bytes[0] >> 5);
  const auto info = static_cast<std::uint8_t>(bytes[0] & 0x1F);
  if (info < 24) {
    head.value = info;
    head.size = 1;
    return head;
  }
  if (info > 27) return head;
  const std::size_t count = std::size_t{1} << (info - 24);
  if (bytes.size() < 1 + count) return head;
  for (std::size_t i = 1; i <= count; ++i) head.value = (head.value << 8) | bytes[i];
  constexpr std::uint64_t kLeast[] = {24, 0x100, 0x10000, 0x100000000};
  if (head.value >= kLeast[info - 24]) head.size = 1 + count;
  return head;
}

// CTAP 2.1, section 8: by major type, then by length, then bytewise.
bool key_follows(ByteView before, ByteView key) {
  const int major_before = before[0] >> 5;
  const int major = key[0] >> 5;
  if (major_before != major) return major_before < major;
  if (before.size() != key.size()) return before.size() < key.size();
  return std::memcmp(before.data(), key.data(), key.size()) < 0;
}

// One container that is not complete yet.
struct Frame {
  std::uint64_t left = 0;  // items, keys and values counted
  bool map = false;
  ByteView key;  // the last one; empty: none yet

  bool wants_key() const { return map && left % 2 == 0; }
};

// Bytes that a leaf takes, 0 when it breaks a rule.
std::size_t check_leaf(const CheckedHead& head, ByteView bytes) {
  constexpr std::uint64_t kFalse = 20;
  constexpr std::uint64_t kUndefined = 23;
  switch (head.major) {
    case 0:
    case 1:
      return head.size;
    case 2:
    case 3: {
      if (head.value > bytes.size() - head.size) return 0;
      const ByteView content = bytes.subspan(head.size, static_cast<std::size_t>(head.value));
      if (head.major == 3 && !is_utf8(content)) return 0;
      return head.size + content.size();
    }
    case 7:
      return head.size == 1 && head.value >= kFalse && head.value <= kUndefined ? 1 : 0;
    default:
      return 0;
  }
}

}  // namespace

bool is_utf8(ByteView text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::uint8_t first = text[i];
    const std::size_t size = first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (size == 0 || first > 0xF4 || size > text.size() - i) return false;
    for (std::size_t k = 1; k < size; ++k) {
      if ((text[i + k] & 0xC0) != 0x80) return false;
    }
    const std::uint8_t second = size > 1 ? text[i + 1] : 0;
    const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
    const bool beyond = (first == 0xED && second > 0x9F) || (first == 0xF4 && second > 0x8F);
    if (overlong || beyond) return false;
    i += size;
  }
  return true;
}

CtapStatus check_cbor(ByteView item) {
  std::array<Frame, kMaxDepth + 1> frames{};
  std::size_t depth = 0;
  frames[0].left = 1;
  ByteView rest = item;
  for (;;) {
    while (depth > 0 && frames[depth].left == 0) --depth;
    Frame& frame = frames[depth];
    if (frame.left == 0) return rest.empty() ? CtapStatus::kSuccess : CtapStatus::kInvalidCbor;
    const CheckedHead head = read_head(rest);
    if (head.size == 0) return CtapStatus::kInvalidCbor;
    const bool is_key = frame.wants_key();
    frame.left -= 1;
    if (head.major == 4 || head.major == 5) {
      // No container has more items than there are bytes left.
      if (is_key || depth == kMaxDepth || head.value > rest.size()) return CtapStatus::kInvalidCbor;
      frames[++depth] = Frame{head.major == 5 ? 2 * head.value : head.value, head.major == 5, {}};
      rest = rest.subspan(head.size);
      continue;
    }
    const std::size_t size = check_leaf(head, rest);
    if (size == 0 || (is_key && head.major > 3)) return CtapStatus::kInvalidCbor;
    if (is_key) {
      const ByteView key = rest.first(size);
      if (!frame.key.empty() && !key_follows(frame.key, key)) return CtapStatus::kInvalidCbor;
      frame.key = key;
    }
    rest = rest.subspan(size);
  }
}

CborReader::Head CborReader::head() const {
  const CheckedHead checked = read_head(rest_);
  if (checked.size == 0) return {};
  return {static_cast<CborType>(checked.major), checked.value, checked.size};
}

CborType CborReader::type() const { return head().type; }

CtapResult<std::int64_t> CborReader::integer() {
  const Head next = head();
  const bool negative = next.type == CborType::kNegative;
  if ((next.type != CborType::kUnsigned && !negative) || next.value > INT64_MAX) {
    return CtapStatus::kCborUnexpectedType;
  }
  rest_ = rest_.subspan(next.size);
  const auto value = static_cast<std::int64_t>(next.value);
  return negative ? -1 - value : value;
}

CtapResult<std::uint32_t> CborReader::number() {
  const Head next = head();
  if (next.type != CborType::kUnsigned) return CtapStatus::kCborUnexpectedType;
  if (next.value > UINT32_MAX) return CtapStatus::kInvalidParameter;
  rest_ = rest_.subspan(next.size);
  return static_cast<std::uint32_t>(next.value);
}

CtapResult<ByteView> CborReader::string(CborType type) {
  const Head next = head();
  if (next.type != type || next.value > rest_.size() - next.size) return CtapStatus::kCborUnexpectedType;
  const ByteView content = rest_.subspan(next.size, static_cast<std::size_t>(next.value));
  rest_ = rest_.subspan(next.size + content.size());
  return content;
}

CtapResult<ByteView> CborReader::bytes() { return string(CborType::kBytes); }

CtapResult<std::string_view> CborReader::text() {
  const CtapResult<ByteView> content = string(CborType::kText);
  if (!content.ok()) return content.status();
  return as_text(content.value());
}

CtapResult<bool> CborReader::boolean() {
  constexpr std::uint64_t kFalse = 20;
  constexpr std::uint64_t kTrue = 21;
  const Head next = head();
  if (next.type != CborType::kSimple || (next.value != kFalse && next.value != kTrue)) {
    return CtapStatus::kCborUnexpectedType;
  }
  rest_ = rest_.subspan(next.size);
  return next.value == kTrue;
}

CtapResult<std::size_t> CborReader::container(CborType type) {
  const Head next = head();
  if (next.type != type) return CtapStatus::kCborUnexpectedType;
  rest_ = rest_.subspan(next.size);
  return static_cast<std::size_t>(next.value);
}

CtapResult<std::size_t> CborReader::array() { return container(CborType::kArray); }
CtapResult<std::size_t> CborReader::map() { return container(CborType::kMap); }

ByteView CborReader::item() {
  const ByteView start = rest_;
  std::uint64_t left = 1;
  while (left != 0 && !rest_.empty()) {
    const Head next = head();
    if (next.size == 0) return {};
    --left;
    std::size_t size = next.size;
    if (next.type == CborType::kArray) left += next.value;
    if (next.type == CborType::kMap) left += 2 * next.value;
    if (next.type == CborType::kBytes || next.type == CborType::kText) {
      if (next.value > rest_.size() - size) return {};
      size += static_cast<std::size_t>(next.value);
    }
    rest_ = rest_.subspan(size);
  }
  return start.first(start.size() - rest_.size());
}

void CborWriter::head(std::uint8_t major, std::uint64_t value) {
  const auto first = static_cast<std::uint8_t>(major << 5);
  const std::size_t count = value < 24            ? 0
                            : value < 0x100       ? 1
                            : value < 0x10000     ? 2
                            : value <= 0xFFFFFFFF ? 4
                                                  : 8;
  constexpr std::uint8_t kInfo[] = {0, 24, 25, 0, 26, 0, 0, 0, 27};
  out_.byte(static_cast<std::uint8_t>(first | (count == 0 ? value : kInfo[count])));
  for (std::size_t i = count; i > 0; --i) out_.byte(static_cast<std::uint8_t>(value >> (8 * (i - 1))));
}

void CborWriter::integer(std::int64_t value) {
  if (value >= 0) {
    head(0, static_cast<std::uint64_t>(value));
  } else {
    head(1, static_cast<std::uint64_t>(-1 - value));
  }
}

void CborWriter::bytes(ByteView value) {
  head(2, value.size());
  out_.bytes(value);
}

void CborWriter::text(std::string_view value) {
  head(3, value.size());
  out_.bytes(as_bytes(value));
}

std::size_t CborWriter::begin_map() {
  out_.byte(0xA0);
  return out_.size() - 1;
}

void CborWriter::end_map(std::size_t mark, std::size_t pairs) {
  out_.put_at(mark, static_cast<std::uint8_t>(0xA0 | pairs));
}

}  // namespace sceau::firmware::fido
