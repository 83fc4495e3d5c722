// CBOR as CTAP has it: RFC 8949 in the CTAP2 canonical form (CTAP 2.1, section 8).
//
// A message is checked once, whole, by check_cbor(): shortest heads, definite lengths, no tags, no floats,
// valid UTF-8, keys that are integers or strings, each once and in canonical order, at most kMaxDepth
// containers inside each other, nothing behind the item. Only then is it read, by CborReader, which can fail
// on types alone. Neither calls itself, and neither copies: views point into the message.
#pragma once

#include <string_view>

#include "core/bytes.h"
#include "fido/status.h"

namespace sceau::firmware::fido {

inline constexpr std::size_t kMaxDepth = 4;

// kInvalidCbor: it breaks one of the rules above.
CtapStatus check_cbor(ByteView item);

enum class CborType : std::uint8_t {
  kUnsigned,
  kNegative,
  kBytes,
  kText,
  kArray,
  kMap,
  kTag,
  kSimple,
  kNone
};

class CborReader {
 public:
  // Of bytes that check_cbor() took, or of an item inside them.
  explicit CborReader(ByteView items) : rest_(items) {}

  bool done() const { return rest_.empty(); }
  ByteView rest() const { return rest_; }
  CborType type() const;  // kNone at the end

  // Each takes the next item. kCborUnexpectedType: it is another one; then nothing is taken.
  CtapResult<std::int64_t> integer();
  CtapResult<std::uint32_t> number();  // also kInvalidParameter: above 32 bits
  CtapResult<ByteView> bytes();
  CtapResult<std::string_view> text();
  CtapResult<bool> boolean();
  CtapResult<std::size_t> array();  // its elements follow
  CtapResult<std::size_t> map();    // its pairs follow
  // The next item whatever it is, with all that is inside it.
  ByteView item();

 private:
  struct Head {
    CborType type = CborType::kNone;
    std::uint64_t value = 0;
    std::size_t size = 0;
  };
  Head head() const;
  CtapResult<ByteView> string(CborType type);
  CtapResult<std::size_t> container(CborType type);

  ByteView rest_;
};

// Calls `member(key)` for each pair of a map with integer keys; it must take the pair's value from `reader`.
// kCborUnexpectedType: no map, or another key; else what `member` fails with.
template <typename Member>
CtapStatus each_member(CborReader& reader, Member member) {
  const CtapResult<std::size_t> pairs = reader.map();
  if (!pairs.ok()) return pairs.status();
  for (std::size_t i = 0; i < pairs.value(); ++i) {
    const CtapResult<std::int64_t> key = reader.integer();
    if (!key.ok()) return key.status();
    const CtapStatus status = member(key.value());
    if (status != CtapStatus::kSuccess) return status;
  }
  return CtapStatus::kSuccess;
}

// The same of a map whose keys are text.
template <typename Member>
CtapStatus each_named(CborReader& reader, Member member) {
  const CtapResult<std::size_t> pairs = reader.map();
  if (!pairs.ok()) return pairs.status();
  for (std::size_t i = 0; i < pairs.value(); ++i) {
    const CtapResult<std::string_view> key = reader.text();
    if (!key.ok()) return key.status();
    const CtapStatus status = member(key.value());
    if (status != CtapStatus::kSuccess) return status;
  }
  return CtapStatus::kSuccess;
}

// The value where there is one; else why not.
template <typename T, typename Into>
CtapStatus take(const CtapResult<T>& result, Into& into) {
  if (result.ok()) into = result.value();
  return result.status();
}

inline CtapStatus skip(CborReader& reader) {
  reader.item();
  return CtapStatus::kSuccess;
}

// Writes items; keeping keys in canonical order is the caller's.
class CborWriter {
 public:
  explicit CborWriter(Writer& out) : out_(out) {}

  void integer(std::int64_t value);
  void bytes(ByteView value);
  void text(std::string_view value);
  void boolean(bool value) { out_.byte(value ? 0xF5 : 0xF4); }
  void array(std::size_t count) { head(4, count); }
  void map(std::size_t pairs) { head(5, pairs); }
  // A map whose pairs are counted while they are written: at most 23.
  std::size_t begin_map();
  void end_map(std::size_t mark, std::size_t pairs);
  // The head of a byte string whose content follows by other means.
  void bytes_head(std::size_t size) { head(2, size); }

 private:
  void head(std::uint8_t major, std::uint64_t value);

  Writer& out_;
};

bool is_utf8(ByteView text);

}  // namespace sceau::firmware::fido
