// Requests: who may ask for what; and how far one has come.
#include <algorithm>

#include "asking.h"

namespace sceau::registry {
namespace {

using statement::Value;

// What only a request itself says, and nobody can ask about beforehand.
Status check_details(const Act& act) {
  if (!array_of(act.body(), "parameters").empty() && text_of(act.body(), "kind") != "individual") {
    return refusal(
        "only requests of kind individual have parameters, since somebody approves what they are: write this "
        "one without");
  }
  if (act.body().contains("decide_by")) {
    const Time decide_by = time_of(act.body(), "decide_by");
    if (decide_by <= act.context.now || decide_by > act.context.now + act.state.policy.decide_within) {
      return refusal("decide_by is " + to_rfc3339(decide_by) + ": it must lie within the next " +
                     std::to_string(act.state.policy.decide_within) + " s");
    }
  }
  return {};
}

// `revoked` when it is not known.
TokenState token_state(const Registry::State& state, std::string_view person, std::string_view serial,
                       std::uint64_t entry) {
  const auto holder = state.people.find(person);
  if (holder == state.people.end()) return TokenState::revoked;
  // As it was enrolled when it signed: the same serial number may have been enrolled again since.
  const Token* token = nullptr;
  for (const std::size_t position : holder->second.tokens) {
    const Token& one = state.tokens[position];
    if (one.serial == serial && one.entry < entry) token = &one;
  }
  return token == nullptr ? TokenState::revoked : token->state;
}

}  // namespace

bool is_stopped(const Registry::State& state, std::string_view person, std::string_view serial,
                std::uint64_t entry) {
  const TokenState now = token_state(state, person, serial, entry);
  return now == TokenState::revoked || now == TokenState::suspended;
}

std::optional<std::string> why_over(const Registry::State& state, const Request& request, Time now) {
  const auto person = state.people.find(request.by);
  if (person == state.people.end() || !is_active(person->second, now))
    return "the account of " + request.by + " has ended";
  if (!has_role(person->second, Role::agent, now)) return request.by + " is no agent any more";
  if (token_state(state, request.by, request.serial, request.entry) == TokenState::revoked)
    return "the token that signed it was revoked";
  const auto project = state.projects.find(request.project);
  if (project == state.projects.end() || project->second.closed || now < project->second.from ||
      project->second.until <= now)
    return "project \"" + request.project + "\" is not open any more";
  const auto assigned = project->second.people.find(request.by);
  if (assigned == project->second.people.end() || assigned->second <= now)
    return request.by + " is not in project \"" + request.project + "\" any more";
  return std::nullopt;
}

Status check_still_allowed(const Registry::State& state, const Request& request, Time now) {
  auto why = why_over(state, request, now);
  if (!why && is_stopped(state, request.by, request.serial, request.entry))
    why = "the token that signed it was suspended";
  if (!why) return {};
  return refusal("request " + to_hex(request.digest).substr(0, 12) + " may not go on: " + *why +
                 ": whoever may still ask signs a new one");
}

Status check_request(const Act& act) {
  if (auto one = need_one_signer(act); !one) return one;
  const Signer& signer = act.authentication.signers.front();
  const statement::Value& body = act.body();
  const Policy& policy = act.state.policy;
  const Asking asking{act.state,
                      policy,
                      signer.person,
                      text_of(body, "project"),
                      text_of(body, "source"),
                      text_of(body, "kind"),
                      int_of(body, "max_rows"),
                      act.context.now};
  if (auto good = check_asking(asking); !good) return good;
  if (auto good = check_session(act); !good) return good;
  if (auto key = check_key_kind(policy, asking.kind, key_kind(signer), "signed"); !key) return key;
  return check_details(act);
}

// What its statement says of it; where it stands is not in there.
Request request_of(const Submission& submission) {
  const Value& body = submission.statement.body;
  Request request;
  request.digest = submission.digest;
  request.evidence = submission.evidence_digest;
  request.id = submission.statement.id;
  request.by = submission.statement.by;
  request.project = text_of(body, "project");
  request.source = text_of(body, "source");
  request.kind = text_of(body, "kind");
  request.name = text_of(*body.find("output"), "name");
  request.max_rows = int_of(body, "max_rows");
  request.parameters = !array_of(body, "parameters").empty();
  request.key = key_kind(submission.evidence.signatures.front());
  return request;
}

bool waits_for_approval(const Act& act) {
  return approvals_missing(act.state, request_of(act.submission), act.context.now) > 0;
}

Status apply_request(const Change& change) {
  const Value& body = change.body();
  Request request = request_of(change.submission);
  request.entry = change.record.index;
  request.serial = first_serial(change.state, change.submission);
  request.at = change.record.at;
  request.decide_by = body.contains("decide_by") ? time_of(body, "decide_by")
                                                 : request.at + change.state.policy.decide_within;
  request.state = change.record.verdict->state == "pending" ? RequestState::pending : RequestState::admitted;
  change.state.request_by_entry[request.entry] = request.digest;
  change.state.open[request.entry] = request.digest;
  const Digest digest = request.digest;
  if (request.kind != "work") {
    change.state.asked.insert_or_assign(digest, change.submission.statement);
    const auto workspace = change.state.workspaces.find(workspace_of(request));
    if (workspace != change.state.workspaces.end()) request.asked_over = workspace->second;
  }
  change.state.requests[digest] = std::move(request);
  return {};
}

void set_request_state(Registry::State& state, Request& request, RequestState next) {
  request.state = next;
  if (is_ended(next) || next == RequestState::checked) state.asked.erase(request.digest);
  if (is_ended(next)) state.open.erase(request.entry);
  const auto working = state.working.find(workspace_of(request));
  if (is_ended(next) && working != state.working.end() && working->second == request.digest)
    state.working.erase(working);
}

}  // namespace sceau::registry
