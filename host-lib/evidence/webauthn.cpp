#include "sceau/evidence/webauthn.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <algorithm>

#include "ecdsa.h"
#include "sceau/base/handle.h"
#include "sceau/statement/schema.h"
#include "sceau/statement/value.h"

namespace sceau::evidence {

namespace {

using PublicKey = Handle<EVP_PKEY, EVP_PKEY_free>;

constexpr std::size_t max_assertion_bytes = 16384;
constexpr std::uint8_t flag_user_present = 0x01, flag_user_verified = 0x04, flag_backup_eligible = 0x08,
                       flag_backed_up = 0x10, flag_attested = 0x40, flag_extensions = 0x80;
constexpr std::size_t fixed_bytes = 37;  // RP id hash, flags, counter

// COSE_Key of ES256 in CTAP2's canonical CBOR: {1: 2, 3: -7, -1: 1, -2: x, -3: y}.
constexpr std::uint8_t cose_before_x[] = {0xA5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20};
constexpr std::uint8_t cose_before_y[] = {0x22, 0x58, 0x20};
constexpr std::size_t coordinate_bytes = 32;
constexpr std::size_t cose_bytes = sizeof cose_before_x + sizeof cose_before_y + 2 * coordinate_bytes;
// SubjectPublicKeyInfo of an uncompressed point on P-256 (RFC 5480 section 2).
constexpr std::uint8_t spki_before_x[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48,
                                          0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48,
                                          0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04};

Error invalid(const std::string& what) {
  return {ErrorKind::invalid, "reading a FIDO2 key's answer: " + what};
}
Error refused(const std::string& what) {
  return {ErrorKind::refused, "checking a FIDO2 key's answer: " + what};
}

bool begins_with(ByteView bytes, ByteView prefix) {
  return bytes.size() >= prefix.size() && std::ranges::equal(bytes.first(prefix.size()), prefix);
}

// RFC 4648 section 5, without padding.
std::string to_base64url(ByteView bytes) {
  std::string text = to_base64(bytes);
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  text.erase(std::ranges::find(text, '='), text.end());
  return text;
}

// Null when these bytes are no key on the curve.
PublicKey read_public_key(ByteView spki) {
  const std::uint8_t* at = spki.data();
  PublicKey key(d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size())));
  const bool whole = key != nullptr && at == spki.data() + spki.size();
  ERR_clear_error();
  if (!whole || spki.size() != sizeof spki_before_x + 2 * coordinate_bytes ||
      !begins_with(spki, spki_before_x))
    return nullptr;
  return key;
}

Result<Bytes> read_cose_key(ByteView cose) {
  if (cose.size() < cose_bytes || !begins_with(cose, cose_before_x) ||
      !begins_with(cose.subspan(sizeof cose_before_x + coordinate_bytes), cose_before_y)) {
    return invalid("its public key is not of kind ES256: use a key that makes such credentials");
  }
  const ByteView x = cose.subspan(sizeof cose_before_x, coordinate_bytes);
  const ByteView y = cose.subspan(cose_bytes - coordinate_bytes, coordinate_bytes);
  Bytes spki = to_bytes(ByteView(spki_before_x));
  append(spki, x);
  append(spki, y);
  if (read_public_key(spki) == nullptr) return invalid("its public key is no point of P-256");
  return spki;
}

// What stands after the fixed part when the flag AT is set; `rest` becomes what follows it.
Result<AttestedCredential> read_attested(ByteView& rest) {
  constexpr std::size_t before_id = 18;  // AAGUID, length
  AttestedCredential attested;
  if (rest.size() < before_id) return invalid("its attested credential data ends too early");
  std::ranges::copy(rest.first(attested.aaguid.size()), attested.aaguid.begin());
  const std::size_t length = read_u16(rest.subspan<16, 2>());
  rest = rest.subspan(before_id);
  if (length == 0 || length > max_credential_id_bytes || rest.size() < length)
    return invalid("its credential id is empty, too long or cut off");
  attested.id = to_bytes(rest.first(length));
  rest = rest.subspan(length);
  auto key = read_cose_key(rest);
  if (!key) return key.error();
  attested.public_key = std::move(*key);
  rest = rest.subspan(cose_bytes);
  return attested;
}

// Section 5.8.1.1, CCDToString: only what cannot stand in a JSON string as it is.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string client_data_start(Ceremony ceremony, const Digest& challenge) {
  const std::string type = ceremony == Ceremony::create ? "webauthn.create" : "webauthn.get";
  return R"({"type":")" + type + R"(","challenge":")" + to_base64url(challenge) + R"(","origin":)";
}

constexpr std::string_view not_cross_origin = R"(,"crossOrigin":false)";

}  // namespace

Bytes serialise(const Assertion& assertion) {
  return statement::to_canonical_bytes(
      statement::Object{{"authenticator_data", to_base64(assertion.authenticator_data)},
                        {"client_data", to_base64(assertion.client_data)},
                        {"credential", to_base64(assertion.credential)},
                        {"signature", to_base64(assertion.signature)}});
}

