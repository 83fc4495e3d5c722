// Clear-sign keys: what their tokens state must fit the policy that their attestations name.
#include <algorithm>

#include "rules.h"
#include "sceau/evidence/cades.h"
#include "sceau/evidence/token_statement.h"
#include "sceau/pki/attestation.h"
#include "sceau/statement/lines.h"

namespace sceau::registry {
namespace {

using evidence::TokenStatement;

bool is_decision(std::string_view type) {
  return type == "approval" || type == "refusal" || type == "export.release";
}

// Acts by which rows leave: what policy's clear_sign is about.
bool lets_out(const statement::Statement& statement) {
  if (statement.type == "extraction.request") return text_of(statement.body, "kind") != "work";
  return is_decision(statement.type) || statement.type == "export.request";
}

bool holds(const std::vector<std::string>& words, const std::string& word) {
  return std::ranges::find(words, word) != words.end();
}

Status check_policy_of(const pki::KeyPolicy& policy, const statement::Statement& statement,
                       const std::string& key) {
  if (!holds(policy.types, statement.type)) {
    return refusal(key + " was made without " + statement.type + " in its policy: sign with another key");
  }
  if (statement.until - statement.at > static_cast<Time>(policy.window)) {
    return refusal(key + " signs windows of " + std::to_string(policy.window) + " s at most: shorten it");
  }
  if (statement.type != "extraction.request") return {};
  const std::string& kind = text_of(statement.body, "kind");
  const std::string& source = text_of(statement.body, "source");
  if ((policy.kinds && !holds(*policy.kinds, kind)) || (policy.sources && !holds(*policy.sources, source))) {
    return refusal(key + " was not made for kind " + kind + " on source " + source +
                   ": sign with another key");
  }
  return {};
}

// Of a decision, what was shown is compared where the request is known: check_shown_decision().
Status check_stated(const TokenStatement& stated, const pki::KeyPolicy& policy, const Submission& submission,
                    const std::string& serial, const std::string& key) {
  const statement::Statement& statement = submission.statement;
  if (std::to_string(stated.serial) != serial) {
    return refusal(key + " states the serial number " + std::to_string(stated.serial) +
                   ", which is not its token's: tell an administrator");
  }
  if (!stated.verified || stated.presence != policy.touch_always) {
    return refusal(key + " states another PIN or button than its policy wants: tell an administrator");
  }
  const bool decides = is_decision(statement.type);
  if (decides != stated.covers.has_value() ||
      (decides && *stated.covers != digest_of(statement.body, "evidence"))) {
    return refusal(key + " states that it covers other evidence than the " + statement.type +
                   " names: look at the request again, and sign anew");
  }
  if (!decides && stated.shown != statement::shown_digest(statement)) {
    return refusal(key + " states that it showed other lines than this statement has: tell an administrator");
  }
  return {};
}

TokenKey* find_key(Registry::State& state, const Digest& certificate) {
  const auto place = state.key_by_certificate.find(certificate);
  if (place == state.key_by_certificate.end()) return nullptr;
  return &state.tokens[place->second.token].keys[place->second.key];
}

const TokenKey* find_key(const Registry::State& state, const Digest& certificate) {
  return find_key(const_cast<Registry::State&>(state), certificate);  // NOLINT: the same look-up
}

}  // namespace

Status check_clear_sign(const Registry::State& state, const Submission& submission,
                        const evidence::Signature& signature, Signer& signer) {
  if (signer.gate || !signer.enrolled) return {};
  const TokenKey* key = find_key(state, signer.certificate);
  if (key == nullptr) return {};
  const std::string name = "key " + key->slot + " of token " + signer.serial;
  evidence::CadesView view;
  if (!signer.fido2) {
    auto read = evidence::read_cades(signature.bytes);
    if (!read) return read.error();
    view = std::move(*read);
  }
  if (!key->clear_sign) {
    if (!view.token_statement.empty())
      return refusal(name + " is no clear-sign key, and its signature claims to be one's: sign anew");
    if (state.policy.clear_sign && lets_out(submission.statement))
      return refusal(submission.statement.type + " wants a clear-sign key by policy, and " + name +
                     " is none: sign with a token that shows what it signs");
    return {};
  }
  if (view.token_statement.empty())
    return refusal(name + " is a clear-sign key, and its signature lacks the token's statement: sign anew");
  const auto stated = evidence::read_token_statement(view.token_statement);
  if (!stated) return stated.error();
  signer.counter = stated->counter;
  signer.shown = stated->shown;
  if (auto good = check_policy_of(*key->clear_sign, submission.statement, name); !good) return good;
  return check_stated(*stated, *key->clear_sign, submission, signer.serial, name);
}

Status check_counters(const Registry::State& state, const std::vector<Signer>& signers,
                      std::vector<std::string>& alarms) {
  for (const Signer& signer : signers) {
    if (signer.fido2) {
      if (auto good = check_fido_counter(state, signer, alarms); !good) return good;
      continue;
    }
    const TokenKey* key = signer.counter ? find_key(state, signer.certificate) : nullptr;
    if (key == nullptr) continue;
    const std::string name = "key " + key->slot + " of token " + signer.serial;
    if (key->counters.contains(*signer.counter)) {
      alarms.push_back(name + " states counter " + std::to_string(*signer.counter) +
                       ", which an entry holds already: suspend the token, and tell an administrator");
      return refusal(alarms.back());
    }
    const std::uint32_t last = key->counters.empty() ? 0 : key->counters.rbegin()->first;
    if (!key->counters.empty() && *signer.counter > last + 1) {
      alarms.push_back(name + " skipped from counter " + std::to_string(last) + " to " +
                       std::to_string(*signer.counter) +
                       ": read its journal with 'sceau token journal', which must explain each between");
    }
  }
  return {};
}

Result<std::optional<pki::KeyPolicy>> clear_policy(const BlobSource& blob, const Digest& attestation) {
  auto bytes = blob(attestation);
  if (!bytes) return bytes.error();
  return pki::attested_key_policy(*bytes);
}

void learn_policies(Token& token, const BlobSource& blob) {
  for (TokenKey& key : token.keys) {
    if (key.purpose != KeyPurpose::sign || !key.attestation) continue;
    if (auto policy = clear_policy(blob, *key.attestation)) key.clear_sign = std::move(*policy);
  }
}

Status check_shown_decision(const Act& act) {
  const Signer& signer = act.authentication.signers.front();
  const auto asked = act.state.asked.find(digest_of(act.body(), "request"));
  // A FIDO2 key counts, and shows nothing.
  if (signer.fido2 || !signer.counter || asked == act.state.asked.end()) return {};
  if (signer.shown == statement::shown_digest(act.statement(), &asked->second)) return {};
  return refusal("the token of " + signer.person +
                 " states that it showed other lines than this decision and its request have: tell an "
                 "administrator");
}

void note_counters(Registry::State& state, const Submission& submission) {
  for (const evidence::Signature& signature : submission.evidence.signatures) {
    if (signature.kind == evidence::webauthn_kind) {
      note_fido_counter(state, signature);
      continue;
    }
    const auto view = evidence::read_cades(signature.bytes);
    if (!view || view->token_statement.empty()) continue;
    TokenKey* key = find_key(state, sha256(view->certificate));
    const auto stated = evidence::read_token_statement(view->token_statement);
    if (key != nullptr && key->clear_sign && stated)
      key->counters.emplace(stated->counter, ClearSigned{submission.digest, stated->journal});
  }
}

}  // namespace sceau::registry
