// The yearly look at who may do what: recorded with what was confirmed, and what is to be taken back.
#include <algorithm>

#include "rules.h"

namespace sceau::registry {
namespace {

constexpr Time kLongest = 366 * Time{86400};  // until the next one

bool holds_right(const Registry::State& state, const std::string& person, const std::string& kind,
                 const std::string& name, Time now) {
  if (kind == "project") {
    const auto project = state.projects.find(name);
    if (project == state.projects.end()) return false;
    const auto assigned = project->second.people.find(person);
    return assigned != project->second.people.end() && now < assigned->second;
  }
  if (kind == "account") {
    return std::ranges::any_of(state.accounts, [&](const auto& entry) {
      return entry.second.person == person && entry.second.account == name;
    });
  }
  const auto known = state.people.find(person);
  const auto role = role_from_text(name);
  return known != state.people.end() && role && has_role(known->second, *role, now);
}

}  // namespace

Status check_review(const Act& act) {
  if (auto powers = need_administrators(act, 2, kEverywhere); !powers) return powers;
  const Time now = act.context.now;
  for (const statement::Value& right : array_of(act.body(), "rights")) {
    const std::string &person = text_of(right, "person"), &kind = text_of(right, "kind");
    const std::string& name = text_of(right, "name");
    if (!flag_of(right, "keep") || holds_right(act.state, person, kind, name, now)) continue;
    return refusal("the review keeps " + kind + " \"" + name + "\" of " + person +
                   ", who does not have it: list the rights again with 'sceau review'");
  }
  const Time next = time_of(act.body(), "next");
  if (next <= now || next > now + kLongest) {
    return refusal("the next review is on " + to_rfc3339(next) + ": it must be within a year");
  }
  return {};
}

}  // namespace sceau::registry
