// DISTINCT ON, and GROUPING SETS, ROLLUP and CUBE: written out with what the tree has.
#include <algorithm>
#include <utility>

#include "reader.h"

namespace sceau::source {
namespace {

constexpr std::size_t most_sets = 16;

// `value` with NULL of their types for the expressions in `texts`; not inside aggregates. Whether it has any.
bool forget(Expression& value, const std::vector<std::string>& texts) {
  if (value.kind == Expression::Kind::aggregate) return false;
  if (std::find(texts.begin(), texts.end(), print(value)) != texts.end()) {
    Expression nothing;
    nothing.kind = Expression::Kind::cast;
    nothing.type = value.type;
    nothing.longest = value.longest;
    nothing.label = is_identifying(value.label) ? value.label : Label::measure;
    nothing.children.emplace_back();
    value = std::move(nothing);
    return true;
  }
  bool has = false;
  for (Expression& child : value.children) has = forget(child, texts) || has;
  return has;
}

}  // namespace

// SELECT everything FROM (that).
Select Reader::around(Select inner) {
  Select outer;
  Scope scope{&outer, {}, {}, nullptr};
  std::vector<std::string> names;
  for (const Output& output : inner.outputs) names.push_back(output.name);
  Relation relation = relation_of(std::move(inner));
  relation.name = "rows";
  outer.from.push_back(add_relation(std::move(relation), outer, scope));
  for (std::size_t i = 0; i < names.size(); ++i)
    outer.outputs.push_back({names[i], column_of(outer.relations[0], static_cast<int>(i))});
  return outer;
}

// SELECT DISTINCT ON (a) … ORDER BY a, b is the first row of each a: row_number() OVER (PARTITION BY a ORDER
// BY b) = 1.
Select Reader::first_rows(const PgQuery__SelectStmt& statement, Select& inner, const Place& place) {
  if (failed()) return {};
  Expression number;
  number.kind = Kind::window;
  number.text = "row_number";
  number.type = Type::integer;
  std::vector<std::string> on;
  Select sorted;
  sorted.outputs = inner.outputs;
  for (Expression& by : values(statement.n_distinct_clause, statement.distinct_clause, place)) {
    if (by.kind == Kind::number && by.type == Type::integer) {
      const auto at = std::strtoul(by.text.c_str(), nullptr, 10);
      if (at >= 1 && at <= inner.outputs.size()) by = inner.outputs[at - 1].value;
    }
    if (by.children.empty() && !by.is_column()) refuse("DISTINCT ON a constant: name a column");
    on.push_back(print(by));
    number.children.push_back(std::move(by));
  }
  if (failed()) return {};
  ordering(statement, sorted, place);
  for (OrderBy& order : sorted.order_by) {
    if (std::find(on.begin(), on.end(), print(order.value)) != on.end()) continue;
    number.children.push_back(std::move(order.value));
    number.ordering.push_back({order.descending, order.nulls_first});
  }
  if (number.ordering.empty())
    refuse("DISTINCT ON without an ORDER BY that decides keeps rows by chance: order the rows of each");
  if (failed()) return {};
  const std::size_t results = inner.outputs.size();
  inner.outputs.push_back({"number", finish(std::move(number))});
  raise(inner, false);
  if (failed()) return {};
  Select first = around(std::move(inner));
  first.outputs.pop_back();
  first.where = finish(condition_of(
      Kind::compare, "=", {column_of(first.relations[0], static_cast<int>(results)), whole_number(1)}));
  limit(statement, first);
  check_row(first);
  return first;
}

// The sets that one item of GROUP BY means.
std::vector<std::vector<Node*>> Reader::sets_of(const Node& node) {
  using Sets = std::vector<std::vector<Node*>>;
  if (node.node_case != PG_QUERY__NODE__NODE_GROUPING_SET) {
    if (node.node_case == PG_QUERY__NODE__NODE_ROW_EXPR)
      return {std::vector<Node*>(node.row_expr->args, node.row_expr->args + node.row_expr->n_args)};
    return {{const_cast<Node*>(&node)}};
  }
  const PgQuery__GroupingSet& set = *node.grouping_set;
  Sets sets;
  if (set.kind == PG_QUERY__GROUPING_SET_KIND__GROUPING_SET_EMPTY) return {{}};
  std::vector<std::vector<Node*>> parts;
  for (std::size_t i = 0; i < set.n_content && !failed(); ++i) {
    Sets inner = sets_of(*set.content[i]);
    if (set.kind == PG_QUERY__GROUPING_SET_KIND__GROUPING_SET_SETS) {
      sets.insert(sets.end(), inner.begin(), inner.end());
    } else {
      parts.push_back(std::move(inner[0]));
    }
  }
  if (set.kind == PG_QUERY__GROUPING_SET_KIND__GROUPING_SET_SETS) return sets;
  if (parts.size() > 4) {
    refuse("ROLLUP or CUBE over more than four: write GROUPING SETS");
    return {{}};
  }
  const bool cube = set.kind == PG_QUERY__GROUPING_SET_KIND__GROUPING_SET_CUBE;
  const std::size_t masks = std::size_t{1} << parts.size();
  for (std::size_t mask = masks; mask-- > 0;) {
    // ROLLUP keeps beginnings alone: its first part is the highest bit.
    const std::size_t left_out = (masks - 1) ^ mask;
    if (!cube && (left_out & (left_out + 1)) != 0) continue;
    std::vector<Node*> one;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if ((mask >> (parts.size() - 1 - i) & 1U) != 0) one.insert(one.end(), parts[i].begin(), parts[i].end());
    }
    sets.push_back(std::move(one));
  }
  return sets;
}

