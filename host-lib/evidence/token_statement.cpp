#include "sceau/evidence/token_statement.h"

#include <algorithm>

#include "sceau/pki/der.h"

namespace sceau::evidence {
namespace {

using pki::DerReader;

constexpr std::uint8_t covers_tag = 0x80;

Error bad() {
  return {ErrorKind::invalid, "reading a token statement: it is not DER of the form that tokens write"};
}

std::optional<std::uint32_t> number(DerReader& reader) {
  const auto bytes = reader.next(pki::der_integer);
  if (!bytes || bytes->empty() || bytes->size() > 5 || bytes->front() >= 0x80) return std::nullopt;
  if (bytes->size() > 1 && bytes->front() == 0 && (*bytes)[1] < 0x80) return std::nullopt;
  std::uint64_t value = 0;
  for (const std::uint8_t byte : *bytes) value = (value << 8U) | byte;
  if (value > 0xFFFFFFFF) return std::nullopt;
  return static_cast<std::uint32_t>(value);
}

std::optional<bool> truth(DerReader& reader) {
  const auto byte = reader.next(pki::der_boolean);
  if (!byte || byte->size() != 1 || (byte->front() != 0 && byte->front() != 0xFF)) return std::nullopt;
  return byte->front() != 0;
}

std::optional<Digest> digest(std::optional<ByteView> bytes) {
  Digest read{};
  if (!bytes || bytes->size() != read.size()) return std::nullopt;
  std::copy(bytes->begin(), bytes->end(), read.begin());
  return read;
}

}  // namespace

Result<TokenStatement> read_token_statement(ByteView der) {
  DerReader outer(der);
  const auto whole = outer.next(pki::der_sequence);
  if (!whole || !outer.done()) return bad();
  DerReader fields(*whole);
  const auto version = number(fields);
  const auto serial = fields.next(pki::der_octet_string);
  const auto firmware = fields.next(pki::der_octet_string);
  const auto counter = number(fields);
  const auto presence = truth(fields);
  const auto verified = truth(fields);
  const auto shown = digest(fields.next(pki::der_octet_string));
  const auto journal = digest(fields.next(pki::der_octet_string));
  if (!version || *version != 1 || !serial || serial->size() != 4 || !firmware ||
      (!firmware->empty() && firmware->size() != sizeof(Digest)) || !counter || *counter == 0 || !presence ||
      !verified || !shown || !journal) {
    return bad();
  }
  TokenStatement read{0, to_bytes(*firmware), *counter, *presence, *verified, *shown, *journal, {}};
  for (const std::uint8_t byte : *serial) read.serial = (read.serial << 8U) | byte;
  if (!fields.done()) {
    read.covers = digest(fields.next(covers_tag));
    if (!read.covers || !fields.done()) return bad();
  }
  return read;
}

}  // namespace sceau::evidence
