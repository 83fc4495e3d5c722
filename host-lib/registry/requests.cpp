// Requests: who may ask for what; and how far one has come.
#include <algorithm>

#include "rules.h"

namespace sceau::registry {
namespace {

using statement::Value;

Status check_project(const Act& act, const Project& project, std::string_view person) {
  const Time now = act.context.now;
  if (project.closed) return refusal("project \"" + project.id + "\" is closed");
  if (now < project.from || now >= project.until) {
    return refusal("project \"" + project.id + "\" runs from " + to_rfc3339(project.from) + " to " +
                   to_rfc3339(project.until) + ", and it is " + to_rfc3339(now));
  }
  const auto assigned = project.people.find(std::string(person));
  if (assigned == project.people.end()) {
    return refusal(std::string(person) + " is not assigned to project \"" + project.id +
                   "\": an administrator assigns people with project.assign");
  }
  if (now >= assigned->second) {
    return refusal("the assignment of " + std::string(person) + " to project \"" + project.id +
                   "\" ended on " + to_rfc3339(assigned->second));
  }
  return {};
}

Status check_source_and_kind(const Act& act, const Project& project) {
  const std::string& source = text_of(act.body(), "source");
  const std::string& kind = text_of(act.body(), "kind");
  const auto found = act.state.sources.find(source);
  if (found == act.state.sources.end()) return refusal("no source \"" + source + "\" is registered");
  if (std::ranges::find(project.sources, source) == project.sources.end()) {
    return refusal("project \"" + project.id + "\" does not cover source \"" + source + "\"");
  }
  if (kind == "work" && found->second.engine == "sqlite") {
    return refusal("work leaves its result inside the source, and \"" + source +
                   "\" is a SQLite file that the gate opens read-only: ask for aggregate or individual");
  }
  if (std::ranges::find(project.kinds, kind) == project.kinds.end()) {
    return refusal("project \"" + project.id + "\" does not cover the kind \"" + kind + "\"");
  }
  return {};
}

Status check_limits(const Act& act, const Project& project) {
  const std::int64_t rows = int_of(act.body(), "max_rows");
  if (rows > project.max_rows) {
    return refusal(std::to_string(rows) + " rows are asked for and project \"" + project.id + "\" covers " +
                   std::to_string(project.max_rows) + ": ask for fewer");
  }
  if (rows > act.state.policy.row_limit) {
    return refusal(std::to_string(rows) + " rows are asked for and policy allows " +
                   std::to_string(act.state.policy.row_limit) + ": ask for fewer");
  }
  if (!array_of(act.body(), "parameters").empty()) {
    return refusal("this gate takes no parameters yet: write the request without them");
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

}  // namespace

Status check_still_allowed(const Registry::State& state, const Request& request, Time now) {
  const auto because = [&](const std::string& why) {
    return refusal("request " + to_hex(request.digest).substr(0, 12) + " may not go on: " + why +
                   ": whoever may still ask signs a new one");
  };
  const auto person = state.people.find(request.by);
  if (person == state.people.end() || !is_active(person->second, now)) {
    return because("the account of " + request.by + " has ended");
  }
  if (!has_role(person->second, Role::agent, now)) return because(request.by + " is no agent any more");
  // As it was enrolled when it signed: the same serial number may have been enrolled again since.
  const Token* token = nullptr;
  for (const Token& one : state.tokens) {
    if (one.serial == request.serial && one.entry < request.entry) token = &one;
  }
  if (token == nullptr || token->state == TokenState::revoked || token->state == TokenState::suspended) {
    return because("the token that signed it was suspended or revoked");
  }
  const auto project = state.projects.find(request.project);
  if (project == state.projects.end() || project->second.closed || now < project->second.from ||
      project->second.until <= now) {
    return because("project \"" + request.project + "\" is not open any more");
  }
  const auto assigned = project->second.people.find(request.by);
  if (assigned == project->second.people.end() || assigned->second <= now) {
    return because(request.by + " is not in project \"" + request.project + "\" any more");
  }
  return {};
}

Status check_request(const Act& act) {
  if (auto one = need_one_signer(act); !one) return one;
  const Signer& signer = act.authentication.signers.front();
  const auto person = act.state.people.find(signer.person);
  if (person == act.state.people.end() || !has_role(person->second, Role::agent, act.context.now)) {
    return refusal(signer.person + " is no agent: an administrator grants the role with role.grant");
  }
  if (auto good = check_session(act); !good) return good;
  const std::string& id = text_of(act.body(), "project");
  const auto project = act.state.projects.find(id);
  if (project == act.state.projects.end()) return refusal("no project \"" + id + "\" is open");
  if (auto good = check_project(act, project->second, signer.person); !good) return good;
  if (auto good = check_source_and_kind(act, project->second); !good) return good;
  const Policy& policy = act.state.policy;
  if (auto open = check_hours(policy, act.context.now); !open) return open;
  if (auto key = check_key_kind(policy, text_of(act.body(), "kind"), key_kind(signer), "signed"); !key)
    return key;
  return check_limits(act, project->second);
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
  if (request.state == RequestState::pending)
    change.state.asked.insert_or_assign(digest, change.submission.statement);
  change.state.requests[digest] = std::move(request);
  return {};
}

void set_request_state(Registry::State& state, Request& request, RequestState next) {
  request.state = next;
  if (next != RequestState::pending) state.asked.erase(request.digest);
  if (is_ended(next)) state.open.erase(request.entry);
  const auto working = state.working.find(workspace_of(request));
  if (is_ended(next) && working != state.working.end() && working->second == request.digest)
    state.working.erase(working);
}

}  // namespace sceau::registry