// grouping(a): settled when it is known what is grouped by.
Expression Reader::grouping_of(const PgQuery__GroupingFunc& call, const Place& place) {
  Expression read = call_of("grouping", Type::integer, {});
  if (!place.aggregates || place.in_window)
    refuse("grouping() stands where it may not: move it to the results");
  if (call.n_args != 1) refuse("grouping() takes one of what is grouped by");
  if (failed()) return read;
  read.children.push_back(value(call.args[0], {place.scope, place.ctes, false}));
  return read;
}

// 1 in the sets that leave it out.
void Reader::settle_grouping(Expression& e, const std::vector<std::string>& kept,
                             const std::vector<std::string>& left_out) {
  for (Expression& child : e.children) settle_grouping(child, kept, left_out);
  if (e.kind != Kind::function || e.text != "grouping") return;
  const std::string text = print(e.children[0]);
  const bool out = std::find(left_out.begin(), left_out.end(), text) != left_out.end();
  if (!out && std::find(kept.begin(), kept.end(), text) == kept.end())
    refuse("grouping() of something that is not in GROUP BY");
  e = whole_number(out ? 1 : 0);
}

void Reader::settle_grouping(Select& into, const std::vector<std::string>& left_out) {
  std::vector<std::string> kept;
  for (const Expression& group : into.group_by) kept.push_back(print(group));
  for (Output& output : into.outputs) settle_grouping(output.value, kept, left_out);
  for (OrderBy& order : into.order_by) settle_grouping(order.value, kept, left_out);
  if (into.having) settle_grouping(*into.having, kept, left_out);
}

// Results and HAVING of one grouping set have NULL for what it does not group by.
void Reader::without_groups(Select& into, const Place& place) {
  if (failed()) return;
  if (left_out_ == nullptr) return settle_grouping(into, {});
  PgQuery__SelectStmt clause = PG_QUERY__SELECT_STMT__INIT;
  // Not of the SELECTs inside what is grouped by.
  std::vector<Node*> nodes = *std::exchange(left_out_, nullptr);
  clause.n_group_clause = nodes.size();
  clause.group_clause = nodes.data();
  Select named;
  named.outputs = into.outputs;
  grouping(clause, named, place);
  if (failed()) return;
  std::vector<std::string> texts;
  for (const Expression& group : named.group_by) {
    const std::string text = print(group);
    const bool kept = std::any_of(into.group_by.begin(), into.group_by.end(),
                                  [&](const Expression& one) { return print(one) == text; });
    if (!kept) texts.push_back(text);
  }
  settle_grouping(into, texts);
  for (Output& output : into.outputs) {
    if (forget(output.value, texts) && is_identifying(output.value.label))
      refuse(
          "column " + in_quotes(output.name) + " is a " + std::string(to_string(output.value.label)) +
          ", which GROUPING SETS, ROLLUP and CUBE cannot leave out: group by it in all of them, or ask for "
          "the totals by themselves");
  }
  if (into.having) forget(*into.having, texts);
}

// A UNION ALL of a SELECT for each set.
Select Reader::grouping_sets(const PgQuery__SelectStmt& statement, const Scope* outer, const Ctes* ctes) {
  std::vector<std::vector<Node*>> sets{{}};
  for (std::size_t i = 0; i < statement.n_group_clause && !failed(); ++i) {
    std::vector<std::vector<Node*>> product;
    for (const auto& before : sets) {
      for (const auto& more : sets_of(*statement.group_clause[i])) {
        product.push_back(before);
        product.back().insert(product.back().end(), more.begin(), more.end());
      }
    }
    sets = std::move(product);
    if (sets.size() > most_sets) refuse("GROUP BY of more than 16 grouping sets: ask for fewer");
  }
  if (!failed() && statement.n_distinct_clause > 0) refuse("DISTINCT beside GROUPING SETS is not followed");
  std::vector<Node*> every;
  for (const auto& set : sets) every.insert(every.end(), set.begin(), set.end());
  std::optional<Select> all;
  const std::size_t chances = chances_;
  for (auto& set : sets) {
    PgQuery__SelectStmt one = statement;
    one.n_group_clause = set.size();
    one.group_clause = set.data();
    one.n_sort_clause = 0;
    one.limit_count = nullptr;
    one.with_clause = nullptr;
    const auto* before = std::exchange(left_out_, &every);
    Select part = plain(one, outer, ctes);
    left_out_ = before;
    if (chances_ > chances) refuse("random() beside GROUPING SETS: put it into a column of a table first");
    if (failed()) return part;
    if (!part.grouped()) refuse("GROUPING SETS without an aggregate");
    if (!all) {
      all = std::move(part);
      continue;
    }
    Select both;
    both.combine = Select::Combine::union_all;
    both.parts.push_back(std::move(*all));
    both.parts.push_back(std::move(part));
    align(both);
    all = std::move(both);
  }
  if (!all || failed()) return {};
  if (all->combine == Select::Combine::none) return *all;
  ordering(statement, *all, {nullptr, ctes, false});
  limit(statement, *all);
  return std::move(*all);
}

}  // namespace sceau::source
