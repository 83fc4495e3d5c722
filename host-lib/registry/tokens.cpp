// Tokens: who may enrol, renew, replace, suspend, resume, revoke and unblock them.
#include <algorithm>

#include "rules.h"

namespace sceau::registry {
namespace {

using statement::Value;

const Token* find_token(const Registry::State& state, std::string_view serial) {
  const auto found = state.token_by_serial.find(serial);
  return found == state.token_by_serial.end() ? nullptr : &state.tokens[found->second];
}

bool in_use(const Token* token) {
  return token != nullptr && (token->state == TokenState::active || token->state == TokenState::suspended);
}

// Those who vouch for a new key: administrators other than its holder.
struct Vouching {
  bool new_key_signed = false;      // the key that the statement enrols
  bool earlier_key_signed = false;  // another active signing key of the holder
  std::set<std::string> administrators;
};

Result<Vouching> vouching_of(const Act& act, const Person& holder) {
  Vouching vouching;
  for (const Signer& signer : act.authentication.signers) {
    if (signer.person == holder.id) {
      vouching.new_key_signed = vouching.new_key_signed || !signer.enrolled;
      vouching.earlier_key_signed = vouching.earlier_key_signed || signer.enrolled;
      continue;
    }
    const auto person = act.state.people.find(signer.person);
    if (person == act.state.people.end() ||
        !has_role(person->second, Role::administrator, holder.organisation, act.context.now)) {
      return refusal(signer.person + " is no administrator for organisation " + holder.organisation +
                     ": have the right people sign");
    }
    vouching.administrators.insert(signer.person);
  }
  return vouching;
}

// The second pair of eyes: an administrator who does not hold the issuing authority's key; two of them,
// one such, when the holder can approve or administer, or when the token is a FIDO2 key: no authority
// certified that one for its holder, so that a single administrator could make it her own in another's name.
Status check_vouching(const Act& act, const Person& holder, const Vouching& vouching,
                      const std::vector<std::string>& issuers) {
  const std::string& type = act.statement().type;
  if (act.state.single) return {};
  const bool powerful = has_role(holder, Role::administrator, act.context.now) ||
                        has_role(holder, Role::approver, act.context.now);
  const bool two = powerful || is_fido(*act.body().find("token"));
  const std::size_t needed = two ? 2 : 1;
  if (vouching.administrators.size() < needed) {
    return refusal(type + " for " + holder.id + " needs " +
                   (two ? "two administrators" : "an administrator") + " other than " + holder.id + " and " +
                   std::to_string(vouching.administrators.size()) +
                   " signed: have another sign the same bytes");
  }
  const bool independent = std::ranges::any_of(vouching.administrators, [&](const std::string& person) {
    return std::ranges::find(issuers, person) == issuers.end();
  });
  if (!independent) {
    return refusal(type + " for " + holder.id + " is signed only by " + *vouching.administrators.begin() +
                   ", who holds the key of the authority that issued the certificate: have another "
                   "administrator sign");
  }
  return {};
}

std::set<std::string> standing_recovery_people(const Registry::State& state, Time now) {
  std::set<std::string> people;
  for (const Token& token : state.tokens) {
    const auto person = state.people.find(token.person);
    if (token.state != TokenState::active || person == state.people.end()) continue;
    if (has_role(person->second, Role::administrator, now) &&
        std::ranges::any_of(token.keys,
                            [](const TokenKey& key) { return key.purpose == KeyPurpose::recovery; })) {
      people.insert(token.person);
    }
  }
  return people;
}

// The PUK and management key of a PIV token are in escrow; those of another maker's card, if it has any, are
// not ours.
Status check_token_escrow(const Act& act) {
  const Value* escrow = act.body().find("escrow");
  const Value& token = *act.body().find("token");
  const std::string name = "token " + text_of(token, "serial");
  if (token.contains("authority") || is_fido(token)) {
    if (escrow == nullptr) return {};
    return refusal(name + " is of another make, and its secrets are not ours: leave the escrow out");
  }
  if (escrow == nullptr)
    return refusal(name + " has no escrow: seal its PUK and management key to the recovery people");
  return check_escrow(*escrow, act.state.policy.recovery_k,
                      standing_recovery_people(act.state, act.context.now));
}

// What enrolment, renewal and replacement have in common: the issuing authorities' holders.
Result<std::vector<std::string>> check_new_token(const Act& act, const Person& holder) {
  if (act.statement().by != holder.id) {
    return refusal(act.statement().type + " is by the holder, " + holder.id + ", whose new key signs first");
  }
  const TokenCheck check{act.state, act.state.trust, act.state.attestation_roots, act.context};
  auto issuers = check_token(check, *act.body().find("token"), holder.id, act.state.authorities);
  if (!issuers) return issuers;
  if (auto escrow = check_token_escrow(act); !escrow) return escrow.error();
  return issuers;
}

// Nobody but administrators signs: the key is at a machine, and signs there.
Status check_import(const Act& act, const Person& holder, const Vouching& vouching) {
  if (act.statement().type != "token.enrol" || vouching.new_key_signed || vouching.earlier_key_signed)
    return refusal("an imported FIDO2 key is enrolled by administrators alone, with token.enrol");
  const TokenCheck check{act.state, act.state.trust, act.state.attestation_roots, act.context};
  auto issuers = check_token(check, *act.body().find("token"), holder.id, act.state.authorities);
  if (!issuers) return issuers.error();
  if (auto escrow = check_token_escrow(act); !escrow) return escrow;
  return check_vouching(act, holder, vouching, *issuers);
}

Status check_enrolment(const Act& act, const Person& holder) {
  auto vouching = vouching_of(act, holder);
  if (!vouching) return vouching.error();
  if (is_imported(*act.body().find("token"))) return check_import(act, holder, *vouching);
  if (!vouching->new_key_signed) {
    return refusal(act.statement().type + " is not signed by the new key itself: sign it with the token");
  }
  auto issuers = check_new_token(act, holder);
  if (!issuers) return issuers.error();
  return check_vouching(act, holder, *vouching, *issuers);
}

Result<const Person*> holder_of(const Act& act) {
  return active_person(act.state, text_of(act.body(), "person"), act.context.now);
}

const std::string& new_serial(const Value& body) { return text_of(*body.find("token"), "serial"); }

Status check_serial_free(const Act& act, std::string_view allowed_person) {
  const Token* token = find_token(act.state, new_serial(act.body()));
  if (in_use(token) && token->person != allowed_person) {
    return refusal("token " + token->serial + " is enrolled for " + token->person +
                   ": revoke it first, or take another");
  }
  return {};
}

Status put_token(const Change& change) {
  auto token = read_token(*change.body().find("token"), change.body().find("escrow"),
                          text_of(change.body(), "person"), change.record.index);
  if (!token) return token.error();
  learn_policies(*token, change.blob);
  token->attests_itself = attests_itself(*token, change.blob);
  add_token(change.state, std::move(*token));
  return {};
}

void end_token(Registry::State& state, std::string_view serial) {
  const auto found = state.token_by_serial.find(serial);
  if (found == state.token_by_serial.end()) return;
  Token& token = state.tokens[found->second];
  if (token.state != TokenState::revoked) token.state = TokenState::ended;
}

}  // namespace

Status check_token_enrol(const Act& act) {
  auto holder = holder_of(act);
  if (!holder) return holder.error();
  if (auto free = check_serial_free(act, {}); !free) return free;
  return check_enrolment(act, **holder);
}

Status check_token_renew(const Act& act) {
  auto holder = holder_of(act);
  if (!holder) return holder.error();
  if (auto free = check_serial_free(act, (*holder)->id); !free) return free;
  auto vouching = vouching_of(act, **holder);
  if (!vouching) return vouching.error();
  if (!vouching->earlier_key_signed) return check_enrolment(act, **holder);
  if (!vouching->new_key_signed) {
    return refusal("token.renew is not signed by the new key itself: sign it with the token");
  }
  auto issuers = check_new_token(act, **holder);
  return issuers ? Status{} : issuers.error();
}

Status check_token_replace(const Act& act) {
  auto holder = holder_of(act);
  if (!holder) return holder.error();
  const Token* old = find_token(act.state, text_of(act.body(), "replaces"));
  if (old == nullptr || old->person != (*holder)->id) {
    return refusal("token " + text_of(act.body(), "replaces") + " is not one of " + (*holder)->id +
                   "'s: name the token that is replaced");
  }
  if (auto free = check_serial_free(act, {}); !free) return free;
  return check_enrolment(act, **holder);
}

Status apply_token_enrol(const Change& change) { return put_token(change); }

// The holder's tokens that were renewed from have ended: the same card's earlier keys, or the earlier card
// whose key signed.
Status apply_token_renew(const Change& change) {
  end_token(change.state, new_serial(change.body()));
  for (const evidence::Signature& signature : change.submission.evidence.signatures) {
    Submission one{change.submission.statement, {{signature}}, {}, {}};
    if (signature.person == text_of(change.body(), "person")) {
      end_token(change.state, first_serial(change.state, one));
    }
  }
  return put_token(change);
}

Status apply_token_replace(const Change& change) {
  end_token(change.state, text_of(change.body(), "replaces"));
  return put_token(change);
}

Status check_token_state(const Act& act) {
  const std::string& type = act.statement().type;
  const Token* token = find_token(act.state, text_of(act.body(), "serial"));
  if (token == nullptr) return refusal("no token " + text_of(act.body(), "serial") + " is enrolled");
  if (!in_use(token)) {
    return refusal("token " + token->serial + " is " + std::string(token_state_text(token->state)) +
                   " already");
  }
  const bool ends = type == "token.suspend" || type == "token.revoke";
  const bool suspended = token->state == TokenState::suspended;
  if (type == "token.suspend" && suspended)
    return refusal("token " + token->serial + " is suspended already");
  if (type == "token.resume" && !suspended) return refusal("token " + token->serial + " is not suspended");
  const auto& signers = act.authentication.signers;
  // Whoever lost a card, or fears for it, stops it at once.
  if (ends && signers.size() == 1 && signers.front().person == token->person) return {};
  const auto holder = act.state.people.find(token->person);
  const std::string scope =
      holder == act.state.people.end() ? std::string(kEverywhere) : holder->second.organisation;
  return need_administrators(act, type == "token.resume" ? 2 : 1, scope, token->person);
}

Status apply_token_state(const Change& change) {
  const auto found = change.state.token_by_serial.find(text_of(change.body(), "serial"));
  if (found == change.state.token_by_serial.end()) return {};
  TokenState& token = change.state.tokens[found->second].state;
  const std::string& type = change.submission.statement.type;
  if (type == "token.suspend") token = TokenState::suspended;
  if (type == "token.resume") token = TokenState::active;
  if (type == "token.revoke") token = TokenState::revoked;
  return {};
}

}  // namespace sceau::registry
