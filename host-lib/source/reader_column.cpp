// Names of columns: which relation's they are.
#include <algorithm>

#include "reader.h"

namespace sceau::source {

Expression Reader::column_of(const Relation& relation, int column) {
  const RelationColumn& found = relation.columns[static_cast<std::size_t>(column)];
  Expression expression;
  expression.kind = Kind::column;
  expression.relation = relation.id;
  expression.column = column;
  expression.type = found.type;
  expression.label = found.label;
  expression.longest = found.type == Type::text ? found.longest : assumed_number;
  return expression;
}

std::optional<Expression> Reader::find_column(const Scope& scope, std::string_view relation,
                                              std::string_view name) {
  std::optional<Expression> found;
  const auto merged = [&](const Expression& e) -> const MergedColumn* {
    const auto at = std::find_if(scope.merged.begin(), scope.merged.end(), [&](const MergedColumn& m) {
      return m.relation == e.relation && m.column == e.column;
    });
    return relation.empty() && e.is_column() && at != scope.merged.end() ? &*at : nullptr;
  };
  const auto take = [&](Expression one) {
    if (found && merged(*found) == nullptr)
      refuse("column " + in_quotes(name) + " is ambiguous: write its table's name before it");
    if (!found) found = std::move(one);
  };
  for (const int id : scope.visible) {
    const Relation& candidate = *scope.select->find(id);
    if (!relation.empty() && !same_name(candidate.name, relation)) continue;
    for (std::size_t c = 0; c < candidate.columns.size(); ++c) {
      if (same_name(candidate.columns[c].name, name)) take(column_of(candidate, static_cast<int>(c)));
    }
    if (const auto computed = computed_.find(id); computed != computed_.end()) {
      for (const auto& [result, value] : computed->second) {
        if (same_name(result, name)) take(value);
      }
    }
  }
  if (!found && scope.outer != nullptr) return find_column(*scope.outer, relation, name);
  if (found) {
    if (const MergedColumn* one = merged(*found); one != nullptr && one->both) return one->both;
  }
  return found;
}

Expression Reader::column_ref(const PgQuery__ColumnRef& ref, const Place& place) {
  if (ref.n_fields < 1 || ref.n_fields > 2) {
    refuse("a column named with a schema: write table.column");
    return {};
  }
  const Node* last = ref.fields[ref.n_fields - 1];
  if (last->node_case == PG_QUERY__NODE__NODE_A_STAR) {
    refuse("* inside an expression: name the columns");
    return {};
  }
  const std::string relation = ref.n_fields == 2 ? text_of(ref.fields[0]) : std::string();
  const std::string name = text_of(last);
  if (failed() || place.scope == nullptr) return {};
  auto found = find_column(*place.scope, relation, name);
  if (!found) {
    refuse("column " + in_quotes(relation.empty() ? name : relation + "." + name) +
           " is in none of the tables read here: see the catalogue");
    return {};
  }
  return *found;
}

}  // namespace sceau::source
