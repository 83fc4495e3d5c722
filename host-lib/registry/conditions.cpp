// What policy's file says of requests: when, with which key, approved by whom.
#include <algorithm>
#include <array>

#include "rules.h"
#include "sceau/evidence/cades.h"

namespace sceau::registry {
namespace {

constexpr Time kDay = 86400;

}  // namespace

std::set<std::string> approvers_of(const Registry::State& state, const Policy& policy, const Request& request,
                                   Time now) {
  std::set<std::string> approvers;
  for (const Decided& approval : request.approvals) {
    if (!why_lapsed(state, policy, request, approval, now)) approvers.insert(approval.person);
  }
  const auto project = state.projects.find(request.project);
  const auto requester = state.people.find(request.by);
  // Nobody approves in advance whom parameters mean.
  if (request.kind != "individual" || request.parameters || project == state.projects.end() ||
      requester == state.people.end() || project->second.columns.empty() ||
      request.max_rows > project->second.max_rows) {
    return approvers;
  }
  const auto vouched = project->second.vouched.find(request.by);
  if (vouched == project->second.vouched.end()) return approvers;
  for (const std::string& id : vouched->second) {
    const auto person = state.people.find(id);
    // Rights end: what somebody approved in advance counts while she may approve. Her token may have been
    // lost since: what she signed with it is the project's by then, which lasts until it is closed.
    const bool counts = id != request.by && project->second.approvers.contains(id) &&
                        person != state.people.end() &&
                        has_role(person->second, Role::approver, requester->second.organisation, now);
    if (counts) approvers.insert(id);
  }
  return approvers;
}

Status check_hours(const Policy& policy, Time now) {
  const Rules& rules = policy.rules;
  if (rules.hours.empty()) return {};
  const Time local = now + rules.offset;
  const auto day = static_cast<unsigned>((local / kDay + 3) % 7);  // 1970-01-01 was a Thursday
  const auto minute = static_cast<int>(local % kDay / 60);
  const bool open = std::ranges::any_of(rules.hours, [&](const OpenHours& hours) {
    return (hours.days >> day & 1U) != 0 && minute >= hours.from && minute < hours.until;
  });
  if (open) return {};
  return refusal("it is " + to_rfc3339(now) +
                 ", outside the hours in which policy lets requests in and begin: see 'sceau policy show'");
}

KeyKind key_kind(const Signer& signer) {
  if (signer.fido2) return KeyKind::any;
  return signer.counter ? KeyKind::clear_sign : KeyKind::card;
}

KeyKind key_kind(const evidence::Signature& signature) {
  if (signature.kind == evidence::webauthn_kind) return KeyKind::any;
  const auto view = evidence::read_cades(signature.bytes);
  return view && !view->token_statement.empty() ? KeyKind::clear_sign : KeyKind::card;
}

Status check_key_kind(const Policy& policy, std::string_view kind, KeyKind key, std::string_view what) {
  const auto wanted = policy.rules.keys.find(std::string(kind));
  if (wanted == policy.rules.keys.end() || key >= wanted->second) return {};
  return refusal("requests of kind " + std::string(kind) + " are " + std::string(what) + " with a " +
                 std::string(key_kind_text(wanted->second)) +
                 " key by policy, and this is none: use such a token");
}

ApprovalRule approval_rule(const Policy& policy, std::string_view kind) {
  const auto rule = policy.rules.approvals.find(std::string(kind));
  if (rule != policy.rules.approvals.end()) return rule->second;
  return {kind == "individual" ? policy.approvals : 0, 0, {}, 0};
}

std::int64_t approvals_missing(const Registry::State& state, const Request& request, Time now) {
  return approvals_missing(state, state.policy, request, now);
}

std::int64_t approvals_missing(const Registry::State& state, const Policy& policy, const Request& request,
                               Time now) {
  ApprovalRule rule = approval_rule(policy, request.kind);
  if (request.parameters) rule.needed = std::max(rule.needed, std::int64_t{1});
  if (rule.needed == 0) return 0;
  const auto requester = state.people.find(request.by);
  std::int64_t given = 0, from_another = 0;
  for (const std::string& id : approvers_of(state, policy, request, now)) {
    if (!rule.by.empty() && std::ranges::find(rule.by, id) == rule.by.end()) continue;
    const auto person = state.people.find(id);
    const bool other = person != state.people.end() && requester != state.people.end() &&
                       person->second.organisation != requester->second.organisation;
    ++given;
    if (other) ++from_another;
  }
  return std::max({std::int64_t{0}, rule.needed - given, rule.from_another - from_another});
}

// Whether there are people of some organisation whose requests could get what the rule wants of others.
bool could_come_from_another(const Registry::State& state, const ApprovalRule& rule, Time now) {
  return std::ranges::any_of(state.organisations, [&](const auto& entry) {
    const std::string& organisation = entry.first;
    return std::ranges::count_if(state.people, [&](const auto& one) {
             const bool named = rule.by.empty() || std::ranges::find(rule.by, one.first) != rule.by.end();
             return named && one.second.organisation != organisation &&
                    has_role(one.second, Role::approver, organisation, now);
           }) >= rule.from_another;
  });
}

Status check_approvers_exist(const Registry::State& state, const Policy& policy, Time now) {
  for (const auto& [kind, rule] : policy.rules.approvals) {
    std::int64_t there = 0;
    for (const auto& [id, person] : state.people) {
      const bool named = rule.by.empty() || std::ranges::find(rule.by, id) != rule.by.end();
      if (named && has_role(person, Role::approver, now)) ++there;
    }
    if (there < rule.needed) {
      return refusal("reading the policy, line " + std::to_string(rule.line) + ": approvals." + kind +
                     " needs " + std::to_string(rule.needed) + " approvers, and there are " +
                     std::to_string(there) + " who could: grant the role first, or ask for fewer");
    }
    if (rule.from_another > 0 && !could_come_from_another(state, rule, now)) {
      return refusal("reading the policy, line " + std::to_string(rule.line) + ": approvals." + kind +
                     " wants " + std::to_string(rule.from_another) +
                     " from another organisation, and nobody's requests could get them: grant the role for "
                     "all organisations to people of another, or leave that out");
    }
  }
  return {};
}

}  // namespace sceau::registry
