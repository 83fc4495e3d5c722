#include "sceau/client/sign.h"

#include "sceau/evidence/cades.h"
#include "sceau/evidence/verifier.h"
#include "sceau/evidence/webauthn.h"
#include "sceau/statement/schema.h"
#include "sceau/statement/statement.h"

namespace sceau::client {
namespace {

Result<Signatory> fido_signatory(const token::KeyInfo& key) {
  if (statement::is_registry_id(key.person)) return Signatory{key.person, std::nullopt, {}};
  return Error{ErrorKind::invalid, "the credential on " + key.reader +
                                       " was made for nobody whom a registry could name: make another with "
                                       "'sceau token init --fido2'"};
}

// An act in a session goes without a touch.
bool wants_touch(ByteView statement) {
  const auto act = statement::read_statement(statement);
  if (!act || act->type != "extraction.request") return true;
  const auto kind = statement::text_field(act->body, "kind");
  return !kind || *kind != "work";
}

// Everything about an assertion that can be told without knowing whose key it should be by.
Status check_form(const evidence::Assertion& assertion, const Digest& challenge,
                  const evidence::RelyingParty& party) {
  auto fits = evidence::check_client_data(assertion.client_data, evidence::Ceremony::get, challenge, party);
  if (!fits) return fits;
  auto data = evidence::read_authenticator_data(assertion.authenticator_data);
  if (!data) return data.error();
  if (data->rp_id_hash != sha256(as_bytes(party.id)))
    return Error{ErrorKind::refused, "it is for another relying party"};
  if (!data->user_verified) return Error{ErrorKind::refused, "its user was not verified"};
  return {};
}

Result<evidence::Signature> sign_with_fido(token::Signer& signer, const token::KeyInfo& key,
                                           token::PinSource& pins, ByteView statement) {
  auto who = fido_signatory(key);
  if (!who) return who.error();
  // pamu2fcfg's RP ids (pam://NAME) are origins themselves.
  const bool is_origin = key.rp_id.find("://") != std::string::npos;
  const evidence::RelyingParty party{key.rp_id, {is_origin ? key.rp_id : "https://" + key.rp_id}};
  const auto challenge = statement::digest(statement);
  const Bytes client_data = evidence::client_data(evidence::Ceremony::get, challenge, party.origins.front());
  token::ToSign order{statement, {}};
  order.client_data = client_data;
  order.presence = wants_touch(statement);
  auto made = signer.sign(order, pins);
  if (!made) return made.error();
  if (!made->assertion)
    return Error{ErrorKind::corrupt, "the token on " + key.reader + " gave no assertion: do not use it"};
  const evidence::Assertion assertion{made->assertion->credential_id, made->assertion->authenticator_data,
                                      made->assertion->client_data_json, made->signature};
  Status checked = check_form(assertion, challenge, party);
  if (checked && !key.public_key.empty()) {
    auto verified = evidence::verify_assertion(assertion, challenge, key.public_key, party);
    if (!verified) checked = verified.error();
  }
  if (!checked)
    return Error{ErrorKind::corrupt, "the token's signature does not verify (" + checked.error().message +
                                         "): do not use this token, and tell an administrator"};
  return evidence::Signature{who->person, evidence::webauthn_kind, evidence::serialise(assertion)};
}

Result<Signatory> certified(const token::KeyInfo& key) {
  const std::string where = "the certificate in slot " + key.slot + " of " + key.reader;
  auto certificate = pki::Certificate::from_der(key.certificate);
  if (!certificate) return certificate.error().within(where);
  Signatory who{certificate->person(), *certificate, {}};
  if (!statement::is_registry_id(who.person)) {
    return Error{ErrorKind::invalid,
                 where +
                     " names no person (a registry id in the subject's serialNumber, or in its "
                     "common name): ask an administrator for one made by 'sceau token init'"};
  }
  for (const auto& der : key.chain) {
    auto link = pki::Certificate::from_der(der);
    if (!link) return link.error().within("a certificate beside " + where);
    who.chain.push_back(*link);
  }
  return who;
}

// Reading a certificate takes OpenSSL several times as long as verifying a signature.
Result<const Signatory*> remembered(const token::KeyInfo& key, SigningMemory& memory) {
  DigestStream all;
  all.update(key.certificate);
  for (const auto& der : key.chain) all.update(der);
  const Digest name = all.current();
  const auto known = memory.signatories.find(name);
  if (known != memory.signatories.end()) return &known->second;
  auto who = certified(key);
  if (!who) return who.error();
  return &memory.signatories.emplace(name, std::move(*who)).first->second;
}

}  // namespace

Result<Signatory> signatory(token::Signer& signer) {
  auto key = signer.key();
  if (!key) return key.error();
  return key->kind == token::SignatureKind::webauthn ? fido_signatory(*key) : certified(*key);
}

Result<evidence::Signature> sign_statement(token::Signer& signer, token::PinSource& pins, ByteView statement,
                                           Time signing_time, const Decided& about, SigningMemory* memory) {
  if (statement.empty()) return Error{ErrorKind::invalid, "there is nothing to sign"};
  auto key = signer.key();
  if (!key) return key.error();
  if (key->kind == token::SignatureKind::webauthn) return sign_with_fido(signer, *key, pins, statement);
  SigningMemory own;
  SigningMemory& known = memory == nullptr ? own : *memory;
  auto found = remembered(*key, known);
  if (!found) return found.error();
  const Signatory& who = **found;
  const auto& certificate = *who.certificate;
  const auto digest = statement::digest(statement);
  const auto attributes = evidence::signed_attributes(digest, certificate, signing_time);
  auto made = signer.sign({statement, attributes, signing_time, about.request, about.evidence}, pins);
  if (!made) return made.error();
  const auto& really_signed = made->attributes.empty() ? attributes : made->attributes;
  using evidence::SignatureAlgorithm;
  auto cades = made->rsa_pss
                   ? evidence::assemble_cades(certificate, who.chain, really_signed, made->signature,
                                              SignatureAlgorithm::rsa_pss_sha256)
                   : evidence::assemble_cades(certificate, who.chain, really_signed, made->signature);
  if (!cades) return cades.error();
  evidence::Signature signature{who.person, "cades", std::move(*cades)};
  if (auto checked = known.verifier.verify_signature_only(signature, digest); !checked) {
    return Error{ErrorKind::corrupt, "the token's signature does not verify (" + checked.error().message +
                                         "): do not use this token, and tell an administrator"};
  }
  return signature;
}

}  // namespace sceau::client
