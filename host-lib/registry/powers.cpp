#include <algorithm>

#include "rules.h"

namespace sceau::registry {

bool is_active(const Person& person, Time now) { return !person.left && now < person.until; }

bool has_role(const Person& person, Role role, std::string_view organisation, Time now) {
  return is_active(person, now) && std::ranges::any_of(person.roles, [&](const RoleGrant& grant) {
           return grant.role == role && now < grant.until &&
                  (grant.organisation == kEverywhere || grant.organisation == organisation);
         });
}

bool has_role(const Person& person, Role role, Time now) {
  return is_active(person, now) && std::ranges::any_of(person.roles, [&](const RoleGrant& grant) {
           return grant.role == role && now < grant.until;
         });
}

std::string scope_over(const Person& person) {
  const bool everywhere = std::ranges::any_of(person.roles, [](const RoleGrant& grant) {
    return grant.organisation == kEverywhere &&
           (grant.role == Role::administrator || grant.role == Role::approver);
  });
  return everywhere ? std::string(kEverywhere) : person.organisation;
}

Result<const Person*> active_person(const Registry::State& state, std::string_view id, Time now) {
  const auto found = state.people.find(id);
  const std::string name(id);
  if (found == state.people.end()) {
    return refusal("nobody is registered as \"" + name + "\": an administrator adds people with person.add");
  }
  if (found->second.left) {
    return refusal(name + " left on " + to_rfc3339(*found->second.left) + ": nothing is signed for " + name +
                   " any more");
  }
  if (!is_active(found->second, now)) {
    return refusal("the account of " + name + " ended on " + to_rfc3339(found->second.until) +
                   ": an administrator extends it with person.add");
  }
  return &found->second;
}

namespace {

std::string number_of_administrators(std::size_t count) {
  return count == 1 ? "an administrator" : std::to_string(count) + " administrators";
}

}  // namespace

Status need_administrators(const Act& act, std::size_t count, std::string_view scope,
                           std::string_view excluded) {
  const std::string& type = act.statement().type;
  std::set<std::string_view> signed_by;
  for (const Signer& signer : act.authentication.signers) {
    const auto person = act.state.people.find(signer.person);
    if (person == act.state.people.end() ||
        !has_role(person->second, Role::administrator, scope, act.context.now)) {
      return refusal(type + " needs administrators for " +
                     (scope == kEverywhere ? "all organisations" : "organisation " + std::string(scope)) +
                     ", and " + signer.person + " is none: have the right people sign it");
    }
    if (!act.state.single && !excluded.empty() && signer.person == excluded) {
      return refusal(type + " about " + signer.person + " may not be signed by " + signer.person +
                     ": nobody acts on their own account, ask another administrator");
    }
    signed_by.insert(signer.person);
  }
  const std::size_t needed = act.state.single ? 1 : count;
  if (signed_by.size() < needed) {
    return refusal(type + " needs " + number_of_administrators(needed) + " and " +
                   std::to_string(signed_by.size()) + " signed: have another sign the same bytes");
  }
  return {};
}

Status need_one_signer(const Act& act) {
  if (act.authentication.signers.size() != 1) {
    return refusal(act.statement().type + " takes one signature and came with " +
                   std::to_string(act.authentication.signers.size()) + ": each person signs their own");
  }
  return {};
}

std::size_t administrators_left(const Registry::State& state, std::string_view without, Time now) {
  const auto can_act = [&](const auto& entry) {
    const Person& person = entry.second;
    return person.id != without && has_role(person, Role::administrator, kEverywhere, now) &&
           std::ranges::any_of(person.tokens, [&](std::size_t position) {
             return state.tokens[position].state == TokenState::active;
           });
  };
  return static_cast<std::size_t>(std::ranges::count_if(state.people, can_act));
}

}  // namespace sceau::registry
