// Signatures: what verified, whose keys they are, and whether those are good now.
#include <algorithm>

#include "rules.h"
#include "sceau/evidence/cades.h"
#include "sceau/evidence/webauthn.h"

namespace sceau::registry {
namespace {

using evidence::Signature;

bool enrols(std::string_view type) {
  return type == "genesis" || type == "token.enrol" || type == "token.renew" || type == "token.replace";
}

// The key of a token description that has this certificate, or this credential id.
const statement::Value* described_key(const statement::Value& token, const Digest& name) {
  for (const statement::Value& key : array_of(token, "keys")) {
    if (key.contains("certificate") && digest_of(key, "certificate") == name) return &key;
    if (!key.contains("credential")) continue;
    const auto credential = from_base64(text_of(key, "credential"));
    if (credential && sha256(*credential) == name) return &key;
  }
  return nullptr;
}

// That key where the body describes a token of `person` with it.
const statement::Value* new_key(const statement::Statement& statement, std::string_view person,
                                const Digest& name) {
  const auto in_token = [&](const statement::Value& about) -> const statement::Value* {
    const statement::Value* token = about.find("token");
    if (token == nullptr || text_of(about, "person") != person) return nullptr;
    return described_key(*token, name);
  };
  if (!enrols(statement.type)) return nullptr;
  if (statement.type != "genesis") return in_token(statement.body);
  for (const statement::Value& administrator : array_of(statement.body, "administrators")) {
    if (const auto* key = in_token(administrator)) return key;
  }
  return nullptr;
}

// Whose key a signature claims to be by.
struct Claim {
  Signer signer;
  bool ever_enrolled = false;
  pki::KeyUse use = pki::KeyUse::sign;
  Bytes public_key;   // of a FIDO2 key; else its certificate has it
  std::string rp_id;  // of an imported one
};

Result<Claim> claim_of(const Registry::State& state, const Submission& submission,
                       const Signature& signature) {
  const auto name = key_name(signature);
  if (!name) return name.error();
  Claim claim;
  claim.signer.person = signature.person;
  claim.signer.certificate = *name;
  claim.signer.fido2 = signature.kind == evidence::webauthn_kind;
  if (const auto gate = state.gate_by_certificate.find(*name); gate != state.gate_by_certificate.end()) {
    if (gate->second != signature.person) return refusal("the gate's key signs for " + signature.person);
    claim.signer.gate = claim.ever_enrolled = true;
    claim.use = pki::KeyUse::result;
    return claim;
  }
  const auto place = state.key_by_certificate.find(*name);
  if (place != state.key_by_certificate.end()) {
    const Token& token = state.tokens[place->second.token];
    claim.ever_enrolled = true;
    claim.signer.enrolled = true;
    claim.signer.serial = token.serial;
    claim.signer.token = place->second.token;
    const TokenKey& key = token.keys[place->second.key];
    claim.signer.purpose = key.purpose;
    if (claim.signer.fido2) claim.public_key = key.public_key;
    claim.rp_id = key.rp_id;
    if (token.person != signature.person) {
      return refusal("token " + token.serial + " is " + token.person +
                     "'s, and the signature is said to be " + signature.person + "'s");
    }
  } else if (const auto* key = new_key(submission.statement, signature.person, *name)) {
    claim.signer.purpose = key_purpose_from_text(text_of(*key, "use")).value_or(KeyPurpose::sign);
    auto public_key = from_base64(text_of(*key, "public_key"));
    if (!public_key) return public_key.error();
    if (claim.signer.fido2) claim.public_key = std::move(*public_key);
  } else {
    return refusal("the key that signed for " + signature.person +
                   " is not enrolled: enrol the token with 'sceau token enrol'");
  }
  if (claim.signer.purpose == KeyPurpose::login) claim.use = pki::KeyUse::login;
  return claim;
}

Status check_token_state(const Token& token) {
  switch (token.state) {
    case TokenState::active:
      return {};
    case TokenState::suspended:
      return refusal("token " + token.serial + " of " + token.person +
                     " is suspended: two administrators resume it with token.resume");
    case TokenState::revoked:
      return refusal("token " + token.serial + " of " + token.person +
                     " is revoked: sign with another, or enrol one with token.replace");
    case TokenState::ended:
      return refusal("token " + token.serial + " of " + token.person +
                     " was renewed or replaced: sign with the new key");
  }
  return {};
}

// The enrolled key, its token and its owner are good now, and the key is one for this act.
Status check_claim(const Registry::State& state, const Submission& submission, const Claim& claim, Time now) {
  const Signer& signer = claim.signer;
  if (signer.gate) return {};
  const std::string& type = submission.statement.type;
  if (signer.enrolled) {
    if (auto token = check_token_state(state.tokens[*signer.token]); !token) return token;
  }
  if (type != "genesis") {
    if (auto person = active_person(state, signer.person, now); !person) return person.error();
  }
  const bool login = type == "login";
  // A FIDO2 key has one credential for both: what it signed says what it is for. An imported one is for
  // logging in to machines.
  if (signer.fido2 && signer.purpose != KeyPurpose::login) return {};
  if (signer.fido2) return check_imported_use(submission.statement, claim.rp_id);
  if (login != (signer.purpose == KeyPurpose::login)) {
    return refusal(type + " is not signed with a key for " + std::string(key_purpose_text(signer.purpose)) +
                   ": use slot " + (login ? "9A" : "9C"));
  }
  const bool work = type == "extraction.request" && text_of(submission.statement.body, "kind") == "work";
  if (signer.purpose == KeyPurpose::recovery || (signer.purpose == KeyPurpose::session && !work)) {
    return refusal(type + " is not signed with a key for " + std::string(key_purpose_text(signer.purpose)) +
                   ": use slot 9C");
  }
  return {};
}

// Most acts are checked against the trust that stands; a genesis and a new CRL bring their own.
std::optional<Result<pki::TrustStore>> brought_trust(const Registry::State& state,
                                                     const Submission& submission, const Context& context) {
  const statement::Statement& statement = submission.statement;
  if (statement.type == "genesis") return genesis_trust(statement.body, context);
  if (statement.type == "crl.publish") return published_trust(state, statement.body, context);
  return std::nullopt;
}

void add_crls(Authentication& authentication, const std::vector<Digest>& crls) {
  for (const Digest& crl : crls) {
    if (std::ranges::find(authentication.crls, crl) == authentication.crls.end()) {
      authentication.crls.push_back(crl);
    }
  }
}

// By a key with a certificate. Whether it really signed these bytes is `signed_it`, whatever else is wrong.
Status check_certified(const Registry::State& state, const Submission& submission, const Signature& signature,
                       const pki::TrustStore& trust, const Context& context, Claim& claim, bool& signed_it,
                       Authentication& result) {
  auto verified = state.verifier->verify(signature, submission.digest, trust, claim.use, context.now);
  signed_it = verified || state.verifier->verify_signature_only(signature, submission.digest).ok();
  if (!verified) return verified.error();
  add_crls(result, verified->path.crls);
  return {};
}

Status authenticate_one(const Registry::State& state, const Submission& submission,
                        const Signature& signature, const pki::TrustStore& trust, const Context& context,
                        Authentication& result) {
  auto claim = claim_of(state, submission, signature);
  if (!claim) return claim.error();
  bool signed_it = false;
  Status good;
  if (claim->signer.fido2) {
    good = check_assertion(state, submission, signature, claim->public_key, claim->rp_id, claim->signer);
    signed_it = good || good.error().kind == ErrorKind::refused;
  } else {
    good = check_certified(state, submission, signature, trust, context, *claim, signed_it, result);
  }
  if (signed_it) {
    result.identified = result.identified || claim->ever_enrolled;
    const bool first = &signature == submission.evidence.signatures.data();
    if (first && signature.person == submission.statement.by) result.by_signed = true;
  }
  if (!good) return good;
  if (good = check_claim(state, submission, *claim, context.now); !good) return good;
  if (good = check_clear_sign(state, submission, signature, claim->signer); !good) return good;
  result.signers.push_back(std::move(claim->signer));
  return {};
}

}  // namespace

Result<Digest> key_name(const Signature& signature) {
  if (signature.kind == evidence::webauthn_kind) {
    const auto assertion = evidence::read_assertion(signature.bytes);
    if (!assertion) return assertion.error();
    return sha256(assertion->credential);
  }
  const auto view = evidence::read_cades(signature.bytes);
  if (!view) return view.error();
  return sha256(view->certificate);
}

Authentication authenticate(const Registry::State& state, const Submission& submission,
                            const Context& context) {
  Authentication result;
  const auto note = [&](const Error& error) {
    if (!result.error) result.error = error;
  };
  const auto brought = brought_trust(state, submission, context);
  if (brought && !*brought) note(brought->error());
  const pki::TrustStore& trust = brought && *brought ? **brought : state.trust;
  for (const Signature& signature : submission.evidence.signatures) {
    auto one = authenticate_one(state, submission, signature, trust, context, result);
    if (!one) note(one.error().within("signature of " + signature.person));
  }
  if (!result.error && submission.evidence.signatures.front().person != submission.statement.by) {
    note(refusal("the statement is by " + submission.statement.by + " and " +
                 submission.evidence.signatures.front().person + " signed first: put " +
                 submission.statement.by + "'s signature first"));
  }
  return result;
}

std::string first_serial(const Registry::State& state, const Submission& submission) {
  if (submission.evidence.signatures.empty()) return {};
  const auto name = key_name(submission.evidence.signatures.front());
  if (!name) return {};
  const auto place = state.key_by_certificate.find(*name);
  return place == state.key_by_certificate.end() ? std::string() : state.tokens[place->second.token].serial;
}

}  // namespace sceau::registry
