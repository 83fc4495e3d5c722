// What a project and policy's profiles let out, as the release room takes it. The gate and the audit plan
// with the same.
#pragma once

#include <algorithm>
#include <string>

#include "sceau/registry/state.h"
#include "sceau/release/extraction.h"

namespace sceau::gate {

// The profiles that name the project or the person, else the one for everybody, if there is one.
inline std::vector<release::Together> profiles_for(const registry::Rules& rules, const std::string& project,
                                                   const std::string& person) {
  const auto names = [](const std::vector<std::string>& list, const std::string& id) {
    return std::find(list.begin(), list.end(), id) != list.end();
  };
  std::vector<release::Together> named, others;
  for (const registry::Profile& profile : rules.profiles) {
    const release::Together one{profile.name, profile.always, profile.together};
    if (names(profile.projects, project) || names(profile.people, person)) named.push_back(one);
    if (profile.everybody) others.push_back(one);
  }
  return named.empty() ? others : named;
}

// `project` is null when no project is asked about.
inline release::ProjectRules project_rules(const registry::Project* project, const registry::Rules& rules,
                                           const std::string& person) {
  release::ProjectRules result;
  if (project == nullptr) return result;
  result.columns = project->columns;
  for (const std::string& column : project->columns)
    result.tables.push_back(column.substr(0, column.find('.')));
  result.together = profiles_for(rules, project->id, person);
  return result;
}

}  // namespace sceau::gate
