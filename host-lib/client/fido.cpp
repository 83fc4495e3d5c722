#include "sceau/client/fido.h"

#include <utility>

#include "sceau/token/fido_signer.h"

namespace sceau::client {
namespace {

using statement::Value;

constexpr std::size_t kLargestKeys = 4U << 20U;
constexpr const char* kDefaultRelyingParty = "localhost";

// What the maker says of the key, or why that is not enough.
Status check_attested(const token::FidoKey& key, const token::MadeFidoCredential& made, bool unattested) {
  const std::string what = "FIDO2 key \"" + key.name() + "\" ";
  if (unattested && (made.format == "none" || (made.format == "packed" && made.certificates.empty())))
    return {};
  if (made.format == "none")
    return Error{ErrorKind::refused,
                 what + "does not say who made it (no attestation): use a key whose maker attests it"};
  if (made.format != "packed")
    return Error{ErrorKind::refused, what + "attests in the format \"" + made.format +
                                         "\", and \"packed\" is wanted: use another model"};
  if (made.certificates.empty())
    return Error{ErrorKind::refused, what +
                                         "attests only itself, as software could: use a key whose maker "
                                         "attests it with a certificate"};
  return {};
}

Result<FidoKeys::Key> read_key(const Value& value, Digest& credential) {
  auto digest = statement::digest_field(value, "credential");
  auto person = statement::text_field(value, "person");
  auto serial = statement::text_field(value, "serial");
  auto public_key = statement::base64_field(value, "public_key");
  if (!digest) return digest.error();
  if (!person) return person.error();
  if (!serial) return serial.error();
  if (!public_key) return public_key.error();
  credential = *digest;
  return FidoKeys::Key{std::move(*person), std::move(*serial), std::move(*public_key)};
}

Enrolment describe(const std::string& person, const token::MadeFidoCredential& made, const Bytes& public_key,
                   Bytes attestation) {
  statement::Object key{{"attestation", sha256(attestation)},
                        {"credential", to_base64(made.id)},
                        {"public_key", to_base64(public_key)},
                        {"slot", "fido2"},
                        {"use", "sign"}};
  statement::Object token{{"attestation_chain", statement::Array{}},
                          {"keys", statement::Array{Value(std::move(key))}},
                          {"kind", "fido2"},
                          {"serial", evidence::fido_serial(made.id)}};
  Enrolment enrolment{person, Value(std::move(token)), Value(statement::Object{}), {}};
  enrolment.blobs.push_back(std::move(attestation));
  return enrolment;
}

}  // namespace

Result<evidence::RelyingParty> relying_party(const Value& policy) {
  evidence::RelyingParty party{kDefaultRelyingParty, {}};
  if (policy.contains("rp_id")) {
    auto id = statement::text_field(policy, "rp_id");
    if (!id) return id.error();
    party.id = std::move(*id);
  }
  if (policy.contains("origins")) {
    auto origins = statement::texts_field(policy, "origins");
    if (!origins) return origins.error();
    party.origins = std::move(*origins);
  }
  party.origins.push_back("https://" + party.id);
  if (party.id == kDefaultRelyingParty) party.origins.emplace_back("https://localhost:*");
  return party;
}

Result<FidoKeys> fido_keys(evidence::RelyingParty party, const statement::Array& tokens) {
  FidoKeys found{std::move(party), {}};
  for (const auto& token : tokens) {
    auto serial = statement::text_field(token, "serial");
    auto person = statement::text_field(token, "person");
    auto keys = statement::array_field(token, "keys");
    if (!serial) return serial.error();
    if (!person) return person.error();
    if (!keys) return keys.error();
    for (const auto& key : (*keys)->as_array()) {
      if (!key.contains("credential")) continue;
      auto credential = statement::base64_field(key, "credential");
      auto public_key = statement::base64_field(key, "public_key");
      if (!credential) return credential.error();
      if (!public_key) return public_key.error();
      found.keys[sha256(*credential)] = {*person, *serial, std::move(*public_key)};
    }
  }
  return found;
}

Bytes write_fido_keys(const FidoKeys& keys) {
  statement::Array list;
  for (const auto& [credential, key] : keys.keys)
    list.emplace_back(statement::Object{{"credential", credential},
                                        {"person", key.person},
                                        {"public_key", to_base64(key.public_key)},
                                        {"serial", key.serial}});
  return statement::to_canonical_bytes(statement::Object{{"keys", std::move(list)},
                                                         {"origins", statement::texts(keys.party.origins)},
                                                         {"rp_id", keys.party.id}});
}

Result<FidoKeys> read_fido_keys(ByteView bytes) {
  auto value = statement::parse_wire(bytes, kLargestKeys);
  if (!value) return value.error();
  auto party = statement::text_field(*value, "rp_id");
  auto origins = statement::texts_field(*value, "origins");
  auto keys = statement::array_field(*value, "keys");
  if (!party) return party.error();
  if (!origins) return origins.error();
  if (!keys) return keys.error();
  FidoKeys found{{std::move(*party), std::move(*origins)}, {}};
  for (const auto& one : (*keys)->as_array()) {
    Digest credential{};
    auto key = read_key(one, credential);
    if (!key) return key.error();
    found.keys[credential] = std::move(*key);
  }
  return found;
}

Result<Enrolment> make_fido_enrolment(token::FidoKey& key, const FidoPerson& person, token::PinSource& pins) {
  auto pin = token::fido_pin(key, key.name(), "make a credential", pins);
  if (!pin) return pin.error();
  evidence::FidoAttestation attestation;
  attestation.client_data = evidence::client_data(evidence::Ceremony::create,
                                                  evidence::enrolment_challenge(person.realm, person.id),
                                                  "https://" + person.rp_id);
  pins.awaits_touch(key.name());
  auto made = key.make({person.rp_id, person.handle, person.id, sha256(attestation.client_data)},
                       *pin ? &**pin : nullptr);
  if (!made) return made.error();
  if (auto attested = check_attested(key, *made, person.unattested); !attested) return attested.error();
  auto data = evidence::read_authenticator_data(made->authenticator_data);
  if (!data) return data.error().within("FIDO2 key \"" + key.name() + "\"");
  if (!data->attested || data->attested->id != made->id || !data->user_verified)
    return Error{ErrorKind::corrupt, "FIDO2 key \"" + key.name() +
                                         "\" describes another credential than it made, or verified nobody: "
                                         "use another key"};
  attestation.authenticator_data = made->authenticator_data;
  attestation.signature = made->signature;
  attestation.certificates = std::move(made->certificates);
  return describe(person.id, *made, data->attested->public_key, evidence::serialise(attestation));
}

}  // namespace sceau::client
