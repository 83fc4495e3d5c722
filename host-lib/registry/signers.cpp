// Signatures: what verified, whose keys they are, and whether those are good now.
#include <algorithm>

#include "rules.h"
#include "sceau/evidence/cades.h"

namespace sceau::registry {
namespace {

using evidence::Signature;

bool enrols(std::string_view type) {
  return type == "genesis" || type == "token.enrol" || type == "token.renew" || type == "token.replace";
}

// A token description in the body has this certificate, for `person`.
std::optional<KeyPurpose> new_key(const statement::Statement& statement, std::string_view person,
                                  const Digest& certificate) {
  const auto in_token = [&](const statement::Value& about) -> std::optional<KeyPurpose> {
    const statement::Value* token = about.find("token");
    if (token == nullptr || text_of(about, "person") != person) return std::nullopt;
    for (const statement::Value& key : array_of(*token, "keys")) {
      if (key.contains("certificate") && digest_of(key, "certificate") == certificate) {
        return key_purpose_from_text(text_of(key, "use"));
      }
    }
    return std::nullopt;
  };
  if (!enrols(statement.type)) return std::nullopt;
  if (statement.type != "genesis") return in_token(statement.body);
  for (const statement::Value& administrator : array_of(statement.body, "administrators")) {
    if (auto purpose = in_token(administrator)) return purpose;
  }
  return std::nullopt;
}

// Whose key a signature claims to be by.
struct Claim {
  Signer signer;
  bool ever_enrolled = false;
  pki::KeyUse use = pki::KeyUse::sign;
};

Result<Claim> claim_of(const Registry::State& state, const Submission& submission,
                       const Signature& signature) {
  const auto view = evidence::read_cades(signature.bytes);
  if (!view) return view.error();
  const Digest certificate = sha256(view->certificate);
  Claim claim;
  claim.signer.person = signature.person;
  claim.signer.certificate = certificate;
  if (const auto gate = state.gate_by_certificate.find(certificate);
      gate != state.gate_by_certificate.end()) {
    if (gate->second != signature.person) return refusal("the gate's key signs for " + signature.person);
    claim.signer.gate = claim.ever_enrolled = true;
    claim.use = pki::KeyUse::result;
    return claim;
  }
  const auto place = state.key_by_certificate.find(certificate);
  if (place != state.key_by_certificate.end()) {
    const Token& token = state.tokens[place->second.token];
    claim.ever_enrolled = true;
    claim.signer.enrolled = true;
    claim.signer.serial = token.serial;
    claim.signer.token = place->second.token;
    claim.signer.purpose = token.keys[place->second.key].purpose;
    if (token.person != signature.person) {
      return refusal("token " + token.serial + " is " + token.person +
                     "'s, and the signature is said to be " + signature.person + "'s");
    }
  } else if (const auto purpose = new_key(submission.statement, signature.person, certificate)) {
    claim.signer.purpose = *purpose;
  } else {
    return refusal("the certificate that signed for " + signature.person +
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

Status authenticate_one(const Registry::State& state, const Submission& submission,
                        const Signature& signature, const pki::TrustStore& trust, Time now,
                        Authentication& result) {
  auto claim = claim_of(state, submission, signature);
  if (!claim) return claim.error();
  auto verified = state.verifier->verify(signature, submission.digest, trust, claim->use, now);
  const bool really_signed =
      verified || state.verifier->verify_signature_only(signature, submission.digest).ok();
  if (really_signed) {
    result.identified = result.identified || claim->ever_enrolled;
    const bool first = &signature == submission.evidence.signatures.data();
    if (first && signature.person == submission.statement.by) result.by_signed = true;
  }
  if (!verified) return verified.error();
  add_crls(result, verified->path.crls);
  if (auto good = check_claim(state, submission, *claim, now); !good) return good;
  if (auto good = check_clear_sign(state, submission, signature, claim->signer); !good) return good;
  result.signers.push_back(std::move(claim->signer));
  return {};
}

}  // namespace

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
    auto one = authenticate_one(state, submission, signature, trust, context.now, result);
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
  const auto view = evidence::read_cades(submission.evidence.signatures.front().bytes);
  if (!view) return {};
  const auto place = state.key_by_certificate.find(sha256(view->certificate));
  return place == state.key_by_certificate.end() ? std::string() : state.tokens[place->second.token].serial;
}

}  // namespace sceau::registry
