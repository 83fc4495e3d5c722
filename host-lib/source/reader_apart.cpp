// SELECTs that are computed once for each row around them, written out as joins: a SELECT as a value, and
// LATERAL.
//
//   (SELECT max(p.d) FROM p WHERE p.k = b.k)         LEFT JOIN (SELECT max(d) AS m, k FROM p GROUP BY k) s ON
//   s.k = b.k (SELECT max(d) FROM p)                           , (SELECT max(d) AS m FROM p) s LATERAL
//   (SELECT … WHERE p.k = b.k ORDER BY … LIMIT 1)   JOIN (… row_number() OVER (PARTITION BY k ORDER BY …) …)
//   ON
//
// So that labels, and whom rows are about, are followed as through any join; and so that no value of the data
// can make "more than one row" fail.
#include <algorithm>

#include "reader.h"

namespace sceau::source {
namespace {

using Kind = Expression::Kind;

// Calls `visit` for every column that the SELECT and all inside it name, and `define` for every relation.
class Walk {
 public:
  std::set<int> defined;
  std::vector<const Expression*> columns;

  void select(const Select& select) {
    for (const Select& part : select.parts) this->select(part);
    for (const Relation& relation : select.relations) {
      defined.insert(relation.id);
      if (relation.select) this->select(*relation.select);
    }
    for (const From& item : select.from) from(item);
    if (select.combine == Select::Combine::none) {
      for (const Output& output : select.outputs) expression(output.value);
      for (const OrderBy& order : select.order_by) expression(order.value);
    }
    for (const Expression& group : select.group_by) expression(group);
    if (select.where) expression(*select.where);
    if (select.having) expression(*select.having);
  }
  void expression(const Expression& e) {
    if (e.is_column()) columns.push_back(&e);
    for (const Expression& child : e.children) expression(child);
    if (e.select) select(*e.select);
  }
  void from(const From& from) {
    for (const From& side : from.sides) this->from(side);
    if (from.on) expression(*from.on);
  }
  // Names a relation that is not inside.
  [[nodiscard]] bool looks_out() const {
    return std::any_of(columns.begin(), columns.end(),
                       [&](const Expression* column) { return !defined.contains(column->relation); });
  }
};

bool looks_out(const Select& select) {
  Walk walk;
  walk.select(select);
  return walk.looks_out();
}

bool has_window(const Select& select) {
  bool found = false;
  for (const Output& output : select.outputs)
    for_each(output.value, [&](const Expression& e) { found = found || e.kind == Kind::window; });
  return found;
}

bool has_aggregate(const Expression& e) {
  bool found = false;
  for_each(e, [&](const Expression& each) { found = found || each.kind == Kind::aggregate; });
  return found;
}

void relations_in(const From& from, std::set<int>& into) {
  if (from.relation != 0) into.insert(from.relation);
  for (const From& side : from.sides) relations_in(side, into);
}

Expression all_of(std::vector<Expression> conditions) {
  if (conditions.empty()) return condition_of(Kind::compare, "=", {whole_number(1), whole_number(1)});
  if (conditions.size() == 1) return std::move(conditions[0]);
  return condition_of(Kind::both, {}, std::move(conditions));
}

}  // namespace

// Takes `inner column = outer column` out of WHERE. Each becomes a result without a name, which no SQL can
// mean.
std::vector<Reader::Tie> Reader::ties_of(Select& inner) {
  std::vector<Tie> ties;
  if (!looks_out(inner)) return ties;
  if (inner.combine != Select::Combine::none || !inner.values.empty() || !inner.where) {
    refuse(
        "a SELECT that looks at the rows around it is followed where its WHERE says inner column = outer "
        "column: "
        "join the tables instead");
    return ties;
  }
  std::vector<Expression> conditions;
  if (inner.where->kind == Kind::both) {
    conditions = inner.where->children;
  } else {
    conditions.push_back(*inner.where);
  }
  std::vector<Expression> kept;
  for (Expression& condition : conditions) {
    const bool equality = condition.kind == Kind::compare && condition.text == "=" &&
                          condition.children[0].is_column() && condition.children[1].is_column();
    const bool first = equality && inner.find(condition.children[0].relation) != nullptr;
    const bool second = equality && inner.find(condition.children[1].relation) != nullptr;
    if (first == second) {
      kept.push_back(std::move(condition));
    } else {
      ties.push_back({condition.children[first ? 0 : 1], condition.children[first ? 1 : 0]});
    }
  }
  inner.where.reset();
  if (!kept.empty()) inner.where = finish(all_of(std::move(kept)));
  return ties;
}

// The rows of each tie by themselves: what was one SELECT for each row around is one for all of them, with
// what it is tied by as results that have no name.
Select Reader::of_each(Select inner, const std::vector<Tie>& ties, bool one_row) {
  if (!ties.empty() && has_window(inner))
    refuse("a window function in a SELECT that looks at the rows around it: join the tables instead");
  if (one_row) {
    one_for_each(inner);
  } else if (inner.limit && !ties.empty()) {
    return first_of_each(std::move(inner), ties);
  } else if (!inner.limit) {
    inner.order_by.clear();
  }
  for (const Tie& tie : ties) {
    if (one_row || !inner.group_by.empty()) inner.group_by.push_back(tie.inner);
    inner.outputs.push_back({"", tie.inner});
  }
  return inner;
}

Reader::Apart Reader::apart(Select inner, const Scope& around) {
  Apart read;
  std::vector<Tie> ties = ties_of(inner);
  if (failed()) return read;
  read.one_row = inner.combine == Select::Combine::none && inner.values.empty() && inner.group_by.empty() &&
                 inner.grouped();
  const std::vector<Output> results = inner.outputs;
  inner = of_each(std::move(inner), ties, read.one_row);
  if (!failed() && looks_out(inner))
    refuse(
        "a SELECT looks at the rows around it in another way than inner column = outer column in its WHERE: "
        "join "
        "the tables instead");
  if (failed()) return read;
  const std::size_t first_tie = inner.outputs.size() - ties.size();
  read.relation = relation_of(std::move(inner));
  read.relation.id = next_relation_++;
  read.relation.name = "SELECT as a value";
  std::vector<Expression> equal;
  for (std::size_t i = 0; i < ties.size(); ++i) {
    const auto& visible = around.visible;
    if (std::find(visible.begin(), visible.end(), ties[i].outer.relation) == visible.end())
      refuse("a SELECT looks at rows of a SELECT around the one that it stands in: join the tables instead");
    read.outer.insert(ties[i].outer.relation);
    read.ties.push_back(ties[i].outer);
    Expression column = column_of(read.relation, static_cast<int>(first_tie + i));
    equal.push_back(finish(condition_of(Kind::compare, "=", {std::move(column), ties[i].outer})));
  }
  if (!equal.empty()) read.on = finish(all_of(std::move(equal)));
  for (std::size_t i = 0; i < results.size(); ++i) {
    read.names.push_back(results[i].name);
    read.results.push_back(read.one_row ? outside(results[i].value, read.relation, !ties.empty())
                                        : column_of(read.relation, static_cast<int>(i)));
  }
  return read;
}

// An aggregate without GROUP BY: its aggregates become results, and what is computed from them is computed
// outside.
void Reader::one_for_each(Select& inner) {
  if (inner.having || inner.limit)
    refuse("HAVING or LIMIT in a SELECT of one row: leave it out, or join the tables instead");
  inner.distinct = false;
  inner.order_by.clear();
  const std::vector<Output> results = std::exchange(inner.outputs, {});
  std::set<std::string> known;
  for (const Output& result : results) {
    for_each(result.value, [&](const Expression& e) {
      if (e.kind == Kind::aggregate && known.insert(print(e)).second) inner.outputs.push_back({"", e});
    });
  }
  if (inner.outputs.empty()) refuse("a SELECT of one row whose results are no aggregates: name them outside");
}

// `result` with columns of `relation` for the aggregates that those are. Where no row is tied, a count is 0.
Expression Reader::outside(const Expression& result, const Relation& relation, bool tied) {
  if (result.kind == Kind::aggregate) {
    const auto& outputs = relation.select->outputs;
    const std::string text = source::print(result);
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      if (source::print(outputs[i].value) != text) continue;
      Expression column = column_of(relation, static_cast<int>(i));
      if (result.text != "count" || !tied) return column;
      return finish(call_of("coalesce", Type::integer, {std::move(column), whole_number(0)}));
    }
  }
  Expression made = result;
  for (Expression& child : made.children) child = outside(child, relation, tied);
  return finish(std::move(made));
}

