// What * means: columns in the order in which the database has them.
#include <algorithm>

#include "reader.h"

namespace sceau::source {

std::string Reader::shown_name(const ShownColumn& shown, const Select& select) {
  const Relation& relation = *select.find(shown.relation);
  if (shown.column < relation.columns.size()) return relation.columns[shown.column].name;
  return computed_.at(shown.relation)[shown.column - relation.columns.size()].first;
}

void Reader::all_columns(Select& into, const Scope& scope, std::string_view relation) {
  const auto add = [&](const ShownColumn& shown) {
    const Relation& of = *into.find(shown.relation);
    if (shown.column >= of.columns.size()) {
      const auto& [name, value] = computed_.at(of.id)[shown.column - of.columns.size()];
      return into.outputs.push_back({name, value});
    }
    const int column = static_cast<int>(shown.column);
    const auto both = std::find_if(scope.merged.begin(), scope.merged.end(), [&](const MergedColumn& m) {
      return relation.empty() && m.both && m.relation == of.id && m.column == column;
    });
    into.outputs.push_back(
        {of.columns[shown.column].name, both == scope.merged.end() ? column_of(of, column) : *both->both});
  };
  if (relation.empty()) {
    for (const ShownColumn& shown : scope.shown) add(shown);
    return;
  }
  bool found = false;
  for (const Relation& candidate : into.relations) {
    if (!same_name(candidate.name, relation)) continue;
    found = true;
    for (const ShownColumn& shown : own_columns(candidate)) add(shown);
  }
  if (!found)
    refuse("table " + in_quotes(relation) + " of " + in_quotes(std::string(relation) + ".*") +
           " is not in FROM");
}

// A relation's columns that have names, and what LATERAL computed beside them.
std::vector<ShownColumn> Reader::own_columns(const Relation& relation) const {
  std::vector<ShownColumn> columns;
  for (std::size_t i = 0; i < relation.columns.size(); ++i) {
    if (!relation.columns[i].name.empty()) columns.push_back({relation.id, i});
  }
  const auto computed = computed_.find(relation.id);
  for (std::size_t i = 0; computed != computed_.end() && i < computed->second.size(); ++i)
    columns.push_back({relation.id, relation.columns.size() + i});
  return columns;
}

// * means what USING merged first, and not again where it comes from.
void Reader::show_merged(const std::vector<std::string>& names, const std::vector<MergedColumn>& merged,
                         const Select& into, Scope& scope) {
  std::vector<ShownColumn> shown;
  shown.reserve(scope.shown.size());
  for (const MergedColumn& one : merged)
    shown.push_back({one.relation, static_cast<std::size_t>(one.column)});
  for (const ShownColumn& one : scope.shown) {
    const std::string own = shown_name(one, into);
    const bool again = std::any_of(names.begin(), names.end(),
                                   [&](const std::string& name) { return same_name(name, own); });
    if (!again) shown.push_back(one);
  }
  scope.shown = std::move(shown);
}

}  // namespace sceau::source
