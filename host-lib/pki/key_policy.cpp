#include "sceau/pki/key_policy.h"

#include <algorithm>

#include "sceau/pki/der.h"

namespace sceau::pki {
namespace {

constexpr std::uint8_t utf8_string = 0x0C;

Bytes integer(std::uint32_t value) {
  Bytes bytes;
  for (int shift = 24; shift >= 0; shift -= 8) {
    const auto byte = static_cast<std::uint8_t>(value >> shift);
    if (!bytes.empty() || byte != 0 || shift == 0) bytes.push_back(byte);
  }
  if (bytes.front() >= 0x80) bytes.insert(bytes.begin(), 0);
  return der(der_integer, bytes);
}

Bytes strings(std::uint8_t tag, std::vector<std::string> words) {
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  Bytes content;
  for (const std::string& word : words) append(content, der(utf8_string, as_bytes(word)));
  return der(tag, content);
}

std::optional<std::uint32_t> read_integer(DerReader& reader) {
  const auto bytes = reader.next(der_integer);
  if (!bytes || bytes->empty() || bytes->size() > 5) return std::nullopt;
  std::uint64_t value = 0;
  for (const std::uint8_t byte : *bytes) value = (value << 8U) | byte;
  if (value > 0xFFFFFFFF) return std::nullopt;
  return static_cast<std::uint32_t>(value);
}

std::optional<std::vector<std::string>> read_strings(ByteView content) {
  std::vector<std::string> words;
  for (DerReader reader(content); !reader.done();) {
    const auto word = reader.next(utf8_string);
    if (!word) return std::nullopt;
    words.push_back(to_text(*word));
  }
  return words;
}

Error bad_policy() {
  return {ErrorKind::invalid,
          "reading a clear-sign key's policy: it is not DER of the form that tokens write"};
}

}  // namespace

Bytes write_key_policy(const KeyPolicy& policy) {
  Bytes content;
  for (const std::uint32_t number : {std::uint32_t{1}, std::uint32_t{policy.pin_always ? 3U : 2U},
                                     std::uint32_t{policy.touch_always ? 2U : 1U}, policy.window}) {
    append(content, integer(number));
  }
  append(content, strings(der_sequence, policy.types));
  if (policy.kinds) append(content, strings(der_context(0), *policy.kinds));
  if (policy.sources) append(content, strings(der_context(1), *policy.sources));
  if (policy.custodian) append(content, der(der_context(2), *policy.custodian));
  return der(der_sequence, content);
}

Result<KeyPolicy> read_key_policy(ByteView bytes) {
  DerReader outer(bytes);
  const auto whole = outer.next(der_sequence);
  if (!whole || !outer.done()) return bad_policy();
  DerReader reader(*whole);
  const auto version = read_integer(reader);
  const auto pin = read_integer(reader);
  const auto touch = read_integer(reader);
  const auto window = read_integer(reader);
  const auto types = reader.next(der_sequence);
  const auto words = read_strings(types.value_or(ByteView{}));
  if (!version || *version != 1 || !pin || !touch || !window || !types || !words) return bad_policy();
  KeyPolicy policy;
  policy.pin_always = *pin == 3;
  policy.touch_always = *touch == 2;
  policy.window = *window;
  policy.types = *words;
  while (!reader.done()) {
    const auto element = reader.next();
    if (!element) return bad_policy();
    if (element->tag == der_context(0)) policy.kinds = read_strings(element->value);
    if (element->tag == der_context(1)) policy.sources = read_strings(element->value);
    if (element->tag == der_context(2)) policy.custodian = to_bytes(element->value);
  }
  const Bytes again = write_key_policy(policy);
  if (!std::equal(again.begin(), again.end(), bytes.begin(), bytes.end())) return bad_policy();
  return policy;
}

Bytes write_custodian(const Custodian& custodian) {
  Bytes list;
  for (const auto& holder : custodian.holders) {
    Bytes one = der(utf8_string, as_bytes(holder.id));
    append(one, der(der_octet_string, holder.point));
    append(list, der(der_sequence, one));
  }
  Bytes content = integer(static_cast<std::uint32_t>(custodian.threshold));
  append(content, der(der_sequence, list));
  return content;
}

Result<Custodian> read_custodian(ByteView content) {
  constexpr std::size_t kMaxHolders = 8;
  DerReader reader(content);
  const auto threshold = read_integer(reader);
  const auto list = reader.next(der_sequence);
  if (!threshold || !list || !reader.done()) return bad_policy();
  Custodian custodian{static_cast<int>(std::min(*threshold, std::uint32_t{kMaxHolders + 1})), {}};
  for (DerReader holders(*list); !holders.done();) {
    DerReader holder(holders.next(der_sequence).value_or(ByteView{}));
    const auto id = holder.next(utf8_string);
    const auto point = holder.next(der_octet_string);
    const bool ordered = id && (custodian.holders.empty() || custodian.holders.back().id < to_text(*id));
    if (!ordered || !point || !holder.done()) return bad_policy();
    custodian.holders.push_back({to_text(*id), to_bytes(*point)});
  }
  const auto count = custodian.holders.size();
  if (custodian.threshold < 1 || count > kMaxHolders || static_cast<std::size_t>(custodian.threshold) > count)
    return bad_policy();
  const Bytes again = write_custodian(custodian);
  if (!std::equal(again.begin(), again.end(), content.begin(), content.end())) return bad_policy();
  return custodian;
}

}  // namespace sceau::pki