// ORDER BY … LIMIT n of each tie: row_number() OVER (PARTITION BY the ties ORDER BY …) <= n.
Select Reader::first_of_each(Select inner, const std::vector<Tie>& ties) {
  if (inner.grouped() || inner.distinct || inner.order_by.empty())
    refuse(
        "LIMIT in a SELECT that looks at the rows around it needs an ORDER BY, and no DISTINCT or GROUP BY: "
        "rows "
        "taken by chance are not followed");
  if (failed()) return inner;
  Expression number;
  number.kind = Kind::window;
  number.text = "row_number";
  number.type = Type::integer;
  for (const Tie& tie : ties) number.children.push_back(tie.inner);
  for (OrderBy& order : inner.order_by) {
    number.children.push_back(std::move(order.value));
    number.ordering.push_back({order.descending, order.nulls_first});
  }
  const std::uint64_t count = *inner.limit;
  if (count == 0 || count > 1000) refuse("LIMIT of a SELECT that looks at the rows around it is 1 to 1000");
  inner.order_by.clear();
  inner.limit.reset();
  for (const Tie& tie : ties) inner.outputs.push_back({"", tie.inner});
  inner.outputs.push_back({"", finish(std::move(number))});
  const auto last = static_cast<int>(inner.outputs.size()) - 1;
  Select first = this->around(std::move(inner));
  first.outputs.pop_back();
  first.where = finish(condition_of(
      Kind::compare, "<=", {column_of(first.relations[0], last), whole_number(static_cast<long>(count))}));
  return first;
}

