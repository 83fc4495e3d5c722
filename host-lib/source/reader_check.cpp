// What a SELECT must meet as a whole.
#include <algorithm>

#include "reader.h"

namespace sceau::source {
namespace {

bool in_group(const Select& select, const Expression& value) {
  const std::string text = print(value);
  return std::any_of(select.group_by.begin(), select.group_by.end(),
                     [&](const Expression& group) { return print(group) == text; });
}

// A value has one result for the whole group when it is grouped by, aggregated, constant or made of such.
bool is_settled(const Select& select, const Expression& value) {
  if (value.kind == Expression::Kind::aggregate || in_group(select, value)) return true;
  if (value.is_column()) return select.find(value.relation) == nullptr;
  if (value.select) return false;
  return std::all_of(value.children.begin(), value.children.end(),
                     [&](const Expression& child) { return is_settled(select, child); });
}

}  // namespace

void Reader::check_row(const Select& into) {
  std::size_t longest = 0;
  for (const Output& output : into.outputs) longest += output.value.longest;
  for (const Expression& group : into.group_by) longest += group.longest;
  for (const OrderBy& order : into.order_by) longest += order.value.longest;
  if (longest > longest_row) refuse("rows that could grow without measure: ask for fewer or shorter texts");
}

void Reader::check_grouped(const Select& into) {
  const auto check = [&](const Expression& value, const std::string& where) {
    if (!is_settled(into, value)) {
      refuse(where + " is neither in GROUP BY nor aggregated: one row's value would stand for the group");
    }
  };
  const auto no_window = [&](const Expression& value) {
    for_each(value, [&](const Expression& e) {
      if (e.kind == Kind::window)
        refuse("a window function beside GROUP BY: put the GROUP BY into a SELECT in FROM");
    });
  };
  for (const Output& output : into.outputs) no_window(output.value);
  for (const OrderBy& order : into.order_by) no_window(order.value);
  for (const Output& output : into.outputs) check(output.value, "result " + in_quotes(output.name));
  for (const OrderBy& order : into.order_by) check(order.value, "an ORDER BY value");
  if (into.having) check(*into.having, "a HAVING value");
}

}  // namespace sceau::source
