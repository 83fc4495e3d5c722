#include "enrolments.h"

#include "sceau/evidence/attestation_object.h"
#include "sceau/registry/registry.h"
#include "sceau/statement/schema.h"
#include "sceau/statement/value.h"

namespace sceau::web {
namespace {

using statement::Object;
using statement::Value;

// FORMATS.md, "Tokens in statements", in an enrolment file as client/enrolment.h has it.
Value enrolment_of(const std::string& person, const evidence::AttestedCredential& credential,
                   const Bytes& attestation) {
  Object key{{"attestation", sha256(attestation)},
             {"credential", to_base64(credential.id)},
             {"public_key", to_base64(credential.public_key)},
             {"slot", "fido2"},
             {"use", "sign"}};
  Object token{{"attestation_chain", statement::Array{}},
               {"keys", statement::Array{Value(std::move(key))}},
               {"kind", "fido2"},
               {"serial", evidence::fido_serial(credential.id)}};
  return Object{{"blobs", statement::Array{Value(to_base64(attestation))}},
                {"escrow", Object{}},
                {"person", person},
                {"sceau", 1},
                {"token", std::move(token)}};
}

}  // namespace

Result<std::string> Enrolments::begin(std::string_view person) const {
  if (!statement::is_registry_id(person))
    return Error{ErrorKind::invalid, "making a credential: that is no person's id: write it as 'dave'"};
  const std::string& realm = gate_.config().realm;
  std::string rp_id;
  gate_.with_registry([&](const registry::Registry& registry) { rp_id = registry.policy().rp_id; });
  return statement::to_canonical(
      Object{{"challenge", to_base64(evidence::enrolment_challenge(realm, person))},
             {"realm", realm},
             {"rp_id", rp_id}});
}

Result<std::string> Enrolments::finish(const std::string& made) const {
  const std::string doing = "making an enrolment file";
  auto value = statement::parse_wire(as_bytes(made), kEnrolmentLimit);
  if (!value) return value.error().within(doing);
  auto person = statement::text_field(*value, "person");
  auto object = statement::base64_field(*value, "attestation_object");
  auto client_data = statement::base64_field(*value, "client_data");
  if (!person) return person.error().within(doing);
  if (!object) return object.error().within(doing);
  if (!client_data) return client_data.error().within(doing);
  if (value->as_object().size() != 3 || !statement::is_registry_id(*person))
    return Error{ErrorKind::invalid,
                 doing + ": send attestation_object, client_data and a person's id alone"};
  auto attestation = evidence::read_attestation_object(*object, std::move(*client_data));
  if (!attestation) return attestation.error().within(doing);
  const Digest challenge = evidence::enrolment_challenge(gate_.config().realm, *person);
  evidence::RelyingParty party;
  std::vector<pki::Certificate> roots;
  std::optional<evidence::FidoMetadata> metadata;
  bool unattested = false;
  gate_.with_registry([&](const registry::Registry& registry) {
    party = {registry.policy().rp_id, registry.policy().origins};
    roots = registry.attestation_roots();
    metadata = registry.fido_metadata();
    unattested = registry.policy().fido_self_attestation;
  });
  auto credential = evidence::check_fido_attestation(
      *attestation, challenge, party, {roots, metadata ? &*metadata : nullptr, unattested}, clock_.now());
  if (!credential) return credential.error().within(doing);
  return statement::to_canonical(
      Object{{"enrolment", enrolment_of(*person, *credential, evidence::serialise(*attestation))},
             {"serial", evidence::fido_serial(credential->id)}});
}

}  // namespace sceau::web
