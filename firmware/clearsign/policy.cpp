#include "clearsign/policy.h"

#include "core/tlv.h"

namespace sceau::firmware::clearsign {

namespace {

constexpr std::uint32_t kInteger = 0x02;
constexpr std::uint32_t kUtf8String = 0x0C;
constexpr std::uint32_t kSequence = 0x30;
constexpr std::uint32_t kKinds = 0xA0;
constexpr std::uint32_t kSources = 0xA1;
constexpr std::uint32_t kCustodian = 0xA2;
constexpr std::uint8_t kVersion = 1;

bool contains(ByteView list, ByteView word) {
  TlvReader reader(list);
  while (!reader.done()) {
    const Result<Tlv> item = reader.next();
    if (!item.ok()) return false;
    if (equal(item.value().value, word)) return true;
  }
  return false;
}

bool less(ByteView a, ByteView b) { return as_text(a) < as_text(b); }

bool is_type(ByteView word) {
  for (const statement_table::Type& type : statement_table::types) {
    if (equal(word, as_bytes(type.name()))) return true;
  }
  return false;
}

bool is_kind(ByteView word) {
  return equal(word, as_bytes("work")) || equal(word, as_bytes("aggregate")) ||
         equal(word, as_bytes("individual"));
}

// UTF8Strings in strict order, each of which `known` takes.
bool is_list(ByteView list, bool (*known)(ByteView)) {
  ByteView before;
  TlvReader reader(list);
  while (!reader.done()) {
    const Result<Tlv> item = reader.next();
    if (!item.ok() || item.value().tag != kUtf8String || !known(item.value().value)) return false;
    if (!before.empty() && !less(before, item.value().value)) return false;
    before = item.value().value;
  }
  return !before.empty();
}

// A positive INTEGER of at most four bytes.
Result<std::uint32_t> read_integer(TlvReader& reader) {
  const Result<Tlv> element = reader.next();
  if (!element.ok() || element.value().tag != kInteger) return Status::kInvalid;
  const ByteView bytes = element.value().value;
  if (bytes.empty() || bytes.size() > 4 || bytes[0] > 0x7F) return Status::kInvalid;
  std::uint32_t value = 0;
  for (const std::uint8_t byte : bytes) value = (value << 8U) | byte;
  return value;
}

void write_integer(TlvWriter& tlv, std::uint32_t value) {
  std::array<std::uint8_t, 5> bytes{};
  store_be32(bytes.data() + 1, value);
  std::size_t skip = 0;
  while (skip < 4 && bytes[skip] == 0 && bytes[skip + 1] < 0x80) ++skip;
  tlv.element(kInteger, ByteView(bytes).subspan(skip));
}

void write_list(TlvWriter& tlv, std::uint32_t tag, ByteView list) {
  const std::size_t mark = tlv.begin(tag);
  TlvReader reader(list);
  while (!reader.done()) {
    const Result<Tlv> item = reader.next();
    if (!item.ok()) break;
    tlv.element(kUtf8String, item.value().value);
  }
  tlv.end(mark);
}

// DER has one spelling: what was read is written again and compared.
bool is_der_of(const KeyPolicy& policy, ByteView der) {
  std::array<std::uint8_t, kMaxPolicy> buffer{};
  Writer out(buffer);
  TlvWriter tlv(out);
  const std::size_t whole = tlv.begin(kSequence);
  write_integer(tlv, kVersion);
  write_integer(tlv, policy.pin);
  write_integer(tlv, policy.touch);
  write_integer(tlv, policy.window);
  write_list(tlv, kSequence, policy.types);
  if (policy.bounds_kinds) write_list(tlv, kKinds, policy.kinds);
  if (policy.bounds_sources) write_list(tlv, kSources, policy.sources);
  if (policy.is_custodian) write_custodian(policy.custodian, kCustodian, tlv);
  tlv.end(whole);
  return !out.overflowed() && equal(out.written(), der);
}

// The optional lists at the end.
bool read_bounds(TlvReader& reader, KeyPolicy& policy) {
  while (!reader.done()) {
    const Result<Tlv> element = reader.next();
    if (!element.ok()) return false;
    const ByteView list = element.value().value;
    if (element.value().tag == kKinds && !policy.bounds_kinds && is_list(list, is_kind)) {
      policy.bounds_kinds = true;
      policy.kinds = list;
    } else if (element.value().tag == kSources && !policy.bounds_sources &&
               is_list(list, statement::is_registry_id)) {
      policy.bounds_sources = true;
      policy.sources = list;
    } else if (element.value().tag == kCustodian && !policy.is_custodian) {
      const Result<Custodian> custodian = read_custodian(list);
      if (!custodian.ok()) return false;
      policy.is_custodian = true;
      policy.custodian = custodian.value();
    } else {
      return false;
    }
  }
  return true;
}

// A custodian's key signs nothing but derivations, each with the button.
bool suits_custodian(const KeyPolicy& policy) {
  TlvReader types(policy.types);
  const Result<Tlv> only = types.next();
  return only.ok() && types.done() && equal(only.value().value, as_bytes("derive")) &&
         policy.touch == kTouchAlways;
}

bool in_range(std::uint32_t value, std::uint32_t low, std::uint32_t high) {
  return value >= low && value <= high;
}

}  // namespace

Result<KeyPolicy> read_policy(ByteView der) {
  TlvReader outer(der);
  const Result<Tlv> whole = outer.next();
  if (!whole.ok() || whole.value().tag != kSequence || !outer.done()) return Status::kInvalid;
  TlvReader reader(whole.value().value);
  const Result<std::uint32_t> version = read_integer(reader);
  const Result<std::uint32_t> pin = read_integer(reader);
  const Result<std::uint32_t> touch = read_integer(reader);
  const Result<std::uint32_t> window = read_integer(reader);
  const Result<Tlv> types = reader.next();
  const bool numbers = version.ok() && version.value() == kVersion && pin.ok() &&
                       in_range(pin.value(), kPinOnce, kPinAlways) && touch.ok() &&
                       in_range(touch.value(), kTouchNever, kTouchAlways) && window.ok() &&
                       window.value() > 0;
  if (!numbers || !types.ok() || types.value().tag != kSequence) return Status::kInvalid;
  KeyPolicy policy;
  policy.pin = static_cast<std::uint8_t>(pin.value());
  policy.touch = static_cast<std::uint8_t>(touch.value());
  policy.window = window.value();
  policy.types = types.value().value;
  if (!is_list(policy.types, is_type) || !read_bounds(reader, policy)) return Status::kInvalid;
  if (policy.is_custodian && !suits_custodian(policy)) return Status::kInvalid;
  return is_der_of(policy, der) ? Result<KeyPolicy>(policy) : Status::kInvalid;
}

bool KeyPolicy::allows_type(std::string_view type) const { return contains(types, as_bytes(type)); }

bool KeyPolicy::allows_content(const statement::Statement& statement) const {
  if (!statement.is("extraction.request")) return true;
  const Result<ByteView> kind = statement::body_member(statement, "kind");
  const Result<ByteView> source = statement::body_member(statement, "source");
  if (!kind.ok() || !source.ok()) return false;
  return (!bounds_kinds || contains(kinds, kind.value())) &&
         (!bounds_sources || contains(sources, source.value()));
}

bool KeyPolicy::allows_window(const statement::Statement& statement) const {
  return statement.until_seconds - statement.from_seconds <= std::int64_t{window};
}

}  // namespace sceau::firmware::clearsign