Expression Reader::largest(const Expression& value, const Relation& relation) {
  Expression made = value;
  if (!made.is_column() || made.relation != relation.id) {
    for (Expression& child : made.children) child = largest(child, relation);
    return finish(std::move(made));
  }
  made = condition_of(Kind::aggregate, "max", {value});
  made.type = value.type;
  return finish(std::move(made));
}

// (SELECT …) as a value: one row at most, whatever the data.
Expression Reader::scalar(const PgQuery__SelectStmt& statement, const Place& place) {
  const std::size_t level = joining_.size();
  if (level == 0 || place.scope == nullptr || joining_.back().scope != place.scope) {
    refuse(
        "a SELECT as a value stands in the results, in WHERE or in HAVING: LEFT JOIN a SELECT in FROM that "
        "is "
        "grouped by the person key instead");
    return {};
  }
  Select inner = select(statement, place.scope, place.ctes);
  if (failed()) return {};
  if (inner.outputs.size() != 1) refuse("a SELECT as a value has one result");
  const bool single =
      inner.combine == Select::Combine::none && inner.values.empty() &&
      ((inner.group_by.empty() && has_aggregate(inner.outputs[0].value)) || inner.limit == std::uint64_t{1});
  if (!single)
    refuse(
        "a SELECT as a value gives one row whatever the data are: an aggregate without GROUP BY, or LIMIT 1; "
        "or "
        "LEFT JOIN a SELECT in FROM that is grouped by the person key instead");
  if (failed()) return {};
  Apart made = apart(std::move(inner), *place.scope);
  if (failed()) return {};
  Expression result = made.results[0];
  if (is_identifying(result.label))
    refuse("a SELECT as a value that is an identifier: join the tables instead");
  // Of a group, it is the same in every row: the largest is any of them.
  made.settles = place.aggregates;
  if (made.settles && place.scope->statement != nullptr && place.scope->statement->n_group_clause > 0)
    result = largest(result, made.relation);
  joining_.back().apart.push_back(std::move(made));
  return result;
}

// Beside GROUP BY: one value for each group, if what it looks at has one.
void Reader::settle(const Apart& one, const Select& into) {
  if (into.group_by.empty())
    return refuse(
        "a SELECT as a value beside aggregates without GROUP BY: put each into a table, or into FROM");
  for (const Expression& outer : one.ties) {
    const std::string text = print(outer);
    const bool grouped = std::any_of(into.group_by.begin(), into.group_by.end(),
                                     [&](const Expression& group) { return print(group) == text; });
    if (!grouped) refuse("a SELECT as a value looks at a column that is not in GROUP BY");
  }
}

