// UPDATE and DELETE of a table of the workspace: read as a SELECT of that table, and of what they join it
// with.
#include <algorithm>

#include "reader.h"

namespace sceau::source {
// The table as the first relation of the statement's SELECT, under its alias.
const Table* Reader::alone(const PgQuery__RangeVar* relation, WorkStatement& work, Scope& scope) {
  PgQuery__RangeVar bare = relation == nullptr ? PgQuery__RangeVar{} : *relation;
  const std::string alias = relation == nullptr ? "" : alias_of(bare.alias, bare.relname);
  bare.alias = nullptr;
  const Table* table = failed() ? nullptr : existing(relation == nullptr ? nullptr : &bare);
  if (table == nullptr) return nullptr;
  work.table = table->name;
  work.select.emplace();
  Select& into = *work.select;
  scope.select = &into;
  Relation only = relation_of(*table);
  only.name = alias;
  into.from.push_back(add_relation(std::move(only), into, scope));
  return table;
}

// What FROM of UPDATE, or USING of DELETE, names.
void Reader::further(std::size_t count, Node* const* items, WorkStatement& work, Scope& scope,
                     const Ctes* ctes) {
  for (std::size_t i = 0; i < count && !failed(); ++i) {
    From item = from_item(*items[i], *work.select, scope, ctes);
    work.select->from.push_back(std::move(item));
  }
}

WorkStatement Reader::remove(const PgQuery__DeleteStmt& statement) {
  WorkStatement work;
  work.kind = WorkStatement::Kind::remove;
  knows(statement.base, {"relation", "using_clause", "where_clause", "with_clause"});
  const Ctes ctes = ctes_of(statement.with_clause, nullptr);
  Scope scope;
  const Table* table = alone(statement.relation, work, scope);
  if (table == nullptr) return work;
  Select& into = *work.select;
  joining_.push_back({&scope, true, {}});
  further(statement.n_using_clause, statement.using_clause, work, scope, &ctes);
  if (failed()) return work;
  into.outputs.push_back({table->columns[0].name, column_of(into.relations[0], 0)});
  if (statement.where_clause != nullptr)
    into.where = predicate(statement.where_clause, {&scope, &ctes, false});
  if (into.from.size() > 1 && !into.where) refuse("DELETE … USING without WHERE: say which rows go");
  join_apart(into);
  joining_.pop_back();
  check_ctes_used(statement.with_clause);
  return work;
}

// What `column` becomes: a constant fits into it as in VALUES.
Expression Reader::assigned(const PgQuery__ResTarget& target, const Column& column, const Place& place) {
  Expression read = value(target.val, place);
  if (failed()) return read;
  if (read.kind == Kind::text && column.type != Type::text) read = cast_to(std::move(read), column.type);
  if (read.kind == Kind::number && column.type == Type::text) read = cast_to(std::move(read), Type::text);
  if (!failed() && read.kind != Kind::null && (read.type == Type::text) != (column.type == Type::text))
    refuse("column " + in_quotes(column.name) + " of UPDATE mixes text and numbers: convert with CAST");
  return read;
}

WorkStatement Reader::update(const PgQuery__UpdateStmt& statement) {
  WorkStatement work;
  work.kind = WorkStatement::Kind::update;
  knows(statement.base, {"relation", "target_list", "from_clause", "where_clause", "with_clause"});
  const Ctes ctes = ctes_of(statement.with_clause, nullptr);
  Scope scope;
  const Place place{&scope, &ctes, false};
  const Table* table = alone(statement.relation, work, scope);
  if (table == nullptr) return work;
  Select& into = *work.select;
  joining_.push_back({&scope, true, {}});
  further(statement.n_from_clause, statement.from_clause, work, scope, &ctes);
  for (std::size_t i = 0; i < statement.n_target_list && !failed(); ++i) {
    const Node& node = *statement.target_list[i];
    if (node.node_case != PG_QUERY__NODE__NODE_RES_TARGET || !knows(node.res_target->base, {"name", "val"}) ||
        node.res_target->val == nullptr) {
      refuse("a column of UPDATE that is no plain name with its value");
      return work;
    }
    const int at = table->find(node.res_target->name);
    if (at < 0) {
      refuse("column " + in_quotes(node.res_target->name) + " is not in table " + in_quotes(table->name));
    } else if (std::find(work.into.begin(), work.into.end(), at) != work.into.end()) {
      refuse("column " + in_quotes(node.res_target->name) + " is twice in one UPDATE");
    } else {
      work.into.push_back(at);
      // The text around it names them so that each is there once.
      into.outputs.push_back(
          {"c" + std::to_string(i + 1),
           assigned(*node.res_target, table->columns[static_cast<std::size_t>(at)], place)});
    }
  }
  if (statement.where_clause != nullptr && !failed()) into.where = predicate(statement.where_clause, place);
  if (into.from.size() > 1 && !into.where && !failed())
    refuse("UPDATE … FROM without WHERE: say which rows belong together");
  join_apart(into);
  joining_.pop_back();
  check_ctes_used(statement.with_clause);
  return work;
}

}  // namespace sceau::source
