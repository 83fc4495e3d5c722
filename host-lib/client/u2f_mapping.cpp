#include "sceau/client/u2f_mapping.h"

#include "sceau/evidence/webauthn.h"

namespace sceau::client {
namespace {

constexpr std::size_t kPoint = 64;  // x || y of P-256

std::vector<std::string_view> split(std::string_view text, char by) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t at = text.find(by);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

Error malformed(std::size_t line, const std::string& what) {
  return {ErrorKind::invalid, "reading pamu2fcfg's file: line " + std::to_string(line) + ": " + what};
}

// RFC 5480: an uncompressed point of P-256.
Bytes spki_of(ByteView point) {
  Bytes spki = *from_hex("3059301306072a8648ce3d020106082a8648ce3d03010703420004");
  append(spki, point);
  return spki;
}

// "KeyHandle,PublicKey,CoseType,Options"
Result<U2fCredential> read_credential(std::string_view user, std::string_view text, std::size_t line) {
  const auto fields = split(text, ',');
  U2fCredential read{std::string(user), {}, {}, {}};
  if (fields.size() == 2) {
    read.why_not = "it was made by a pamu2fcfg older than 1.1.0: make it again";
    return read;
  }
  if (fields.size() != 4) return malformed(line, "a credential is not KeyHandle,PublicKey,CoseType,Options");
  if (fields[2] != "es256") {
    read.why_not = "its key is of the kind " + std::string(fields[2]) + ", and es256 is wanted";
    return read;
  }
  if (fields[0] == "*") {
    read.why_not = "the file does not say which credential it is ('pamu2fcfg -r'): make one without -r";
    return read;
  }
  auto id = from_base64(fields[0]);
  auto point = from_base64(fields[1]);
  if (!id || id->empty() || id->size() > evidence::max_credential_id_bytes)
    return malformed(line, "a key handle is no base64, or too long");
  if (!point || point->size() != kPoint) return malformed(line, "a public key is no point of P-256");
  read.id = std::move(*id);
  read.public_key = spki_of(*point);
  return read;
}

}  // namespace

Result<std::vector<U2fCredential>> read_u2f_mapping(std::string_view text) {
  if (text.size() > kLargestU2fMapping)
    return Error{ErrorKind::invalid, "reading pamu2fcfg's file: it is too large"};
  std::vector<U2fCredential> found;
  std::size_t number = 0;
  for (std::string_view line : split(text, '\n')) {
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.front() == '#') continue;
    const auto parts = split(line, ':');
    if (parts.size() < 2 || parts[0].empty())
      return malformed(number, "it is not user:KeyHandle,PublicKey,CoseType,Options");
    for (std::size_t i = 1; i < parts.size(); ++i) {
      auto credential = read_credential(parts[0], parts[i], number);
      if (!credential) return credential.error();
      found.push_back(std::move(*credential));
    }
  }
  return found;
}

}  // namespace sceau::client
