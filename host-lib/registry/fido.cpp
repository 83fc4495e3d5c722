// FIDO2 keys: tokens with one credential, attested by their maker, that signs statements as WebAuthn
// assertions.
//
// The statement's digest is the challenge, so that one credential serves log-ins and requests alike: what it
// signed says what it is for. A FIDO2 key has no certificate, no PUK of ours and no serial number: its token
// is named after its credential.
#include <algorithm>

#include "rules.h"
#include "sceau/evidence/fido_attestation.h"
#include "sceau/statement/statement.h"

namespace sceau::registry {
namespace {

using statement::Value;

// As pamu2fcfg names a machine.
constexpr std::string_view kImportedScheme = "pam://";

Status check_form(const Value& token, const Value& key, const std::string& name) {
  if (array_of(token, "keys").size() != 1 || text_of(key, "use") != key_purpose_text(KeyPurpose::sign))
    return refusal(name + " is a FIDO2 key, which has one credential, for sign: name it alone");
  if (token.contains("authority") || !array_of(token, "attestation_chain").empty() ||
      key.contains("certificate"))
    return refusal(name +
                   " is a FIDO2 key, which has no certificate: its attestation says all: leave the rest out");
  if (!key.contains("attestation") || !key.contains("credential"))
    return refusal(name +
                   " may be software-made: it has no attestation: make the credential with a key whose maker "
                   "attests it");
  return {};
}

// pamu2fcfg's: nobody attests it, so two administrators vouch where policy lets them, for one machine alone.
Status check_imported(const Policy& policy, const Value& token, const std::string& name) {
  const Value& key = array_of(token, "keys").front();
  if (!policy.u2f_import)
    return refusal(
        name +
        " may be software-made: it was imported and has no attestation, and policy's u2f_import does "
        "not allow it: enrol the key with 'sceau token init --fido2'");
  const bool bare = array_of(token, "keys").size() == 1 && array_of(token, "attestation_chain").empty() &&
                    !token.contains("authority") && !key.contains("attestation") &&
                    !key.contains("certificate") && key.contains("credential");
  if (!bare || text_of(key, "use") != key_purpose_text(KeyPurpose::login) || text_of(key, "slot") != "fido2")
    return refusal(name + " is imported, and has one credential, for login: name it alone");
  const std::string& rp_id = text_of(key, "rp_id");
  if (!rp_id.starts_with(kImportedScheme) || rp_id.size() == kImportedScheme.size())
    return refusal(name + " is imported from \"" + rp_id +
                   "\": only credentials of a machine (pam://NAME) are");
  const auto credential = from_base64(text_of(key, "credential"));
  if (!credential) return credential.error().within(name);
  if (text_of(token, "serial") == evidence::fido_serial(*credential)) return {};
  return refusal(name + " is not named after its credential: it is token " +
                 evidence::fido_serial(*credential));
}

// Whether `kind` of extraction may be signed without a touch.
bool goes_without_touch(const statement::Statement& statement) {
  return statement.type == "extraction.request" && text_of(statement.body, "kind") == "work";
}

}  // namespace

bool is_fido(const Value& token) { return text_of(token, "kind") == "fido2"; }

bool is_imported(const Value& token) {
  return is_fido(token) && array_of(token, "keys").front().contains("rp_id");
}

bool attests_itself(const Token& token, const BlobSource& blob) {
  const TokenKey& key = token.keys.front();
  if (key.credential.empty() || !key.attestation) return false;
  const auto bytes = blob(*key.attestation);
  const auto attestation = bytes ? evidence::read_fido_attestation(*bytes) : bytes.error();
  return attestation && attestation->certificates.empty();
}

Status check_imported_use(const statement::Statement& statement, const std::string& own_rp_id) {
  const std::string machine = own_rp_id.substr(std::min(own_rp_id.size(), kImportedScheme.size()));
  if (is_host_login(statement) && text_of(statement.body, "audience") == std::string(kHostAudience) + machine)
    return {};
  return refusal(statement.type + " is not signed with a key that was imported for logging in to " + machine +
                 ": enrol it with 'sceau token init --fido2'");
}

evidence::RelyingParty fido_party(const Policy& policy, const std::string& own_rp_id) {
  if (own_rp_id.empty()) return {policy.rp_id, policy.origins};
  return {own_rp_id, {own_rp_id}};
}

Status check_fido_token(const TokenCheck& check, const Value& token, std::string_view holder) {
  const std::string name = "token " + text_of(token, "serial");
  if (is_imported(token)) return check_imported(check.state.policy, token, name);
  const Value& key = array_of(token, "keys").front();
  if (auto form = check_form(token, key, name); !form) return form;
  const auto credential = from_base64(text_of(key, "credential"));
  if (!credential) return credential.error().within(name);
  if (text_of(token, "serial") != evidence::fido_serial(*credential) || text_of(key, "slot") != "fido2")
    return refusal(name + " is not named after its credential: it is token " +
                   evidence::fido_serial(*credential) + ", with slot fido2");
  auto blob = check.context.blob(digest_of(key, "attestation"));
  if (!blob) return refusal(name + " has no attestation: " + blob.error().message);
  auto attestation = evidence::read_fido_attestation(*blob);
  if (!attestation) return attestation.error().within(name);
  const Digest challenge = evidence::enrolment_challenge(check.state.realm, holder);
  const Policy& policy = check.state.policy;
  const evidence::FidoTrust trust{check.attestation_roots,
                                  check.state.fido_metadata ? &*check.state.fido_metadata : nullptr,
                                  policy.fido_self_attestation};
  auto attested = evidence::check_fido_attestation(*attestation, challenge, fido_party(policy, {}), trust,
                                                   check.context.now);
  if (!attested) return attested.error().within(name);
  const auto public_key = from_base64(text_of(key, "public_key"));
  if (!public_key || attested->public_key != *public_key || attested->id != *credential)
    return refusal(name + " is software-made: its attestation is for another credential");
  return {};
}

Status check_assertion(const Registry::State& state, const Submission& submission,
                       const evidence::Signature& signature, ByteView public_key,
                       const std::string& own_rp_id, Signer& signer) {
  auto assertion = evidence::read_assertion(signature.bytes);
  if (!assertion) return assertion.error();
  auto data = evidence::verify_assertion(*assertion, submission.digest, public_key,
                                         fido_party(state.policy, own_rp_id));
  if (!data) return data.error();
  if (!data->user_present && !goes_without_touch(submission.statement))
    return refusal(submission.statement.type + " wants a touch, and the key was not touched: sign it again");
  if (data->counter != 0) signer.counter = data->counter;
  return {};
}

Status check_fido_counter(const Registry::State& state, const Signer& signer,
                          std::vector<std::string>& alarms) {
  const auto place = state.key_by_certificate.find(signer.certificate);
  if (place == state.key_by_certificate.end()) return {};
  const std::uint32_t last = state.tokens[place->second.token].keys[place->second.key].signature_counter;
  const std::uint32_t counter = signer.counter.value_or(0);
  if (last == 0 || counter > last) return {};
  const std::string what = "token " + signer.serial + " counted back from " + std::to_string(last) + " to " +
                           std::to_string(counter) + ": there may be a copy of it";
  if (state.policy.refuse_counter_step_back) return refusal(what + ": suspend it, and tell an administrator");
  alarms.push_back(what);
  return {};
}

void note_fido_counter(Registry::State& state, const evidence::Signature& signature) {
  const auto assertion = evidence::read_assertion(signature.bytes);
  if (!assertion) return;
  const auto place = state.key_by_certificate.find(sha256(assertion->credential));
  const auto data = evidence::read_authenticator_data(assertion->authenticator_data);
  if (place == state.key_by_certificate.end() || !data) return;
  std::uint32_t& highest = state.tokens[place->second.token].keys[place->second.key].signature_counter;
  highest = std::max(highest, data->counter);
}

}  // namespace sceau::registry
