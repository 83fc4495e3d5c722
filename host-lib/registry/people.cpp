// Organisations and the people in them.
#include <algorithm>

#include "rules.h"

namespace sceau::registry {

Status check_organisation_add(const Act& act) {
  if (auto powers = need_administrators(act, 1, kEverywhere); !powers) return powers;
  const std::string& id = text_of(act.body(), "organisation");
  if (act.state.organisations.contains(id))
    return refusal("organisation \"" + id + "\" is registered already");
  return {};
}

Status apply_organisation_add(const Change& change) {
  const std::string& id = text_of(change.body(), "organisation");
  change.state.organisations[id] = {id, text_of(change.body(), "name")};
  return {};
}

Status check_person_add(const Act& act) {
  const std::string& id = text_of(act.body(), "person");
  const std::string& organisation = text_of(act.body(), "organisation");
  if (!act.state.organisations.contains(organisation)) {
    return refusal("organisation \"" + organisation + "\" is not registered: add it with organisation.add");
  }
  if (act.state.gates.contains(id)) return refusal("\"" + id + "\" is a gate: choose another id");
  if (auto powers = need_administrators(act, 1, organisation, id); !powers) return powers;
  if (time_of(act.body(), "until") <= act.context.now) {
    return refusal("the account of " + id + " would have ended already: give it a later end");
  }
  const auto known = act.state.people.find(id);
  if (known != act.state.people.end() && known->second.organisation != organisation) {
    return refusal(id + " is registered in organisation \"" + known->second.organisation +
                   "\": a person keeps theirs, choose another id");
  }
  return {};
}

// Adding somebody who is known renews the account: its name, engagement and end.
Status apply_person_add(const Change& change) {
  const std::string& id = text_of(change.body(), "person");
  Person& person = change.state.people[id];
  person.id = id;
  person.name = text_of(change.body(), "name");
  person.organisation = text_of(change.body(), "organisation");
  person.engagement = text_of(change.body(), "engagement");
  person.until = time_of(change.body(), "until");
  person.left.reset();
  return {};
}

Status check_person_leave(const Act& act) {
  const Time now = act.context.now;
  const std::string& id = text_of(act.body(), "person");
  const auto found = act.state.people.find(id);
  if (found == act.state.people.end()) return refusal("nobody is registered as \"" + id + "\"");
  const Person& person = found->second;
  if (person.left) return refusal(id + " left already, on " + to_rfc3339(*person.left));
  const bool powerful = has_role(person, Role::administrator, now) || has_role(person, Role::approver, now);
  if (auto powers = need_administrators(act, powerful ? 2 : 1, scope_over(person)); !powers) return powers;
  if (!act.state.single && has_role(person, Role::administrator, now) &&
      administrators_left(act.state, id, now) < kFewestAdministrators) {
    return refusal("without " + id +
                   " fewer than two administrators would be left: grant the role to another first");
  }
  return {};
}

// Whoever leaves loses roles, projects, accounts and tokens: coming back starts from nothing.
Status apply_person_leave(const Change& change) {
  const auto found = change.state.people.find(text_of(change.body(), "person"));
  if (found == change.state.people.end()) return {};
  Person& person = found->second;
  person.left = change.record.at;
  person.roles.clear();
  for (const std::size_t position : person.tokens) {
    Token& token = change.state.tokens[position];
    if (token.state != TokenState::ended) token.state = TokenState::revoked;
  }
  for (auto& [id, project] : change.state.projects) project.people.erase(person.id);
  end_workspaces_of_person(change.state, person.id);
  std::erase_if(change.state.accounts, [&](const auto& item) { return item.second.person == person.id; });
  return {};
}

}  // namespace sceau::registry
