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
