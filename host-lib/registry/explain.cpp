// What would become of a request: the rules of requests, asked without one.
#include "sceau/registry/explanation.h"

#include <algorithm>

#include "asking.h"

namespace sceau::registry {
namespace {

KeyKind key_kind(const TokenKey& key) {
  if (!key.credential.empty()) return KeyKind::any;
  return key.clear_sign ? KeyKind::clear_sign : KeyKind::card;
}

KeyKind wanted_key(const Policy& policy, std::string_view kind) {
  if (policy.clear_sign && kind != "work") return KeyKind::clear_sign;
  const auto rule = policy.rules.keys.find(std::string(kind));
  return rule == policy.rules.keys.end() ? KeyKind::any : rule->second;
}

// What a clear-sign key's own policy allows it to sign.
bool covers(const pki::KeyPolicy& policy, const Prospect& prospect) {
  const auto allows = [](const auto& list, const std::string& word) {
    return !list || std::ranges::find(*list, word) != list->end();
  };
  return std::ranges::find(policy.types, "extraction.request") != policy.types.end() &&
         allows(policy.kinds, prospect.kind) && allows(policy.sources, prospect.source);
}

bool could_sign(const TokenKey& key, const Prospect& prospect) {
  const bool for_this =
      key.purpose == KeyPurpose::sign || (key.purpose == KeyPurpose::session && prospect.kind == "work");
  return for_this && key.rp_id.empty() && key_kind(key) >= prospect.key &&
         (!key.clear_sign || covers(*key.clear_sign, prospect));
}

void add_tokens(const Registry::State& state, const Person& person, Prospect& prospect) {
  for (const std::size_t position : person.tokens) {
    const Token& token = state.tokens[position];
    const bool does =
        token.state == TokenState::active &&
        std::ranges::any_of(token.keys, [&](const TokenKey& key) { return could_sign(key, prospect); });
    if (does) prospect.tokens.push_back(token.serial);
  }
  if (!prospect.tokens.empty()) return;
  prospect.objections.push_back(
      person.id + " has no active token that signs it" +
      (prospect.key == KeyKind::any
           ? std::string()
           : ", with a " + std::string(key_kind_text(prospect.key)) + " key as policy wants") +
      ": an administrator enrols one with token.enrol");
}

void add_approvers(const Asking& asking, const Person& person, Prospect& prospect) {
  prospect.approvals = approval_rule(asking.policy, prospect.kind);
  Request request;
  request.by = asking.person;
  request.project = asking.project;
  request.source = asking.source;
  request.kind = asking.kind;
  request.max_rows = asking.max_rows;
  prospect.missing = approvals_missing(asking.state, asking.policy, request, asking.now);
  const auto& by = prospect.approvals.by;
  for (const auto& [id, one] : asking.state.people) {
    const bool named = by.empty() || std::ranges::find(by, id) != by.end();
    if (named && id != person.id && has_role(one, Role::approver, person.organisation, asking.now))
      prospect.could_approve.push_back(id);
  }
  std::ranges::sort(prospect.could_approve);
}

Time first_end(const Asking& asking, const Person& person, const Project* project) {
  Time until = person.until;
  Time agent = 0;
  for (const RoleGrant& grant : person.roles) {
    if (grant.role == Role::agent) agent = std::max(agent, grant.until);
  }
  until = std::min(until, agent);
  if (project == nullptr) return until;
  until = std::min(until, project->until);
  const auto assigned = project->people.find(std::string(asking.person));
  return assigned == project->people.end() ? 0 : std::min(until, assigned->second);
}

Prospect prospect_of(const Asking& asking, const Person& person) {
  Prospect prospect;
  prospect.project = asking.project;
  prospect.source = asking.source;
  prospect.kind = asking.kind;
  for (const Error& objection : objections(asking)) prospect.objections.push_back(objection.message);
  const auto found = asking.state.projects.find(asking.project);
  const Project* project = found == asking.state.projects.end() ? nullptr : &found->second;
  prospect.max_rows = std::min(asking.policy.row_limit, project == nullptr ? 0 : project->max_rows);
  prospect.until = first_end(asking, person, project);
  prospect.key = wanted_key(asking.policy, asking.kind);
  add_tokens(asking.state, person, prospect);
  add_approvers(asking, person, prospect);
  return prospect;
}

std::vector<std::string> one_or(const std::string& one, const std::vector<std::string>& all) {
  return one.empty() ? all : std::vector{one};
}

// Those she is assigned to; or the one that is asked about, whether it exists or not.
std::vector<std::string> projects_of(const Registry::State& state, const Question& question) {
  std::vector<std::string> assigned;
  for (const auto& [id, project] : state.projects) {
    if (project.people.contains(question.person)) assigned.push_back(id);
  }
  std::ranges::sort(assigned);
  return one_or(question.project, assigned);
}

}  // namespace

Explanation explain(const Registry::State& state, const Policy& policy, const Question& question, Time now) {
  Explanation explanation;
  const auto person = active_person(state, question.person, now);
  if (!person) explanation.objections.push_back(person.error().message);
  const auto known = state.people.find(question.person);
  if (known == state.people.end()) return explanation;
  for (const std::string& id : projects_of(state, question)) {
    const auto found = state.projects.find(id);
    if (found == state.projects.end()) {
      explanation.objections.push_back("no project \"" + id +
                                       "\" is open: an administrator opens one with project.open");
      continue;
    }
    for (const std::string& source : one_or(question.source, found->second.sources)) {
      for (const std::string& kind : one_or(question.kind, found->second.kinds)) {
        const Asking asking{state, policy, known->first, id, source, kind, question.max_rows, now};
        explanation.prospects.push_back(prospect_of(asking, known->second));
      }
    }
  }
  if (explanation.prospects.empty() && explanation.objections.empty()) {
    explanation.objections.push_back(
        question.person + " is in no project: an administrator assigns people with project.assign");
  }
  return explanation;
}

}  // namespace sceau::registry
