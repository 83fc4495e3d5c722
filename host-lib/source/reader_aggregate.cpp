// Aggregates that kind work has besides count, sum, avg, min and max.
#include <algorithm>
#include <array>

#include "reader.h"

namespace sceau::source {

// bool_or(c) is max of 1 and 0, bool_and(c) and every(c) min.
Expression Reader::aggregate_of_truth(const std::string& name, const PgQuery__FuncCall& call,
                                      const Place& place) {
  Expression read;
  read.kind = Kind::aggregate;
  read.text = name == "bool_or" ? "max" : "min";
  knows(call.base, {"funcname", "args", "funcformat"});
  if (!place.aggregates) refuse(in_quotes(name) + " stands where no aggregate may: move it to the results");
  if (call.n_args != 1) refuse(in_quotes(name) + " needs exactly one condition");
  if (failed()) return read;
  read.children.push_back(truth(predicate(call.args[0], {place.scope, place.ctes, false})));
  read.type = Type::integer;
  return read;
}

// corr(a, b) and its like.
Expression Reader::aggregate_of_pairs(const std::string& name, const PgQuery__FuncCall& call,
                                      const Place& place) {
  Expression read = condition_of(Kind::aggregate, name, {});
  read.type = Type::real;
  knows(call.base, {"funcname", "args", "funcformat"});
  if (!place.aggregates) refuse(in_quotes(name) + " stands where no aggregate may: move it to the results");
  if (call.n_args != 2) refuse(in_quotes(name) + " needs two numbers");
  if (failed()) return read;
  read.children = values(call.n_args, call.args, {place.scope, place.ctes, false});
  for (const Expression& one : read.children) require_type(one, Type::real, name);
  if (!failed()) check_own(read, place);
  return read;
}

// string_agg(text, ',' ORDER BY …): children: the text, what stands between, the order. How many rows of a
// group it takes is bounded afterwards (reader_raise.cpp).
Expression Reader::text_aggregate(const std::string& name, const PgQuery__FuncCall& call,
                                  const Place& place) {
  Expression read = condition_of(Kind::aggregate, name, {});
  read.type = Type::text;
  read.distinct = call.agg_distinct != 0;
  knows(call.base, {"funcname", "args", "agg_order", "agg_distinct", "funcformat"});
  if (!place.aggregates) refuse(in_quotes(name) + " stands where no aggregate may: move it to the results");
  const Place within{place.scope, place.ctes, false};
  read.children = values(call.n_args, call.args, within);
  if (failed()) return read;
  if (read.children.size() != 2 || read.children[1].kind != Kind::text || read.children[1].text.size() > 10)
    refuse("string_agg takes a text, and what stands between the texts, written out");
  if (failed()) return read;
  require_type(read.children[0], Type::text, name);
  if (read.children[0].children.empty() && !read.children[0].is_column())
    refuse(name + " of a constant: name a column");
  for (std::size_t i = 0; i < call.n_agg_order && !failed(); ++i) {
    const Node& item = *call.agg_order[i];
    const PgQuery__SortBy* sort = item.node_case == PG_QUERY__NODE__NODE_SORT_BY ? item.sort_by : nullptr;
    if (sort == nullptr || !knows(sort->base, {"node", "sortby_dir", "sortby_nulls"}) ||
        sort->sortby_dir == PG_QUERY__SORT_BY_DIR__SORTBY_USING) {
      refuse("an ORDER BY that is not followed");
      return read;
    }
    Expression by = value(sort->node, within);
    if (by.children.empty() && !by.is_column())
      refuse("ORDER BY a constant inside string_agg: name a column");
    const bool descending = sort->sortby_dir == PG_QUERY__SORT_BY_DIR__SORTBY_DESC;
    const bool first = sort->sortby_nulls == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_FIRST ||
                       (descending && sort->sortby_nulls != PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_LAST);
    read.children.push_back(std::move(by));
    read.ordering.push_back({descending, first});
  }
  if (failed()) return read;
  // Without an order any is right: that of the texts.
  if (read.ordering.empty()) {
    read.children.push_back(read.children[0]);
    read.ordering.push_back({false, false});
  }
  if (read.distinct && (read.ordering.size() != 1 || print(read.children[2]) != print(read.children[0])))
    refuse("string_agg(DISTINCT …) is ordered by its texts alone");
  check_own(read.children[0], place);
  read.longest = longest_gathered;
  return read;
}

// array_to_string(array_agg(x ORDER BY …), ',') is string_agg(x::text, ',' ORDER BY …).
Expression Reader::joined_array(const PgQuery__FuncCall& call, const Place& place) {
  const Node* array = call.n_args == 2 ? call.args[0] : nullptr;
  const PgQuery__FuncCall* gathered =
      array != nullptr && array->node_case == PG_QUERY__NODE__NODE_FUNC_CALL ? array->func_call : nullptr;
  if (gathered == nullptr || gathered->n_funcname != 1 || gathered->n_args != 1 ||
      text_of(gathered->funcname[0]) != "array_agg" ||
      !knows(call.base, {"funcname", "args", "funcformat"})) {
    refuse("array_to_string is followed around array_agg(…): write string_agg(column::text, ',' ORDER BY …)");
    return {};
  }
  std::vector<Node*> arguments{gathered->args[0], call.args[1]};
  PgQuery__FuncCall texts = *gathered;
  texts.n_args = arguments.size();
  texts.args = arguments.data();
  return text_aggregate("string_agg", texts, place);
}

// percentile_cont(0.5) WITHIN GROUP (ORDER BY x): children: the fraction, where there is one, then x.
Expression Reader::ordered_set(const std::string& name, const PgQuery__FuncCall& call, const Place& place) {
  Expression read;
  read.kind = Kind::aggregate;
  read.text = name;
  knows(call.base, {"funcname", "args", "agg_order", "agg_within_group", "funcformat"});
  if (!place.aggregates) refuse(in_quotes(name) + " stands where no aggregate may: move it to the results");
  if (call.agg_within_group == 0 || call.n_agg_order != 1 ||
      call.agg_order[0]->node_case != PG_QUERY__NODE__NODE_SORT_BY ||
      call.n_args != (name == "mode" ? 0U : 1U)) {
    refuse(name + " is written " + name + "(…) WITHIN GROUP (ORDER BY column)");
    return read;
  }
  const PgQuery__SortBy& sort = *call.agg_order[0]->sort_by;
  knows(sort.base, {"node", "sortby_dir", "sortby_nulls"});
  if (sort.sortby_dir > PG_QUERY__SORT_BY_DIR__SORTBY_ASC ||
      sort.sortby_nulls > PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_DEFAULT)
    refuse("WITHIN GROUP (ORDER BY … DESC) is not followed: take 1 minus the fraction");
  const Place within{place.scope, place.ctes, false};
  if (name != "mode") {
    Expression fraction = value(call.args[0], within);
    const double at = fraction.kind == Kind::number ? std::strtod(fraction.text.c_str(), nullptr) : -1;
    if (!failed() && (at < 0 || at > 1)) refuse(name + " takes a fraction from 0 to 1, written out");
    read.children.push_back(std::move(fraction));
  }
  Expression of = value(sort.node, within);
  if (!failed()) check_own(of, place);
  if (name == "percentile_cont") require_type(of, Type::real, name);
  if (!failed() && of.children.empty() && !of.is_column()) refuse(name + " of a constant: name a column");
  read.type = name == "percentile_cont" ? Type::real : of.type;
  read.children.push_back(std::move(of));
  return read;
}

}  // namespace sceau::source
