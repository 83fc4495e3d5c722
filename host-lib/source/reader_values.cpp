// Constants in FROM: VALUES lists, and generate_series over constants, which is written out. Both are tables
// about nobody.
#include <algorithm>
#include <ctime>

#include "reader.h"

namespace sceau::source {
namespace {

constexpr std::size_t most_rows = 1000;  // a text of that many still has fewer than most_tokens words

struct Day {
  long year = 0;
  long month = 0;
  long day = 0;
};

Day day_of(std::string_view date) {
  const std::string text(date);
  return {std::stol(text.substr(0, 4)), std::stol(text.substr(5, 2)), std::stol(text.substr(8, 2))};
}

bool is_leap(long year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

long days_in(long year, long month) {
  constexpr long days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

// The date `steps` spans after `from`, as PostgreSQL adds them one after the other.
void advance(Day& at, const Span& span) {
  const long months = at.year * 12 + at.month - 1 + span.months;
  at.year = months / 12;
  at.month = months % 12 + 1;
  at.day = std::min(at.day, days_in(at.year, at.month)) + span.days;
  while (at.day > days_in(at.year, at.month)) {
    at.day -= days_in(at.year, at.month);
    if (++at.month > 12) {
      at.month = 1;
      ++at.year;
    }
  }
}

std::string text_of_day(const Day& day) {
  const auto padded = [](long number, std::size_t size) {
    const std::string digits = std::to_string(number);
    return digits.size() >= size ? digits : std::string(size - digits.size(), '0') + digits;
  };
  return padded(day.year, 4) + "-" + padded(day.month, 2) + "-" + padded(day.day, 2);
}

}  // namespace

// VALUES (…), (…): columns column1, column2, … as PostgreSQL and SQLite call them.
Select Reader::constant_rows(const PgQuery__SelectStmt& values) {
  Select read;
  knows(values.base, {"values_lists", "limit_option", "op"});
  if (values.n_values_lists > most_rows) refuse("VALUES of more than 1000 rows: put them into a table");
  for (std::size_t r = 0; r < values.n_values_lists && !failed(); ++r) {
    const Node& list = *values.values_lists[r];
    const std::size_t columns =
        r == 0 && list.node_case == PG_QUERY__NODE__NODE_LIST ? list.list->n_items : read.outputs.size();
    if (list.node_case != PG_QUERY__NODE__NODE_LIST || list.list->n_items != columns || columns == 0) {
      refuse("VALUES whose rows have different numbers of values");
      return read;
    }
    std::vector<Expression> row;
    for (std::size_t i = 0; i < columns && !failed(); ++i) {
      Expression one = value(list.list->items[i], {});
      if (one.kind == Kind::negate && one.children[0].kind == Kind::number) {
        Expression number = one.children[0];
        number.text = number.text[0] == '-' ? number.text.substr(1) : "-" + number.text;
        one = std::move(number);
      }
      if (!failed() && one.kind != Kind::number && one.kind != Kind::text && one.kind != Kind::null)
        refuse("VALUES of something else than constants: use INSERT … SELECT");
      if (r == 0) read.outputs.push_back({"column" + std::to_string(i + 1), Expression{}});
      if (failed()) return read;
      Expression& all = read.outputs[i].value;
      if (one.kind != Kind::null) {
        if (all.kind != Kind::null && (all.type == Type::text) != (one.type == Type::text))
          refuse("column " + std::to_string(i + 1) + " of VALUES mixes text and numbers");
        const std::size_t longest = std::max(all.longest, one.text.size());
        const bool real = all.kind != Kind::null && all.type == Type::real;
        all = one;
        all.longest = longest;
        if (real) all.type = Type::real;
      }
      row.push_back(std::move(one));
    }
    read.values.push_back(std::move(row));
  }
  return read;
}

// Rows of constants, as VALUES has them.
Select Reader::rows_of(std::vector<std::vector<Node*>>& rows) {
  std::vector<PgQuery__List> lists(rows.size(), PG_QUERY__LIST__INIT);
  std::vector<PgQuery__Node> nodes(rows.size(), PG_QUERY__NODE__INIT);
  std::vector<Node*> pointers;
  pointers.reserve(rows.size());
  for (std::size_t r = 0; r < rows.size(); ++r) {
    lists[r].n_items = rows[r].size();
    lists[r].items = rows[r].data();
    nodes[r].node_case = PG_QUERY__NODE__NODE_LIST;
    nodes[r].list = &lists[r];
    pointers.push_back(&nodes[r]);
  }
  PgQuery__SelectStmt values = PG_QUERY__SELECT_STMT__INIT;
  values.n_values_lists = pointers.size();
  values.values_lists = pointers.data();
  return constant_rows(values);
}

// unnest(ARRAY['A', 'B']), and of several arrays side by side, which end in NULL where one is shorter.
Select Reader::unnested_rows(const PgQuery__FuncCall& call) {
  if (!knows(call.base, {"funcname", "args", "funcformat"})) return {};
  std::vector<const PgQuery__AArrayExpr*> arrays;
  std::size_t longest = 0;
  for (std::size_t i = 0; i < call.n_args; ++i) {
    const Node* node = call.args[i];
    while (node != nullptr && node->node_case == PG_QUERY__NODE__NODE_TYPE_CAST) node = node->type_cast->arg;
    if (node == nullptr || node->node_case != PG_QUERY__NODE__NODE_A_ARRAY_EXPR) {
      refuse("unnest takes arrays that are written out: unnest(ARRAY['A', 'B'])");
      return {};
    }
    arrays.push_back(node->a_array_expr);
    longest = std::max(longest, node->a_array_expr->n_elements);
  }
  if (longest == 0) {
    refuse("unnest of an empty ARRAY gives no rows: CREATE TABLE t (columns) makes a table without any");
    return {};
  }
  PgQuery__AConst nothing = PG_QUERY__A__CONST__INIT;
  nothing.isnull = 1;
  PgQuery__Node null = PG_QUERY__NODE__INIT;
  null.node_case = PG_QUERY__NODE__NODE_A_CONST;
  null.a_const = &nothing;
  std::vector<std::vector<Node*>> rows(longest);
  for (std::size_t r = 0; r < longest; ++r) {
    for (const PgQuery__AArrayExpr* array : arrays)
      rows[r].push_back(r < array->n_elements ? array->elements[r] : &null);
  }
  return rows_of(rows);
}

// SELECT 'A' AS code, 1 AS weight; SELECT unnest(ARRAY['A', 'B']); SELECT generate_series(1, 12): VALUES,
// named.
Select Reader::constant_select(const PgQuery__SelectStmt& statement) {
  if (!knows(statement.base, {"target_list", "limit_option", "op"})) return {};
  std::vector<Node*> items;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < statement.n_target_list; ++i) {
    const Node& node = *statement.target_list[i];
    if (node.node_case != PG_QUERY__NODE__NODE_RES_TARGET || node.res_target->val == nullptr) return {};
    items.push_back(node.res_target->val);
    names.emplace_back(*node.res_target->name != '\0' ? node.res_target->name
                                                      : "column" + std::to_string(i + 1));
    if (items.back()->node_case == PG_QUERY__NODE__NODE_COLUMN_REF)
      refuse("a SELECT that reads no table of the catalogue: name one in FROM");
  }
  const PgQuery__FuncCall* call = items.size() == 1 && items[0]->node_case == PG_QUERY__NODE__NODE_FUNC_CALL
                                      ? items[0]->func_call
                                      : nullptr;
  const std::string function = call != nullptr && call->n_funcname == 1 ? text_of(call->funcname[0]) : "";
  Select read;
  if (call != nullptr && function == "generate_series") {
    read = series_rows(*call);
  } else if (call != nullptr && function == "unnest" && call->n_args == 1) {
    read = unnested_rows(*call);
  } else if (!failed()) {
    std::vector<std::vector<Node*>> rows(1, items);
    read = rows_of(rows);
  }
  if (!failed() && read.values.empty()) refuse("a SELECT without results: name at least one");
  if (failed()) return {};
  if (*statement.target_list[0]->res_target->name == '\0' && !function.empty()) names[0] = function;
  read = around(std::move(read));
  for (std::size_t i = 0; i < names.size(); ++i) read.outputs[i].name = names[i];
  return read;
}

// AS v(a, b): the columns' names.
void Reader::name_columns(std::size_t count, Node* const* names, Relation& relation) {
  if (count > relation.columns.size()) return refuse("more names than columns after AS");
  for (std::size_t i = 0; i < count && !failed(); ++i) relation.columns[i].name = text_of(names[i]);
}

Select Reader::series_rows(const PgQuery__FuncCall& call) {
  Select read;
  if (!knows(call.base, {"funcname", "args", "funcformat"})) return read;
  if (call.n_args < 2 || call.n_args > 3) {
    refuse("generate_series takes a beginning, an end and a step");
    return read;
  }
  const auto bound = [&](std::size_t at) {
    Expression one = value(call.args[at], {});
    if (one.kind == Kind::negate && one.children[0].kind == Kind::number) {
      one.children[0].text = "-" + one.children[0].text;
      one = Expression(one.children[0]);
    }
    return one;
  };
  const Expression from = bound(0);
  const Expression to = bound(1);
  const auto is_small = [](const Expression& e) {
    return e.kind == Kind::number && e.type == Type::integer && e.text.size() <= 9;
  };
  const auto add = [&](Expression one) {
    if (read.values.size() >= most_rows) return refuse("generate_series of more than 1000 rows");
    read.values.push_back({std::move(one)});
  };
  if (!failed() && is_small(from) && is_small(to)) {
    const Expression step = call.n_args == 3 ? bound(2) : whole_number(1);
    const long by = is_small(step) ? std::stol(step.text) : 0;
    if (by == 0) refuse("generate_series takes whole numbers, written out");
    const long last = std::stol(to.text);
    for (long at = std::stol(from.text); !failed() && (by > 0 ? at <= last : at >= last); at += by)
      add(whole_number(at));
  } else if (!failed() && from.kind == Kind::text && to.kind == Kind::text && is_date(from.text) &&
             is_date(to.text) && call.n_args == 3) {
    const auto step = span_of(call.args[2]);
    if (!failed() && (!step || step->months < 0 || step->days < 0 || step->months + step->days == 0))
      refuse("generate_series over dates takes INTERVAL 'n days', 'n months' or 'n years'");
    Day at = day_of(from.text);
    for (; !failed() && text_of_day(at) <= to.text && at.year < 9000; advance(at, *step))
      add(quoted(text_of_day(at)));
  } else {
    refuse("generate_series takes whole numbers, or DATE '…', DATE '…', INTERVAL '…', written out");
  }
  if (!failed() && read.values.empty()) refuse("generate_series of no rows");
  if (failed()) return read;
  read.outputs.push_back({"column1", read.values.back()[0]});
  return read;
}

From Reader::series(const PgQuery__RangeFunction& range, Select& into, Scope& scope) {
  if (!knows(range.base, {"functions", "alias", "lateral", "ordinality"})) return {};
  const Node* list = range.n_functions == 1 ? range.functions[0] : nullptr;
  const Node* node =
      list != nullptr && list->node_case == PG_QUERY__NODE__NODE_LIST && list->list->n_items > 0
          ? list->list->items[0]
          : nullptr;
  const PgQuery__FuncCall* call =
      node != nullptr && node->node_case == PG_QUERY__NODE__NODE_FUNC_CALL && node->func_call->n_funcname == 1
          ? node->func_call
          : nullptr;
  const std::string name = call == nullptr ? "" : text_of(call->funcname[0]);
  if (name != "generate_series" && name != "unnest") {
    refuse(
        "a function in FROM is not followed, generate_series and unnest over constants aside: read tables");
    return {};
  }
  Select rows = name == "unnest" ? unnested_rows(*call) : series_rows(*call);
  if (failed()) return {};
  const std::size_t functions = rows.outputs.size();
  if (range.ordinality != 0) {
    for (std::size_t r = 0; r < rows.values.size(); ++r)
      rows.values[r].push_back(whole_number(static_cast<long>(r) + 1));
    rows.outputs.push_back({"ordinality", whole_number(1)});
  }
  Relation relation = relation_of(std::move(rows));
  relation.name = range.alias == nullptr ? name : range.alias->aliasname;
  for (std::size_t i = 0; i < functions; ++i)
    relation.columns[i].name = functions == 1 ? relation.name : name;
  if (range.alias != nullptr) name_columns(range.alias->n_colnames, range.alias->colnames, relation);
  return failed() ? From{} : add_relation(std::move(relation), into, scope);
}

}  // namespace sceau::source
