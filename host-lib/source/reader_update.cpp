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

// Of SET (a, b) = (x, y), what is given to one of them.
const Node* Reader::given_to(const PgQuery__ResTarget& target) {
  if (target.val->node_case != PG_QUERY__NODE__NODE_MULTI_ASSIGN_REF) return target.val;
  const PgQuery__MultiAssignRef& one = *target.val->multi_assign_ref;
  const Node* all = one.source;
  const bool row = all != nullptr && all->node_case == PG_QUERY__NODE__NODE_ROW_EXPR && one.colno >= 1 &&
                   static_cast<std::size_t>(one.colno) <= all->row_expr->n_args;
  if (!row) refuse("SET (a, b) = (SELECT …) is not followed: write UPDATE … FROM (SELECT …) s WHERE …");
  return row ? all->row_expr->args[one.colno - 1] : nullptr;
}

// What `column` becomes: a constant fits into it as in VALUES.
Expression Reader::assigned(const Node* given, const Column& column, const Place& place) {
  Expression read = is_by_chance(given) ? drawn() : value(given, place);
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
           assigned(given_to(*node.res_target), table->columns[static_cast<std::size_t>(at)], place)});
    }
  }
  if (statement.where_clause != nullptr && !failed()) into.where = predicate(statement.where_clause, place);
  if (into.from.size() > 1 && !into.where && !failed())
    refuse("UPDATE … FROM without WHERE: say which rows belong together");
  set_first(work);
  join_apart(into);
  joining_.pop_back();
  check_ctes_used(statement.with_clause);
  return work;
}

// SET a = (SELECT max(x) FROM p WHERE p.k = t.k) is two: all rows get what they would where no row is tied,
// and then those that are tied get theirs.
void Reader::set_first(WorkStatement& work) {
  auto& all = joining_.back().apart;
  const auto tied = std::find_if(all.begin(), all.end(), [](const Apart& one) { return one.on.has_value(); });
  if (failed() || tied == all.end()) return;
  Select& into = *work.select;
  const int changed = into.relations[0].id;
  const auto names = [](const Expression& e, const auto& is) {
    bool found = false;
    for_each(e, [&](const Expression& each) { found = found || each.select != nullptr || is(each); });
    return found;
  };
  const auto is_set = [&](const Expression& e) {
    return e.is_column() && e.relation == changed &&
           std::find(work.into.begin(), work.into.end(), e.column) != work.into.end();
  };
  const auto is_tied = [&](const Expression& e) { return e.is_column() && e.relation == tied->relation.id; };
  bool followed = tied->one_row && all.size() == 1 && into.from.size() == 1;
  for (const Output& output : into.outputs) followed = followed && !names(output.value, is_set);
  for (const Expression& tie : tied->ties) followed = followed && !is_set(tie);
  if (into.where) followed = followed && !names(*into.where, is_set) && !names(*into.where, is_tied);
  if (!followed)
    return refuse(
        "of an UPDATE, one SELECT that looks at its rows is followed, an aggregate, where nothing else looks "
        "at "
        "what is set: write UPDATE … FROM (SELECT k, max(x) AS m FROM … GROUP BY k) s WHERE s.k = t.k");
  WorkStatement first = work;
  for (Output& output : first.select->outputs) output.value = without(output.value, tied->relation.id);
  work.before = std::make_shared<const WorkStatement>(std::move(first));
  From item;
  item.relation = tied->relation.id;
  std::vector<Expression> conditions{std::move(*tied->on)};
  if (into.where) conditions.push_back(std::move(*into.where));
  into.where = conditions.size() == 1 ? std::move(conditions[0]) : both_of(std::move(conditions));
  into.relations.push_back(std::move(tied->relation));
  into.from.push_back(std::move(item));
  all.clear();
}

// With NULL for what that relation gives.
Expression Reader::without(const Expression& e, int relation) {
  if (e.is_column() && e.relation == relation) {
    Expression nothing = condition_of(Kind::cast, {}, {Expression{}});
    nothing.type = e.type;
    return finish(std::move(nothing));
  }
  Expression made = e;
  for (Expression& child : made.children) child = without(child, relation);
  return finish(std::move(made));
}

// One list, as the reader makes it.
Expression Reader::both_of(std::vector<Expression> conditions) {
  Expression all = condition_of(Kind::both, {}, {});
  for (Expression& one : conditions) {
    if (one.kind != Kind::both) {
      all.children.push_back(std::move(one));
    } else {
      for (Expression& part : one.children) all.children.push_back(std::move(part));
    }
  }
  return finish(std::move(all));
}

}  // namespace sceau::source