Result<Assertion> read_assertion(ByteView bytes) {
  const auto value = statement::parse_wire(bytes, max_assertion_bytes);
  if (!value) return value.error().within("reading a FIDO2 key's answer");
  Assertion assertion;
  const std::pair<const char*, Bytes Assertion::*> fields[] = {
      {"authenticator_data", &Assertion::authenticator_data},
      {"client_data", &Assertion::client_data},
      {"credential", &Assertion::credential},
      {"signature", &Assertion::signature}};
  for (const auto& [name, member] : fields) {
    auto content = statement::base64_field(*value, name);
    if (!content) return invalid(content.error().message);
    if (content->empty()) return invalid(std::string(name) + " is empty");
    assertion.*member = std::move(*content);
  }
  if (value->as_object().size() != std::size(fields)) return invalid("it has a field that is not known");
  if (assertion.credential.size() > max_credential_id_bytes) return invalid("its credential id is too long");
  return assertion;
}

Result<AuthenticatorData> read_authenticator_data(ByteView bytes) {
  if (bytes.size() < fixed_bytes) return invalid("its authenticator data ends too early");
  AuthenticatorData data;
  std::ranges::copy(bytes.first(data.rp_id_hash.size()), data.rp_id_hash.begin());
  const std::uint8_t flags = bytes[32];
  data.user_present = (flags & flag_user_present) != 0;
  data.user_verified = (flags & flag_user_verified) != 0;
  if ((flags & flag_backed_up) != 0 && (flags & flag_backup_eligible) == 0)
    return invalid("its flags say that a credential is backed up which cannot be");
  for (const std::uint8_t byte : bytes.subspan(33, 4)) data.counter = (data.counter << 8U) | byte;
  ByteView rest = bytes.subspan(fixed_bytes);
  if ((flags & flag_attested) != 0) {
    auto attested = read_attested(rest);
    if (!attested) return attested.error();
    data.attested = std::move(*attested);
  }
  if (rest.empty() == ((flags & flag_extensions) != 0))
    return invalid("its authenticator data does not end where its flags say");
  return data;
}

Bytes client_data(Ceremony ceremony, const Digest& challenge, const std::string& origin) {
  std::string text = client_data_start(ceremony, challenge) + quoted(origin);
  text.append(not_cross_origin);
  return to_bytes(text + "}");
}

namespace {

Status check_challenge(ByteView client_data, Ceremony ceremony, const Digest& challenge) {
  if (as_text(client_data).starts_with(client_data_start(ceremony, challenge))) return {};
  return invalid("it answers another question: the bytes were changed, or the files do not belong together");
}

// `port`, where the pattern's end ":*" leaves it open.
bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// Whether the rest of the client data, after `"origin":`, begins with this origin: the length of it, or
// nothing.
std::optional<std::size_t> origin_length(std::string_view rest, const std::string& origin) {
  if (!origin.ends_with(":*")) {
    const std::string exact = quoted(origin);
    return rest.starts_with(exact) ? std::optional(exact.size()) : std::nullopt;
  }
  std::string start = quoted(origin.substr(0, origin.size() - 1));
  start.pop_back();
  const std::size_t end = rest.starts_with(start) ? rest.find('"', start.size()) : std::string_view::npos;
  if (end == std::string_view::npos || !is_port(rest.substr(start.size(), end - start.size())))
    return std::nullopt;
  return end + 1;
}

Status check_origin(ByteView client_data, Ceremony ceremony, const RelyingParty& party) {
  const std::string_view rest = as_text(client_data).substr(client_data_start(ceremony, {}).size());
  for (const std::string& origin : party.origins) {
    const auto length = origin_length(rest, origin);
    if (!length || !rest.substr(*length).starts_with(not_cross_origin)) continue;
    const std::string_view end = rest.substr(*length + not_cross_origin.size());
    if (end == "}" || (end.starts_with(',') && end.ends_with('}'))) return {};
  }
  return refused("it was made at an origin that does not speak for " + party.id +
                 ", or inside another's page");
}

}  // namespace

Status check_client_data(ByteView client_data, Ceremony ceremony, const Digest& challenge,
                         const RelyingParty& party) {
  if (auto fits = check_challenge(client_data, ceremony, challenge); !fits) return fits;
  return check_origin(client_data, ceremony, party);
}

Result<AuthenticatorData> verify_assertion(const Assertion& assertion, const Digest& challenge,
                                           ByteView public_key, const RelyingParty& party) {
  if (auto fits = check_challenge(assertion.client_data, Ceremony::get, challenge); !fits)
    return fits.error();
  auto data = read_authenticator_data(assertion.authenticator_data);
  if (!data) return data;
  if (data->attested) return invalid("an assertion holds no new key");
  const PublicKey key = read_public_key(public_key);
  if (key == nullptr) return invalid("the credential's public key is not of kind ES256");
  Bytes message = assertion.authenticator_data;
  append(message, sha256(assertion.client_data));
  if (!made_by(key.get(), message, assertion.signature))
    return invalid("the credential's key did not make it");
  // From here on it is this key's signature; what follows is whether it is good enough.
  if (auto fits = check_origin(assertion.client_data, Ceremony::get, party); !fits) return fits.error();
  if (data->rp_id_hash != sha256(as_bytes(party.id)))
    return refused("it was made for another RP id than " + party.id);
  if (!data->user_verified)
    return refused("the key did not verify its user: set a PIN or a fingerprint on it, and sign again");
  return data;
}

}  // namespace sceau::evidence
