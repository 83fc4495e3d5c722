#include "asking.h"

#include <algorithm>
#include <array>

namespace sceau::registry {
namespace {

const Project* project_of(const Asking& asking) {
  const auto found = asking.state.projects.find(asking.project);
  return found == asking.state.projects.end() ? nullptr : &found->second;
}

std::string in_quotes(std::string_view id) { return "\"" + std::string(id) + "\""; }

Status is_agent(const Asking& asking) {
  const auto person = asking.state.people.find(asking.person);
  if (person != asking.state.people.end() && has_role(person->second, Role::agent, asking.now)) return {};
  return refusal(std::string(asking.person) +
                 " is no agent: an administrator grants the role with role.grant");
}

Status project_exists(const Asking& asking) {
  if (project_of(asking) != nullptr) return {};
  return refusal("no project " + in_quotes(asking.project) +
                 " is open: an administrator opens one with project.open");
}

Status project_runs(const Asking& asking) {
  const Project* project = project_of(asking);
  if (project == nullptr) return {};
  if (project->closed)
    return refusal("project " + in_quotes(project->id) +
                   " is closed: ask under another, or have one opened with project.open");
  if (project->from <= asking.now && asking.now < project->until) return {};
  return refusal("project " + in_quotes(project->id) + " runs from " + to_rfc3339(project->from) + " to " +
                 to_rfc3339(project->until) + ", and it is " + to_rfc3339(asking.now) +
                 ": ask within that time, or under another project");
}

Status is_assigned(const Asking& asking) {
  const Project* project = project_of(asking);
  if (project == nullptr) return {};
  const std::string person(asking.person);
  const auto assigned = project->people.find(person);
  if (assigned == project->people.end()) {
    return refusal(person + " is not assigned to project " + in_quotes(project->id) +
                   ": an administrator assigns people with project.assign");
  }
  if (asking.now < assigned->second) return {};
  return refusal("the assignment of " + person + " to project " + in_quotes(project->id) + " ended on " +
                 to_rfc3339(assigned->second) + ": an administrator assigns people anew with project.assign");
}

Status source_is_there(const Asking& asking) {
  if (asking.state.sources.contains(asking.source)) return {};
  return refusal("no source " + in_quotes(asking.source) +
                 " is registered: two administrators add one with source.add");
}

Status project_covers_source(const Asking& asking) {
  const Project* project = project_of(asking);
  if (project == nullptr || std::ranges::find(project->sources, asking.source) != project->sources.end())
    return {};
  return refusal("project " + in_quotes(project->id) + " does not cover source " + in_quotes(asking.source) +
                 ": ask for one that it covers, or under another project");
}

Status source_takes_kind(const Asking& asking) {
  const auto source = asking.state.sources.find(asking.source);
  if (asking.kind != "work" || source == asking.state.sources.end() || source->second.engine != "sqlite")
    return {};
  return refusal("work leaves its result inside the source, and " + in_quotes(asking.source) +
                 " is a SQLite file that the gate opens read-only: ask for aggregate or individual");
}

Status project_covers_kind(const Asking& asking) {
  const Project* project = project_of(asking);
  if (project == nullptr || std::ranges::find(project->kinds, asking.kind) != project->kinds.end()) return {};
  return refusal("project " + in_quotes(project->id) + " does not cover the kind " + in_quotes(asking.kind) +
                 ": ask for one that it covers, or under another project");
}

Status is_open(const Asking& asking) { return check_hours(asking.policy, asking.now); }

Status project_covers_rows(const Asking& asking) {
  const Project* project = project_of(asking);
  if (project == nullptr || asking.max_rows <= project->max_rows) return {};
  return refusal(std::to_string(asking.max_rows) + " rows are asked for and project " +
                 in_quotes(project->id) + " covers " + std::to_string(project->max_rows) + ": ask for fewer");
}

Status policy_allows_rows(const Asking& asking) {
  if (asking.max_rows <= asking.policy.row_limit) return {};
  return refusal(std::to_string(asking.max_rows) + " rows are asked for and policy allows " +
                 std::to_string(asking.policy.row_limit) + ": ask for fewer");
}

constexpr std::array kRules{is_agent,        project_exists,        project_runs,      is_assigned,
                            source_is_there, project_covers_source, source_takes_kind, project_covers_kind,
                            is_open,         project_covers_rows,   policy_allows_rows};

}  // namespace

Status check_asking(const Asking& asking) {
  for (const auto rule : kRules) {
    if (auto good = rule(asking); !good) return good;
  }
  return {};
}

std::vector<Error> objections(const Asking& asking) {
  std::vector<Error> found;
  for (const auto rule : kRules) {
    if (auto good = rule(asking); !good) found.push_back(good.error());
  }
  return found;
}

}  // namespace sceau::registry