// Joins what was read as a value to the SELECT that it stands in.
void Reader::join_apart(Select& into) {
  std::vector<Apart> all = std::move(joining_.back().apart);
  joining_.back().apart.clear();
  for (Apart& one : all) {
    if (failed()) return;
    if (one.settles && into.grouped()) settle(one, into);
    const auto whole = [&](const From& from) {
      std::set<int> relations;
      relations_in(from, relations);
      return std::includes(relations.begin(), relations.end(), one.outer.begin(), one.outer.end());
    };
    From added;
    added.relation = one.relation.id;
    if (one.one_row && !one.on) {
      into.relations.push_back(std::move(one.relation));
      into.from.push_back(std::move(added));
      continue;
    }
    const auto item = std::find_if(into.from.begin(), into.from.end(), whole);
    if (joining_.back().changes)
      return refuse(
          "a SELECT that looks at the rows that are changed is not followed: make the table anew with CREATE "
          "TABLE "
          "… AS SELECT");
    if (item == into.from.end())
      return refuse("a SELECT as a value looks at tables that FROM parts by a comma: write JOIN");
    one.relation.nullable = true;
    into.relations.push_back(std::move(one.relation));
    From joined;
    joined.left_join = true;
    joined.on = one.on ? std::move(*one.on) : all_of({});
    joined.sides.push_back(std::move(*item));
    joined.sides.push_back(std::move(added));
    *item = std::move(joined);
  }
}

// [LEFT] JOIN LATERAL (SELECT …) x ON …, right of `left`, which `own` sees.
From Reader::lateral(const PgQuery__RangeSubselect& range, From left, Select& into, Scope& own,
                     const Lateral& how) {
  knows(range.base, {"lateral", "subquery", "alias"});
  if (range.alias == nullptr || range.subquery == nullptr ||
      range.subquery->node_case != PG_QUERY__NODE__NODE_SELECT_STMT) {
    refuse("LATERAL takes a SELECT with a name: add AS name");
    return left;
  }
  const Scope around = own;
  Apart made = apart(select(*range.subquery->select_stmt, &around, how.ctes), own);
  std::set<int> there;
  relations_in(left, there);
  if (!std::includes(there.begin(), there.end(), made.outer.begin(), made.outer.end()))
    refuse("LATERAL after a comma looks at the table before that comma alone: write CROSS JOIN LATERAL");
  if (failed()) return left;
  made.relation.name = alias_of(range.alias, {}, true);
  if (range.alias->n_colnames > made.names.size()) refuse("more names than columns after AS");
  for (std::size_t i = 0; i < range.alias->n_colnames && !failed(); ++i)
    made.names[i] = text_of(range.alias->colnames[i]);
  for (std::size_t i = 0; i < made.names.size() && !failed(); ++i) {
    // What is computed from aggregates is no column of theirs.
    if (made.one_row) computed_[made.relation.id].emplace_back(made.names[i], made.results[i]);
    if (!made.one_row) made.relation.columns[i].name = made.names[i];
  }
  const bool one_row = made.one_row;
  From from;
  from.left_join = how.left_join || (one_row && made.on);
  made.relation.nullable = from.left_join;
  From added = add_relation(std::move(made.relation), into, own);
  std::vector<Expression> conditions;
  if (made.on) conditions.push_back(std::move(*made.on));
  if (how.on != nullptr && !failed()) {
    Expression on = predicate(how.on, {&own, how.ctes, false});
    const bool always = on.kind == Kind::compare && on.text == "<>" && on.children[0].kind == Kind::number &&
                        on.children[0].text == "1" && on.children[1].kind == Kind::number &&
                        on.children[1].text == "0";
    if (!always && one_row) refuse("JOIN LATERAL of one row takes ON TRUE: put conditions into WHERE");
    if (!always) conditions.push_back(std::move(on));
  }
  if (!conditions.empty() || from.left_join) from.on = finish(all_of(std::move(conditions)));
  from.sides.push_back(std::move(left));
  from.sides.push_back(std::move(added));
  return from;
}

}  // namespace sceau::source
