// What the gate itself says of a request: its steps, unsigned, and its result, signed.
#include "rules.h"

namespace sceau::registry {
namespace {

std::string name_of(const Digest& digest) { return "request " + to_hex(digest).substr(0, 12); }

Error wrong_step(const Request& request, RequestState next) {
  return refusal(name_of(request.digest) + " is " + std::string(request_state_text(request.state)) +
                 " and cannot become " + std::string(request_state_text(next)));
}

// Everybody who has to has approved, and still could.
Status check_approved(const Registry::State& state, const Request& request, Time now) {
  const std::int64_t missing = approvals_missing(state, request, now);
  if (missing == 0) return {};
  std::int64_t given = 0;
  std::string lapsed;
  for (const Decided& approval : request.approvals) {
    const auto why = why_lapsed(state, state.policy, request, approval, now);
    if (!why) ++given;
    if (why) lapsed += ": that of " + approval.person + " counts no more, since " + *why;
  }
  return refusal(name_of(request.digest) + " has " + std::to_string(given) + " of " +
                 std::to_string(given + missing) + " approvals that count by policy" + lapsed +
                 (now < request.decide_by ? ": ask another approver" : ": ask again with a new request"));
}

// Whoever released what was held still could.
Status check_released(const Registry::State& state, const Request& request, Time now) {
  if (request.state != RequestState::released) return {};
  const auto why = why_lapsed(state, state.policy, request, *request.release, now);
  if (!why) return {};
  return refusal("the release of the answer of " + name_of(request.digest) + " by " +
                 request.release->person + " counts no more, since " + *why +
                 ": ask again with a new request, and another approver");
}

// Policy and rights may have changed since it was admitted, and the hour has.
Status check_may_begin(const Registry::State& state, const Request& request, Time now) {
  if (auto approved = check_approved(state, request, now); !approved) return approved;
  if (auto free = check_workspace(state, request); !free) return free;
  if (auto open = check_hours(state.policy, now); !open) return open;
  if (auto key = check_key_kind(state.policy, request.kind, request.key, "signed"); !key) return key;
  return check_still_allowed(state, request, now);
}

// Nobody decided in time, or nobody came for what was released; of those that time alone ends.
bool may_expire(const Request& request) {
  if (request.state == RequestState::quarantined) return !request.refusal;
  return request.state == RequestState::pending || request.state == RequestState::released;
}

// Of a script nothing is about to leave that could be checked.
RequestState last_before_delivery(const Request& request) {
  return request.kind == "work" ? RequestState::running : RequestState::checked;
}

// What ran is described by the policy and the catalogue in force when it began.
Status check_versions(const Act& act, const Request& request) {
  if (digest_of(act.body(), "policy") != request.policy) {
    return refusal("the result of " + name_of(request.digest) + " names another policy than it ran under");
  }
  if (digest_of(act.body(), "catalogue") != request.catalogue) {
    return refusal("the result of " + name_of(request.digest) + " names another catalogue than it ran under");
  }
  return {};
}

}  // namespace

Status check_step(const Registry::State& state, const Digest& digest, RequestState next, Time now) {
  const auto found = state.requests.find(digest);
  if (found == state.requests.end()) return refusal("no " + name_of(digest) + " is known here");
  const Request& request = found->second;
  switch (next) {
    case RequestState::pending:
      if (request.state != RequestState::admitted) return wrong_step(request, next);
      if (check_approved(state, request, now))
        return refusal(name_of(digest) + " has its approvals: nothing is asked of anybody");
      return check_still_allowed(state, request, now);
    case RequestState::admitted:
      if (request.state != RequestState::pending) return wrong_step(request, next);
      if (auto approved = check_approved(state, request, now); !approved) return approved;
      return check_still_allowed(state, request, now);
    case RequestState::expired:
      // Nobody begins it any more.
      if (request.state == RequestState::admitted && why_over(state, request, now)) return {};
      if (!may_expire(request)) return wrong_step(request, next);
      if (now < request.decide_by) {
        return refusal(name_of(digest) + " may be decided or fetched until " + to_rfc3339(request.decide_by));
      }
      return {};
    case RequestState::running:
      if (request.state != RequestState::admitted) return wrong_step(request, next);
      return check_may_begin(state, request, now);
    case RequestState::quarantined:
      if (request.state != RequestState::running || request.kind == "work") return wrong_step(request, next);
      return check_still_allowed(state, request, now);
    case RequestState::checked:
      if (request.state != RequestState::released &&
          (request.state != RequestState::running || request.kind == "work"))
        return wrong_step(request, next);
      if (auto released = check_released(state, request, now); !released) return released;
      return check_still_allowed(state, request, now);
    default:
      return wrong_step(request, next);
  }
}

Status check_begin(const Registry::State& state, const Submission& admitted, Time now) {
  Request request = request_of(admitted);
  request.entry = state.entries.size();
  request.serial = first_serial(state, admitted);
  return check_may_begin(state, request, now);
}

Status apply_step(Registry::State& state, const Record& record) {
  const auto next = request_state_from_text(record.verdict->state);
  if (!next)
    return Error{ErrorKind::corrupt, "a step to the unknown state \"" + record.verdict->state + "\""};
  const auto found = state.requests.find(*record.verdict->request);
  if (found == state.requests.end()) return {};  // its opening was erased
  Request& request = found->second;
  if (*next == RequestState::running) {
    request.running = record.index;
    request.policy = state.policy.digest;
    const auto source = state.sources.find(request.source);
    if (source != state.sources.end()) request.catalogue = source->second.catalogue;
    if (state.policy.rules.hold_few_people && request.kind == "individual")
      request.fewest_people = state.policy.minimum_people;
    begin_in_workspace(state, request);
  }
  if (*next == RequestState::expired) {
    const auto reason = statement::text_field(statement::Value(record.verdict->details), "reason");
    if (reason) request.why_expired = *reason;
  }
  if (*next == RequestState::quarantined) {
    if (auto held = apply_quarantine(state, request, record); !held) return held;
  }
  set_request_state(state, request, *next);
  return {};
}

Status check_result(const Act& act) {
  if (auto one = need_one_signer(act); !one) return one;
  const Digest digest = digest_of(act.body(), "request");
  const auto found = act.state.requests.find(digest);
  if (found == act.state.requests.end()) return refusal("no " + name_of(digest) + " is known here");
  const Request& request = found->second;
  const std::string& outcome = text_of(act.body(), "outcome");
  const RequestState next = request_state_from_text(outcome).value_or(RequestState::refused);
  if (is_ended(request.state)) return wrong_step(request, next);
  const bool ran = request.running.has_value();
  if (next == RequestState::delivered && request.state != last_before_delivery(request))
    return wrong_step(request, next);
  if (next == RequestState::interrupted && !ran) return wrong_step(request, next);
  if (auto said = check_held_result(act, request); !said) return said;
  if (auto said = check_work_result(act, request); !said) return said;
  return ran ? check_versions(act, request) : Status{};
}

Status apply_result(const Change& change) {
  const auto found = change.state.requests.find(digest_of(change.body(), "request"));
  if (found == change.state.requests.end()) return {};
  found->second.result = change.record.index;
  apply_work_result(change, found->second);
  const auto outcome = request_state_from_text(text_of(change.body(), "outcome"));
  set_request_state(change.state, found->second, outcome.value_or(RequestState::refused));
  return {};
}

}  // namespace sceau::registry
