// SELECTs of which a part becomes a SELECT inside, so that the rest can look at its rows: windows over
// groups, and texts put together.
//
//   SELECT a, sum(count(*)) OVER () FROM t GROUP BY a
//     SELECT r.a, sum(r.n) OVER () FROM (SELECT a, count(*) AS n FROM t GROUP BY a) r
//   SELECT a, string_agg(x, ',' ORDER BY d) FROM t GROUP BY a
//     SELECT r.a, string_agg(CASE WHEN r.n <= 90 THEN r.x END, ',' ORDER BY r.d)
//     FROM (SELECT a, x, d, row_number() OVER (PARTITION BY a ORDER BY d) AS n FROM t) r GROUP BY r.a
//
// The second bounds what is put together: the database fails at texts of a gigabyte, and whether it does must
// not depend on anybody's data.
#include <algorithm>

#include "reader.h"

namespace sceau::source {
namespace {

using Kind = Expression::Kind;

constexpr std::size_t most_texts = 1000;  // of one group

bool any_of(const Expression& value, Kind kind, std::string_view text) {
  bool found = false;
  for_each(value, [&](const Expression& e) {
    found = found || (e.kind == kind && (text.empty() || e.text == text));
  });
  return found;
}

// Whether a result, an ORDER BY or HAVING has one.
bool has(const Select& select, Kind kind, std::string_view text) {
  const auto in = [&](const Expression& e) { return any_of(e, kind, text); };
  return std::any_of(select.outputs.begin(), select.outputs.end(),
                     [&](const Output& o) { return in(o.value); }) ||
         std::any_of(select.order_by.begin(), select.order_by.end(),
                     [&](const OrderBy& o) { return in(o.value); }) ||
         (select.having && in(*select.having));
}

bool looks_at_selects(const Select& select) {
  bool found = false;
  const auto look = [&](const Expression& e) { found = found || e.select != nullptr; };
  for (const Output& output : select.outputs) for_each(output.value, look);
  for (const OrderBy& order : select.order_by) for_each(order.value, look);
  for (const Expression& group : select.group_by) for_each(group, look);
  if (select.having) for_each(*select.having, look);
  return found;
}

// How many texts of that length one group may put together.
std::size_t count_for(const Expression& text, const Expression& between) {
  return std::min(most_texts, longest_gathered / (text.longest + between.text.size() + 1));
}

// The value behind a column of the SELECT's only relation, or nullptr.
const Expression* behind(const Expression& e, const Select& select) {
  if (!e.is_column() || select.relations.size() != 1 || e.relation != select.relations[0].id ||
      !select.relations[0].select || select.relations[0].select->combine != Select::Combine::none ||
      !select.relations[0].select->values.empty())
    return nullptr;
  return &select.relations[0].select->outputs[static_cast<std::size_t>(e.column)].value;
}

// Whether each group of `select` has few of the rows that `number` numbers up to `most`: they are numbered
// within what is grouped by, and no join repeats them.
bool numbers_groups(const Expression& number, const Select& select, bool distinct,
                    const Expression& gathered) {
  if (number.kind != Kind::window || number.text != (distinct ? "dense_rank" : "row_number")) return false;
  const std::size_t orders = number.children.size() - number.ordering.size();
  for (std::size_t i = number.arguments; i < orders; ++i) {
    const std::string text = print(number.children[i]);
    const bool grouped =
        std::any_of(select.group_by.begin(), select.group_by.end(), [&](const Expression& group) {
          const Expression* value = behind(group, select);
          return value != nullptr && print(*value) == text;
        });
    if (!grouped) return false;
  }
  if (!distinct) return true;
  // Different texts are different ranks.
  const Expression* value = behind(gathered, select);
  return number.ordering.size() == 1 && value != nullptr && print(*value) == print(number.children[orders]);
}

// string_agg(CASE WHEN number <= n THEN text END, …), as bounded_texts() makes it.
bool is_bounded(const Expression& e, const Select& select) {
  const Expression& chosen = e.children[0];
  if (chosen.kind != Kind::cases || chosen.children.size() != 3 || chosen.children[2].kind != Kind::null)
    return false;
  const Expression& condition = chosen.children[0];
  if (condition.kind != Kind::compare || condition.text != "<=" ||
      condition.children[1].kind != Kind::number || condition.children[1].type != Type::integer ||
      condition.children[1].text.size() > 4)
    return false;
  const Expression* number = behind(condition.children[0], select);
  return number != nullptr && numbers_groups(*number, select, e.distinct, chosen.children[1]) &&
         std::stoul(condition.children[1].text) <= count_for(chosen.children[1], e.children[1]);
}

bool all_bounded(const Select& select) {
  bool all = true;
  const auto look = [&](const Expression& e) {
    if (e.kind == Kind::aggregate && e.text == "string_agg") all = all && is_bounded(e, select);
  };
  for (const Output& output : select.outputs) for_each(output.value, look);
  for (const OrderBy& order : select.order_by) for_each(order.value, look);
  if (select.having) for_each(*select.having, look);
  return all;
}

}  // namespace

// What becomes of a SELECT: `outputs` of the one inside, which columns of `relation` are outside.
struct Reader::Raised {
  const Select& of;
  int relation;
  std::vector<std::string> groups = {};  // as texts
  std::vector<Output> outputs = {};

