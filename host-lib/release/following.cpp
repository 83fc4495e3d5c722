#include "following.h"

#include <algorithm>

#include "one_value.h"

namespace sceau::release {
namespace {

using source::Expression;
using source::From;
using source::Label;
using source::Relation;
using source::Select;
using Kind = source::Expression::Kind;

constexpr const char* of_condition = "a condition";

// What was looked at, so that it is once.
enum Look : int { as_result, as_compared, as_results, as_rows, as_joined };

Known turned(Known known) {
  return known == Known::either ? known : known == Known::holds ? Known::fails : Known::holds;
}

Known of_part(const Select& select, std::size_t part, Known known) {
  return select.combine == Select::Combine::except && part == 1 ? turned(known) : known;
}

bool is_about_nobody(const Select& select);
bool is_about_nobody(const Relation& relation) {
  return relation.table != nullptr ? relation.table->reference : is_about_nobody(*relation.select);
}
bool is_about_nobody(const Select& select) {
  return std::all_of(select.parts.begin(), select.parts.end(),
                     [](const Select& part) { return is_about_nobody(part); }) &&
         std::all_of(select.relations.begin(), select.relations.end(),
                     [](const Relation& relation) { return is_about_nobody(relation); });
}

bool compares(const Expression& e) {
  return e.kind == Kind::compare || e.kind == Kind::between || e.kind == Kind::in_list ||
         e.kind == Kind::like || e.kind == Kind::in_select;
}

bool names(const Expression& e, const Relation& relation) {
  bool found = false;
  for_each(e,
           [&](const Expression& one) { found = found || (one.is_column() && one.relation == relation.id); });
  return found;
}

}  // namespace

void Following::results(const Select& select, Known known) {
  if (!is_new(&select, as_results, static_cast<std::size_t>(known))) return;
  for (std::size_t i = 0; i < select.parts.size(); ++i) results(select.parts[i], of_part(select, i, known));
  if (!select.parts.empty()) return;
  around_.push_back(&select);
  for (const source::Output& output : select.outputs) expression(output.value, output.name);
  around_.pop_back();
  rows(select, known);
}

void Following::rows(const Select& select, Known known, int but) {
  if (!is_new(&select, as_rows, static_cast<std::size_t>(known))) return;
  for (std::size_t i = 0; i < select.parts.size(); ++i) rows(select.parts[i], of_part(select, i, known));
  around_.push_back(&select);
  if (select.where) condition(*select.where, known);
  if (select.having) condition(*select.having, known);
  for (const From& from : select.from) joined(from, known);
  for (const Relation& relation : select.relations) {
    // Whether a row found its partner shows.
    const Known found = relation.nullable ? Known::either : known;
    if (relation.id == but) continue;
    if (relation.select) {
      rows(*relation.select, found);
      continue;
    }
    const source::Table& table = *relation.table;
    if (found != Known::fails) columns_.insert(table.chosen.begin(), table.chosen.end());
    if (found != Known::holds) columns_.insert(table.left_out.begin(), table.left_out.end());
  }
  around_.pop_back();
}

void Following::result(const Select& select, std::size_t at) {
  result_of(select, at, select.outputs[at].name);
}

void Following::compared(const Select& select, std::size_t at) {
  if (!is_new(&select, as_compared, at)) return;
  for (const Select& part : select.parts) compared(part, at);
  if (!select.parts.empty() || !select.values.empty()) return;
  around_.push_back(&select);
  condition(select.outputs.at(at).value, Known::either);
  around_.pop_back();
}

void Following::expression(const Expression& e, const std::string& name) {
  if (e.is_column()) column(e, name);
  // How many different values there are says none of them, but which rows are counted does. The same of a
  // window's place in an order.
  const bool counts = e.text == "count" && (e.kind == Kind::aggregate || e.kind == Kind::window);
  const std::size_t told = counts ? 0 : e.kind == Kind::window ? e.arguments : e.children.size();
  for (std::size_t i = 0; i < e.children.size(); ++i) {
    if (i < told) {
      expression(e.children[i], name);
    } else {
      condition(e.children[i], Known::either);
    }
  }
  if (!e.select) return;
  if (e.kind == Kind::exists) return rows(*e.select, Known::either);
  results(*e.select, Known::either);
}

std::pair<const Relation*, const Select*> Following::relation_of(const Expression& column) const {
  for (auto select = around_.rbegin(); select != around_.rend(); ++select) {
    const Relation* relation = (*select)->find(column.relation);
    if (relation != nullptr) return {relation, *select};
  }
  return {nullptr, nullptr};
}

void Following::column(const Expression& e, const std::string& name) {
  const auto [relation, select] = relation_of(e);
  const auto at = static_cast<std::size_t>(e.column);
  if (relation == nullptr) {
    if (e.label == Label::potential_identifier) columns_.insert(name);
  } else if (relation->table != nullptr) {
    made_of(*relation->table, at);
    if (relation->table->reference) translated(*select, *relation);
  } else {
    result_of(*relation->select, at, name);
  }
}

// What people are joined with a table about nobody by: it says the same in other words.
void Following::translated(const Select& select, const Relation& relation) {
  if (!is_new(&relation, as_joined)) return;
  const auto look = [&](const Expression& e) {
    if (!compares(e) || !names(e, relation)) return;
    for (const Expression& child : e.children) {
      if (!names(child, relation)) expression(child, of_condition);
    }
  };
  const auto joins = [&](const From& from, const auto& again) -> void {
    if (from.on) for_each(*from.on, look);
    for (const From& side : from.sides) again(side, again);
  };
  for (const From& from : select.from) joins(from, joins);
  if (select.where) for_each(*select.where, look);
}

void Following::made_of(const source::Table& table, std::size_t at) {
  const source::Column& known = table.columns.at(at);
  columns_.insert(known.made_of.begin(), known.made_of.end());
  if (known.label != Label::potential_identifier || !known.made_of.empty()) return;
  columns_.insert(known.copied ? known.copied->table + "." + known.copied->column
                               : table.name + "." + known.name);
}

void Following::result_of(const Select& select, std::size_t at, const std::string& name) {
  if (!is_new(&select, as_result, at)) return;
  for (const Select& part : select.parts) result_of(part, at, name);
  if (!select.parts.empty() || !select.values.empty()) return;
  around_.push_back(&select);
  expression(select.outputs.at(at).value, name);
  around_.pop_back();
}

void Following::compared_in(const Expression& column) {
  const Relation* relation = relation_of(column).first;
  if (relation == nullptr) return;
  const auto at = static_cast<std::size_t>(column.column);
  if (relation->table == nullptr) return compared(*relation->select, at);
  const source::Column& known = relation->table->columns.at(at);
  columns_.insert(known.compared.begin(), known.compared.end());
}

void Following::joined(const From& from, Known known) {
  if (from.on) condition(*from.on, from.left_join || from.full_join ? Known::either : known);
  for (const From& side : from.sides) joined(side, known);
}

void Following::condition(const Expression& e, Known known) {
  if (e.kind == Kind::negation) return condition(e.children[0], turned(known));
  if (e.is_column()) return compared_in(e);
  const bool may_hold = known != Known::fails;
  const bool may_fail = known != Known::holds;
  if (e.kind == Kind::compare && ((e.text == "=" && may_hold) || (e.text == "<>" && may_fail))) pairs(e);
  const bool list = e.kind == Kind::in_list || e.kind == Kind::between;
  const bool null_if = e.kind == Kind::is_null && e.children[0].text == "nullif";
  if ((e.negated ? may_fail : may_hold) && null_if && e.children[0].kind == Kind::function)
    pairs(e.children[0]);
  if ((e.negated ? may_fail : may_hold) && ((list && all_alike(e)) || (e.kind == Kind::like && means_one(e))))
    expression(e.children[0], of_condition);
  beside_written(e);
  const bool both = e.kind == Kind::both && may_hold;
  if (both || (e.kind == Kind::either && may_fail)) {
    for (const Expression* bounded : bounded_to_one(e.children, both)) expression(*bounded, of_condition);
  }
  const bool logic = e.kind == Kind::both || e.kind == Kind::either;
  for (const Expression& child : e.children) condition(child, logic ? known : Known::either);
  if (e.select) rows(*e.select, e.negated ? turned(known) : known);
}

// What is equal to something that tells nothing of people is that.
void Following::pairs(const Expression& e) {
  for (std::size_t side = 0; side < 2; ++side) {
    const Expression& other = e.children[1 - side];
    if (other.label == Label::measure && !is_public(other)) expression(e.children[side], of_condition);
  }
}

// x = c.code, x BETWEEN c.low AND c.high, x IN (SELECT code FROM c), where the agent wrote c: it chooses x.
void Following::beside_written(const Expression& e) {
  if (!compares(e)) return;
  const auto is = [this](const Expression& child) { return is_written(child); };
  const bool selected = e.kind == Kind::in_select && is_about_nobody(*e.select);
  if (!selected && std::none_of(e.children.begin(), e.children.end(), is)) return;
  for (const Expression& child : e.children) {
    if (!is_written(child)) expression(child, of_condition);
  }
}

// It is of a reference table of the catalogue: what is compared with it counts where it is used.
bool Following::is_public(const Expression& e) const {
  bool is = false;
  for_each(e, [&](const Expression& one) {
    const Relation* relation = one.is_column() ? relation_of(one).first : nullptr;
    const source::Table* table = relation == nullptr ? nullptr : relation->table;
    is = is || (table != nullptr && table->reference && !table->in_workspace());
  });
  return is;
}

// It has columns, and each is of what the agent wrote, or took out of public tables.
bool Following::is_written(const Expression& e) const {
  if (e.select) return false;
  const Relation* relation = e.is_column() ? relation_of(e).first : nullptr;
  if (relation != nullptr)
    return is_about_nobody(*relation) && (relation->table == nullptr || relation->table->in_workspace());
  return !is_constant(e) &&
         std::all_of(e.children.begin(), e.children.end(),
                     [this](const Expression& child) { return is_constant(child) || is_written(child); });
}

}  // namespace sceau::release
