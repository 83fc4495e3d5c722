// What an agent may name in SQL: the tables of a source's catalogue, as `sceau connect` shows them to its
// clients.
#include <algorithm>

#include "state.h"
#include "workspace.h"

namespace sceau::gate {
namespace {

using statement::Array;
using statement::Object;

Error may_not(const std::string& why) { return {ErrorKind::refused, "showing the catalogue: " + why}; }

// Only who works in the project now, and only what it covers: the names of columns are the source's own.
Status check_reader(const registry::Registry& registry, const std::string& person, const std::string& project,
                    const std::string& source, Time now) {
  const registry::Project* known = registry.project(project);
  const auto assigned =
      known == nullptr ? std::map<std::string, Time>::const_iterator{} : known->people.find(person);
  if (known == nullptr || assigned == known->people.end() || assigned->second <= now) {
    return may_not(person + " is not assigned to a project \"" + project +
                   "\": an administrator assigns people with project.assign");
  }
  if (known->closed || now < known->from || known->until <= now)
    return may_not("project \"" + project + "\" is not open now: ask under another");
  if (std::ranges::find(known->sources, source) == known->sources.end())
    return may_not("project \"" + project + "\" does not cover source \"" + source +
                   "\": name one that it covers");
  return {};
}

Object table_value(const source::Table& table, bool workspace) {
  Array columns;
  for (const source::Column& column : table.columns) {
    columns.emplace_back(Object{{"label", source::to_string(column.label)},
                                {"name", column.name},
                                {"type", source::to_string(column.type)}});
  }
  return {{"columns", std::move(columns)}, {"name", table.name}, {"workspace", workspace}};
}

}  // namespace

Result<std::string> Gate::catalogue_document(const Caller& caller, std::string_view project,
                                             std::string_view source) const {
  const std::string in(project);
  const std::string of(source);
  const Time now = state_->recorder.now();
  auto basis = state_->recorder.read([&](const registry::Registry& registry) -> Result<PlanBasis> {
    if (auto may = check_reader(registry, caller.person, in, of, now); !may) return may.error();
    return Planner::basis(registry, {in, caller.person, of});
  });
  if (!basis) return basis.error();
  auto catalogue = state_->planner.catalogue(basis->catalogue);
  if (!catalogue) return catalogue.error();
  Array tables;
  auto workspace = read_workspace(basis->tables.get(), basis->workspace);
  if (!workspace) return workspace.error();
  const source::Catalogue both = (*catalogue)->with(workspace->tables);
  for (const source::Table& table : both.tables()) tables.emplace_back(table_value(table, false));
  for (const auto& table : both.workspace()) tables.emplace_back(table_value(*table, true));
  return statement::to_canonical(
      Object{{"engine", basis->engine == source::Engine::postgresql ? "postgresql" : "sqlite"},
             {"project", in},
             {"source", of},
             {"tables", std::move(tables)}});
}

}  // namespace sceau::gate
