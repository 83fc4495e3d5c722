// Window functions, and aggregates with FILTER.
#include <algorithm>
#include <array>

#include "reader.h"

namespace sceau::source {
namespace {

struct WindowFunction {
  std::string_view name;
  std::size_t least;
  std::size_t most;
  bool ordered;  // says nothing without ORDER BY
};
constexpr std::array<WindowFunction, 15> window_functions = {{{"row_number", 0, 0, true},
                                                              {"rank", 0, 0, true},
                                                              {"dense_rank", 0, 0, true},
                                                              {"percent_rank", 0, 0, true},
                                                              {"cume_dist", 0, 0, true},
                                                              {"ntile", 1, 1, true},
                                                              {"lag", 1, 3, true},
                                                              {"lead", 1, 3, true},
                                                              {"first_value", 1, 1, true},
                                                              {"last_value", 1, 1, true},
                                                              {"count", 0, 1, false},
                                                              {"sum", 1, 1, false},
                                                              {"avg", 1, 1, false},
                                                              {"min", 1, 1, false},
                                                              {"max", 1, 1, false}}};

// libpg_query's frame_options, which are PostgreSQL's FRAMEOPTION_… bits (nodes/parsenodes.h).
std::optional<Frame> frame_of(int options, bool ordered) {
  constexpr int defaults = 0x422;       // RANGE, from the partition's beginning, to the current row
  constexpr int usual_written = 0x433;  // the same, written out
  constexpr int rows_yet = 0x435;
  constexpr int rows_back = 0xC15;  // ROWS BETWEEN n PRECEDING AND CURRENT ROW
  constexpr int rows_back_short = 0xC05;
  constexpr int all_rows = 0x135;
  constexpr int all_range = 0x133;
  if (options == defaults || options == usual_written) return Frame::usual;
  if (options == rows_yet) return Frame::rows_yet;
  if (options == rows_back || options == rows_back_short) return Frame::rows_back;
  if (options == all_rows || (options == all_range && ordered)) return Frame::all_rows;
  if (options == all_range) return Frame::usual;
  constexpr int rows_between = 0x15;
  constexpr int kinds = 0x1F;
  return (options & kinds) == rows_between ? std::optional(Frame::rows_from) : std::nullopt;
}

// One end of ROWS BETWEEN: the bits are those of the beginning, and of the end shifted by one.
std::optional<int> end_of(int options, bool is_last, const std::optional<int>& offset) {
  const auto is = [&](int bit) { return (options & (is_last ? bit << 1 : bit)) != 0; };
  if (is(0x20)) return all_before;
  if (is(0x80)) return all_after;
  if (is(0x200)) return 0;
  if (!offset) return std::nullopt;
  if (is(0x800)) return -*offset;
  return is(0x2000) ? offset : std::nullopt;
}

bool is_small_number(const Expression& e) {
  return e.kind == Expression::Kind::number && e.type == Type::integer && e.text.size() <= 4 &&
         e.text[0] != '-' && e.text != "0";
}

bool is_constant(const Expression& e) {
  return e.children.empty() && !e.is_column() && e.kind != Expression::Kind::aggregate && !is_chance(e);
}

Type type_of(const std::string& name, const Expression& read) {
  if (name == "avg" || name == "percent_rank" || name == "cume_dist") return Type::real;
  const bool counts = name == "count" || name == "ntile" || read.arguments == 0;
  return counts ? Type::integer : read.children[0].type;
}

}  // namespace

Expression Reader::window(const std::string& name, const PgQuery__FuncCall& given, const Place& place) {
  Expression read;
  PgQuery__FuncCall call = given;
  // OVER w is the window that the SELECT's WINDOW clause names so.
  if (*call.over->name != '\0') {
    const PgQuery__SelectStmt* around = place.scope == nullptr ? nullptr : place.scope->statement;
    const std::string_view wanted = call.over->name;
    PgQuery__WindowDef* found = nullptr;
    for (std::size_t i = 0; around != nullptr && i < around->n_window_clause; ++i) {
      const Node& one = *around->window_clause[i];
      if (one.node_case == PG_QUERY__NODE__NODE_WINDOW_DEF && wanted == one.window_def->name)
        found = one.window_def;
    }
    if (found == nullptr) {
      refuse("window " + in_quotes(wanted) + " is not in the WINDOW clause");
      return read;
    }
    call.over = found;
  }
  read.kind = Kind::window;
  read.text = name;
  const auto known = std::find_if(window_functions.begin(), window_functions.end(),
                                  [&](const WindowFunction& f) { return f.name == name; });
  if (known == window_functions.end())
    refuse(in_quotes(name) + " is not a window function that the gate follows");
  if (!place.aggregates || place.in_window)
    refuse("a window function stands where none may: move it to the results");
  knows(call.base, {"funcname", "args", "agg_star", "over", "funcformat"});
  knows(call.over->base,
        {"name", "partition_clause", "order_clause", "frame_options", "start_offset", "end_offset"});
  if (failed()) return read;
  if (call.n_args < known->least || call.n_args > known->most ||
      (call.agg_star != 0) != (name == "count" && call.n_args == 0))
    refuse("window function " + in_quotes(name) + " has the wrong number of arguments");
  if (known->ordered && call.over->n_order_clause == 0)
    refuse("window function " + in_quotes(name) + " without ORDER BY takes rows by chance: order them");
  const auto frame = frame_of(call.over->frame_options, call.over->n_order_clause > 0);
  if (!frame)
    refuse("a window's frame that is not followed: it begins at UNBOUNDED PRECEDING, or is left out");
  if (failed()) return read;
  read.frame = *frame;
  if (read.frame == Frame::rows_from) {
    rows_frame(*call.over, read);
  } else if (call.over->start_offset != nullptr || read.frame == Frame::rows_back) {
    const Expression offset = value(call.over->start_offset, {});
    if (read.frame != Frame::rows_back || !is_small_number(offset) || call.over->n_order_clause == 0)
      refuse("a window's frame begins a small whole number of ordered rows before, written out");
    read.preceding = failed() ? 0 : std::stoi(offset.text);
  }
  window_arguments(call, {place.scope, place.ctes, true, true}, read);
  window_order(*call.over, {place.scope, place.ctes, true, true}, read);
  if (!failed()) read.type = type_of(name, read);
  return read;
}

// ROWS BETWEEN … AND …, each a number of rows, written out, or all of them.
void Reader::rows_frame(const PgQuery__WindowDef& over, Expression& read) {
  const auto offset = [&](const Node* node) -> std::optional<int> {
    if (node == nullptr) return std::nullopt;
    const Expression number = value(node, {});
    return !failed() && is_small_number(number) ? std::optional(std::stoi(number.text)) : std::nullopt;
  };
  const auto first = end_of(over.frame_options, false, offset(over.start_offset));
  const auto last = end_of(over.frame_options, true, offset(over.end_offset));
  if (!first || !last || *first > *last || over.n_order_clause == 0)
    return refuse("a window's frame begins and ends a small whole number of ordered rows away, written out");
  read.first = *first;
  read.last = *last;
}

void Reader::window_arguments(const PgQuery__FuncCall& call, const Place& place, Expression& read) {
  read.children = values(call.n_args, call.args, place);
  read.arguments = static_cast<std::uint8_t>(read.children.size());
  if (failed() || read.children.empty()) return;
  if (read.text == "sum" || read.text == "avg") require_type(read.children[0], Type::real, read.text);
  // What there is where no row is that far away.
  if (read.children.size() == 3 &&
      (read.children[2].kind == Kind::number || read.children[2].kind == Kind::text)) {
    same_class(read.children[0], read.children[2], "window function " + in_quotes(read.text));
  } else if (read.children.size() == 3) {
    refuse("window function " + in_quotes(read.text) + " takes a constant there");
  }
  for (std::size_t i = read.text == "ntile" ? 0 : 1; i < std::min<std::size_t>(read.children.size(), 2);
       ++i) {
    if (!is_small_number(read.children[i]))
      refuse("window function " + in_quotes(read.text) + " takes a small whole number there, written out");
  }
}

void Reader::window_order(const PgQuery__WindowDef& over, const Place& place, Expression& read) {
  for (Expression& by : values(over.n_partition_clause, over.partition_clause, place)) {
    if (is_constant(by)) refuse("PARTITION BY a constant: name a column");
    read.children.push_back(std::move(by));
  }
  for (std::size_t i = 0; i < over.n_order_clause && !failed(); ++i) {
    const Node& item = *over.order_clause[i];
    if (item.node_case != PG_QUERY__NODE__NODE_SORT_BY) return refuse("an ORDER BY that is not followed");
    const PgQuery__SortBy& sort = *item.sort_by;
    if (!knows(sort.base, {"node", "sortby_dir", "sortby_nulls"})) return;
    if (sort.sortby_dir == PG_QUERY__SORT_BY_DIR__SORTBY_USING)
      return refuse("ORDER BY … USING is not followed");
    Expression by = is_by_chance(sort.node) ? drawn() : value(sort.node, place);
    if (is_constant(by)) refuse("ORDER BY a constant inside OVER: name a column");
    const bool descending = sort.sortby_dir == PG_QUERY__SORT_BY_DIR__SORTBY_DESC;
    const bool first = sort.sortby_nulls == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_FIRST ||
                       (descending && sort.sortby_nulls != PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_LAST);
    read.children.push_back(std::move(by));
    read.ordering.push_back({descending, first});
  }
}

// sum(x) FILTER (WHERE c) is sum(CASE WHEN c THEN x END), of which the reader knows everything already.
Expression Reader::filtered(const std::string& name, const PgQuery__FuncCall& call, const Place& place) {
  PgQuery__FuncCall bare = call;
  bare.agg_filter = nullptr;
  Expression read = function(bare, place);
  if (!failed() && read.kind != Kind::aggregate)
    refuse("FILTER after " + in_quotes(name) + ", which is no aggregate");
  Expression condition = predicate(call.agg_filter, {place.scope, place.ctes, false});
  if (failed()) return read;
  // What is aggregated: after the fraction of a percentile, before what stands between texts.
  const std::size_t at = read.text.starts_with("percentile_") ? 1 : 0;
  Expression chosen;
  if (read.children.empty()) {
    chosen.kind = Kind::number;
    chosen.text = "1";
    chosen.type = Type::integer;
  } else {
    chosen = read.children[at];
  }
  Expression only;
  only.kind = Kind::cases;
  only.type = chosen.type;
  only.children.push_back(std::move(condition));
  only.children.push_back(std::move(chosen));
  only.children.emplace_back();
  only = finish(std::move(only));
  if (read.children.empty()) read.children.emplace_back();
  if (read.text == "string_agg" && read.distinct) read.children[2] = only;
  read.children[at] = std::move(only);
  return finish(std::move(read));
}

}  // namespace sceau::source
