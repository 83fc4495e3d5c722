#include "together.h"

#include <algorithm>
#include <vector>

namespace sceau::release {
namespace {

bool listed(const std::vector<std::string>& names, const std::string& name) {
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& one) { return source::same_name(one, name); });
}

bool may_leave(const Together& profile, const ColumnNames& columns) {
  std::vector<std::string> others;
  for (const std::string& column : columns) {
    if (!listed(profile.always, column)) others.push_back(column);
  }
  return others.empty() ||
         std::any_of(profile.together.begin(), profile.together.end(), [&](const auto& allowed) {
           return std::all_of(others.begin(), others.end(),
                              [&](const std::string& column) { return listed(allowed, column); });
         });
}

}  // namespace

ColumnNames identifying_together(const source::Select& select) {
  Following following;
  following.results(select);
  return following.take();
}

Status check_together(const source::Select& select, const ProjectRules& rules) {
  if (rules.together.empty()) return {};
  const ColumnNames columns = identifying_together(select);
  for (const Together& profile : rules.together) {
    if (may_leave(profile, columns)) continue;
    const bool alone = columns.size() == 1;
    std::string names;
    for (const std::string& column : columns) names.append(names.empty() ? "" : ", ").append(column);
    return Error{ErrorKind::refused,
                 "checking what would leave: " + names +
                     (alone ? " identifies people, and" : " identify people together, and") + " profile " +
                     profile.name + " does not let that leave: leave " + (alone ? "it" : "one") +
                     " out, of the request and of the conditions that its tables of the workspace were made "
                     "with, or ask for another profile"};
  }
  return {};
}

}  // namespace sceau::release
