// Approvals and refusals: statements of their own, about one request and one evidence.
#include <algorithm>

#include "rules.h"

namespace sceau::registry {
namespace {

std::string short_name(const Digest& digest) { return "request " + to_hex(digest).substr(0, 12); }

// What the decision needs of the request's state. Refusing is for what is held in quarantine, too,
// and for what was released and not fetched.
Status check_undecided(const Act& act, const Request& request) {
  const bool refuses = act.statement().type == "refusal";
  const bool waits = request.state == RequestState::quarantined || request.state == RequestState::released;
  const bool held = refuses && waits && !request.refusal;
  if (request.state != RequestState::pending && !held) {
    return refusal(short_name(request.digest) + " is " + std::string(request_state_text(request.state)) +
                   ": only a pending one is decided on");
  }
  if (act.context.now >= request.decide_by) {
    return refusal(short_name(request.digest) + " was to be decided by " + to_rfc3339(request.decide_by) +
                   ": its agent asks again");
  }
  return {};
}

}  // namespace

Status check_approver(const Act& act, const Request& request, const std::string& approver) {
  const auto requester = act.state.people.find(request.by);
  const auto person = act.state.people.find(approver);
  const std::string organisation =
      requester == act.state.people.end() ? std::string(kEverywhere) : requester->second.organisation;
  if (person == act.state.people.end() ||
      !has_role(person->second, Role::approver, organisation, act.context.now)) {
    return refusal(approver + " is no approver for organisation " + organisation +
                   ": two administrators grant the role with role.grant");
  }
  if (approver == request.by) {
    return refusal(approver + " made this request and cannot decide on it: ask another approver");
  }
  const auto named = approval_rule(act.state.policy, request.kind).by;
  if (!named.empty() && std::ranges::find(named, approver) == named.end()) {
    return refusal(approver + " is not among those whom policy names for requests of kind " + request.kind +
                   ": see 'sceau policy show'");
  }
  return {};
}

std::optional<std::string> why_lapsed(const Registry::State& state, const Policy& policy,
                                      const Request& request, const Decided& decided, Time now) {
  const std::string& who = decided.person;
  const auto requester = state.people.find(request.by);
  const auto person = state.people.find(who);
  const std::string organisation =
      requester == state.people.end() ? std::string(kEverywhere) : requester->second.organisation;
  if (person == state.people.end() || !is_active(person->second, now))
    return "the account of " + who + " has ended";
  if (!has_role(person->second, Role::approver, organisation, now))
    return who + " is no approver for organisation " + organisation + " any more";
  if (is_stopped(state, who, decided.serial, decided.entry))
    return "the token with which " + who + " signed was suspended or revoked";
  const auto named = approval_rule(policy, request.kind).by;
  if (!named.empty() && std::ranges::find(named, who) == named.end())
    return who + " is not among those whom policy names any more";
  if (!check_key_kind(policy, request.kind, decided.key, "approved"))
    return "policy wants another sort of key than " + who + " signed with";
  return std::nullopt;
}

Status check_approval(const Act& act) {
  if (auto one = need_one_signer(act); !one) return one;
  const Digest digest = digest_of(act.body(), "request");
  const auto found = act.state.requests.find(digest);
  if (found == act.state.requests.end()) {
    return refusal("no " + short_name(digest) + " is known here: see 'sceau pending'");
  }
  const Request& request = found->second;
  if (auto open = check_undecided(act, request); !open) return open;
  if (digest_of(act.body(), "evidence") != request.evidence) {
    return refusal("the decision names another evidence than that of " + short_name(digest) +
                   ": fetch it again and look who signed");
  }
  if (act.statement().type == "approval") {
    if (auto still = check_still_allowed(act.state, request, act.context.now); !still) return still;
  }
  if (auto shown = check_shown_decision(act); !shown) return shown;
  if (act.statement().type == "approval") {
    const KeyKind key = key_kind(act.authentication.signers.front());
    if (auto good = check_key_kind(act.state.policy, request.kind, key, "approved"); !good) return good;
  }
  const std::string& approver = act.authentication.signers.front().person;
  // Whoever approved it may still refuse what came of it; and decide again when her approval counts no more.
  const bool approved = std::ranges::any_of(request.approvals, [&](const Decided& one) {
    return one.person == approver && !why_lapsed(act.state, act.state.policy, request, one, act.context.now);
  });
  if (approved && request.state == RequestState::pending)
    return refusal(approver + " has approved " + short_name(request.digest) + " already");
  return check_approver(act, request, approver);
}

Decided decided_by(const Change& change) {
  return {change.submission.statement.by, first_serial(change.state, change.submission), change.record.index,
          change.record.at, key_kind(change.submission.evidence.signatures.front())};
}

Status apply_approval(const Change& change) {
  const auto found = change.state.requests.find(digest_of(change.body(), "request"));
  if (found == change.state.requests.end()) return {};
  Request& request = found->second;
  Decided decided = decided_by(change);
  if (change.submission.statement.type == "approval") {
    std::erase_if(request.approvals, [&](const Decided& one) { return one.person == decided.person; });
    request.approvals.push_back(std::move(decided));
  } else {
    request.refusal = std::move(decided);
    // What ran ends in the gate's result.
    if (request.state == RequestState::pending)
      set_request_state(change.state, request, RequestState::refused);
    // Until its rows are fetched, a release can be taken back.
    if (request.state == RequestState::released)
      set_request_state(change.state, request, RequestState::quarantined);
  }
  return {};
}

}  // namespace sceau::registry
