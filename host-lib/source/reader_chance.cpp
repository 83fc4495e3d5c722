// random() and TABLESAMPLE, of kind work alone: whom they take says nothing of anybody. Each random() that is
// written is one that is drawn, once for each row: it stands where nothing writes it twice.
#include <algorithm>
#include <cstdlib>

#include "reader.h"

namespace sceau::source {

bool is_by_chance(const Node* node) {
  if (node == nullptr || node->node_case != PG_QUERY__NODE__NODE_FUNC_CALL) return false;
  const PgQuery__FuncCall& call = *node->func_call;
  if (call.n_funcname != 1 || call.n_args != 0 || call.agg_star != 0 || call.over != nullptr ||
      call.agg_filter != nullptr || call.n_agg_order != 0 || call.agg_distinct != 0)
    return false;
  const Node& name = *call.funcname[0];
  return name.node_case == PG_QUERY__NODE__NODE_STRING && std::string_view(name.string->sval) == "random";
}

bool is_chance(const Expression& e) { return e.kind == Expression::Kind::function && e.text == "random"; }

Expression Reader::drawn() {
  ++chances_;
  return call_of("random", Type::real, {});
}

// random() < 0.1: beside a number alone. Nothing: it is another comparison.
std::optional<Expression> Reader::drawn_below(const PgQuery__AExpr& comparison) {
  const bool left = is_by_chance(comparison.lexpr);
  if (left == is_by_chance(comparison.rexpr)) return std::nullopt;
  Expression number = value(left ? comparison.rexpr : comparison.lexpr, {});
  if (!failed() && number.kind != Kind::number) return std::nullopt;
  Expression read = condition_of(Kind::compare, operator_name(comparison.n_name, comparison.name), {});
  read.children.push_back(drawn());
  read.children.push_back(std::move(number));
  if (!left) std::swap(read.children[0], read.children[1]);
  return read;
}

// t TABLESAMPLE BERNOULLI (p) is (SELECT * FROM t WHERE random() < p / 100) AS t.
From Reader::sample(const PgQuery__RangeTableSample& range, Select& into, Scope& scope, const Ctes* ctes) {
  knows(range.base, {"relation", "method", "args"});
  if (failed() || range.relation == nullptr || range.relation->node_case != PG_QUERY__NODE__NODE_RANGE_VAR ||
      range.n_method != 1 || text_of(range.method[0]) != "bernoulli" || range.n_args != 1) {
    refuse("TABLESAMPLE takes rows of a table: write TABLESAMPLE BERNOULLI (5), or WHERE random() < 0.05");
    return {};
  }
  const Expression percent = value(range.args[0], {});
  const double part = percent.kind == Kind::number ? std::strtod(percent.text.c_str(), nullptr) / 100 : -1;
  if (part < 0 || part > 1) refuse("TABLESAMPLE BERNOULLI takes 0 to 100 percent, written out");
  Select inner;
  Scope own{&inner, {}, {}, nullptr};
  From from = failed() ? From{} : range_table(*range.relation->range_var, inner, own, ctes);
  if (failed()) return {};
  inner.from.push_back(std::move(from));
  all_columns(inner, own, {});
  Expression number = whole_number(0);
  number.type = Type::real;
  number.text = std::to_string(part);
  inner.where = finish(condition_of(Kind::compare, "<", {drawn(), std::move(number)}));
  const std::string name = inner.relations[0].name;
  Relation relation = relation_of(std::move(inner));
  relation.name = name;
  return add_relation(std::move(relation), into, scope);
}

}  // namespace sceau::source