  Raised(const Select& select, int id) : of(select), relation(id) {
    for (const Expression& group : select.group_by) groups.push_back(source::print(group));
  }
  [[nodiscard]] bool is_group(const Expression& e) const {
    return std::find(groups.begin(), groups.end(), source::print(e)) != groups.end();
  }
  Expression column(const Expression& value) {
    const std::string text = source::print(value);
    std::size_t at = 0;
    while (at < outputs.size() && source::print(outputs[at].value) != text) ++at;
    if (at == outputs.size()) outputs.push_back({"", value});
    Expression made;
    made.kind = Kind::column;
    made.relation = relation;
    made.column = static_cast<int>(at);
    made.type = value.type;
    made.label = value.label;
    made.longest = value.type == Type::text ? value.longest : assumed_number;
    return made;
  }
};

// A value beside groups, of what they and their aggregates are.
Expression Reader::group_value(const Expression& e, Raised& raised) {
  if (e.kind == Kind::aggregate || raised.is_group(e)) return raised.column(e);
  if (e.is_column() && raised.of.find(e.relation) != nullptr)
    refuse("a window function beside GROUP BY looks at a column that is neither in GROUP BY nor aggregated");
  if (e.select)
    refuse("IN (SELECT …) beside GROUP BY and a window function: put the GROUP BY into a SELECT in FROM");
  Expression made = e;
  for (Expression& child : made.children) child = group_value(child, raised);
  return finish(std::move(made));
}

// A value that aggregates the rows of the SELECT inside.
Expression Reader::row_value(const Expression& e, Raised& raised) {
  if (raised.is_group(e)) return raised.column(e);
  if (e.kind == Kind::aggregate && e.text == "string_agg") return bounded_text(e, raised);
  if (e.is_column() && raised.of.find(e.relation) != nullptr) return raised.column(e);
  Expression made = e;
  for (Expression& child : made.children) child = row_value(child, raised);
  return finish(std::move(made));
}

Expression Reader::bounded_text(const Expression& e, Raised& raised) {
  Expression number =
      condition_of(Kind::window, e.distinct ? "dense_rank" : "row_number", raised.of.group_by);
  number.type = Type::integer;
  number.children.insert(number.children.end(), e.children.begin() + 2, e.children.end());
  number.ordering = e.ordering;
  const std::size_t most = count_for(e.children[0], e.children[1]);
  Expression few = finish(
      condition_of(Kind::compare,
                   "<=", {raised.column(finish(std::move(number))), whole_number(static_cast<long>(most))}));
  Expression text = e.distinct ? raised.column(e.children[0]) : row_value(e.children[0], raised);
  Expression made = e;
  made.children[0] = finish(chosen({std::move(few), std::move(text), Expression{}}, Type::text));
  for (std::size_t i = 2; i < made.children.size(); ++i)
    made.children[i] = e.distinct ? made.children[0] : row_value(e.children[i], raised);
  notices_.push_back("string_agg puts at most " + std::to_string(most) +
                     " texts of a group together, the first in its order");
  return finish(std::move(made));
}

// SELECT … FROM (inner).
void Reader::inside(Select inner, Raised& raised, Select& into) {
  if (raised.outputs.empty()) refuse("a window function over groups that looks at none of them: name one");
  inner.outputs = std::move(raised.outputs);
  check_row(inner);
  if (failed()) return;
  Relation relation = relation_of(std::move(inner));
  relation.id = raised.relation;
  relation.name = "rows";
  From from;
  from.relation = relation.id;
  into.from.assign(1, from);
  into.relations.clear();
  into.relations.push_back(std::move(relation));
}

// Windows beside GROUP BY look at the groups.
void Reader::over_groups(Select& into) {
  if (into.having && any_of(*into.having, Kind::window, {})) return refuse("a window function in HAVING");
  Raised raised(into, next_relation_++);
  Select outer;
  outer.distinct = into.distinct;
  for (const Output& output : into.outputs)
    outer.outputs.push_back({output.name, group_value(output.value, raised)});
  for (const OrderBy& order : into.order_by) {
    outer.order_by.push_back(order);
    outer.order_by.back().value = group_value(order.value, raised);
  }
  if (failed()) return;
  Select inner = into;
  inner.outputs = raised.outputs;
  inner.order_by.clear();
  inner.distinct = false;
  check_grouped(inner);
  if (has(inner, Kind::aggregate, "string_agg"))
    refuse("string_agg beside a window function: put each into a table");
  inside(std::move(inner), raised, outer);
  if (!failed()) into = std::move(outer);
}

// Each string_agg takes the first rows of its group alone.
void Reader::bounded_texts(Select& into) {
  if (looks_at_selects(into)) refuse("string_agg beside IN (SELECT …): put one of them into a table");
  check_grouped(into);
  if (failed()) return;
  Raised raised(into, next_relation_++);
  Select outer;
  outer.distinct = into.distinct;
  for (const Expression& group : into.group_by) outer.group_by.push_back(raised.column(group));
  for (const Output& output : into.outputs)
    outer.outputs.push_back({output.name, row_value(output.value, raised)});
  for (const OrderBy& order : into.order_by) {
    outer.order_by.push_back(order);
    outer.order_by.back().value = row_value(order.value, raised);
  }
  if (into.having) outer.having = row_value(*into.having, raised);
  Select inner = into;
  inner.group_by.clear();
  inner.having.reset();
  inner.order_by.clear();
  inner.distinct = false;
  inside(std::move(inner), raised, outer);
  if (!failed()) into = std::move(outer);
}

// `sets`: it is one of several grouping sets.
void Reader::raise(Select& into, bool sets) {
  if (failed() || !into.grouped()) return;
  if (has(into, Kind::window, {})) {
    if (sets) return refuse("a window function beside GROUPING SETS: put the GROUP BY into a SELECT in FROM");
    over_groups(into);
  } else if (has(into, Kind::aggregate, "string_agg") && !all_bounded(into)) {
    bounded_texts(into);
  }
}

}  // namespace sceau::source
