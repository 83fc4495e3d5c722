// Roles: granted until a date, by others, and withdrawn at once.
#include <algorithm>

#include "rules.h"

namespace sceau::registry {
namespace {

Role role_in(const statement::Value& body) {
  return role_from_text(text_of(body, "role")).value_or(Role::agent);
}

// An approver's and an administrator's word counts for others: two give it, two take it away.
std::size_t administrators_for(Role role) {
  return role == Role::approver || role == Role::administrator ? 2 : 1;
}

}  // namespace

Status check_role_grant(const Act& act) {
  const Time now = act.context.now;
  const std::string& id = text_of(act.body(), "person");
  const std::string& scope = text_of(act.body(), "organisation");
  auto person = active_person(act.state, id, now);
  if (!person) return person.error();
  if (scope != kEverywhere && !act.state.organisations.contains(scope)) {
    return refusal("organisation \"" + scope + "\" is not registered: add it with organisation.add");
  }
  const std::size_t needed = administrators_for(role_in(act.body()));
  // They must be administrators of where the role holds, and of the person.
  if (auto powers = need_administrators(act, needed, scope, id); !powers) return powers;
  if (auto powers = need_administrators(act, needed, (*person)->organisation, id); !powers) return powers;
  if (time_of(act.body(), "until") <= now) {
    return refusal("the role would have ended already: give it a later end");
  }
  return {};
}

Status apply_role_grant(const Change& change) {
  Person& person = change.state.people[text_of(change.body(), "person")];
  const Role role = role_in(change.body());
  const std::string& scope = text_of(change.body(), "organisation");
  std::erase_if(person.roles,
                [&](const RoleGrant& grant) { return grant.role == role && grant.organisation == scope; });
  person.roles.push_back({role, scope, time_of(change.body(), "until")});
  return {};
}

Status check_role_withdraw(const Act& act) {
  const Time now = act.context.now;
  const std::string& id = text_of(act.body(), "person");
  const Role role = role_in(act.body());
  const auto found = act.state.people.find(id);
  if (found == act.state.people.end() ||
      std::ranges::none_of(found->second.roles, [&](const RoleGrant& grant) { return grant.role == role; })) {
    return refusal(id + " does not hold the role of " + text_of(act.body(), "role"));
  }
  auto powers = need_administrators(act, administrators_for(role), scope_over(found->second));
  if (!powers) return powers;
  if (role == Role::administrator && !act.state.single &&
      administrators_left(act.state, id, now) < kFewestAdministrators) {
    return refusal("without " + id +
                   " fewer than two administrators would be left: grant the role to another first");
  }
  return {};
}

Status apply_role_withdraw(const Change& change) {
  const auto found = change.state.people.find(text_of(change.body(), "person"));
  if (found == change.state.people.end()) return {};
  const Role role = role_in(change.body());
  std::erase_if(found->second.roles, [&](const RoleGrant& grant) { return grant.role == role; });
  return {};
}

}  // namespace sceau::registry
