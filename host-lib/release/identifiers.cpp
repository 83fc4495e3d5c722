#include "identifiers.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace sceau::release {
namespace {

using source::Expression;
using source::From;
using source::Output;
using source::Relation;
using source::Select;
using Kind = source::Expression::Kind;

bool is_filtered(const Expression& e) {
  return e.kind == Kind::cases && e.children.size() == 3 && e.children[2].kind == Kind::null;
}

class Check {
 public:
  explicit Check(Standing standing) : standing_(standing) {}
  Status run(const Select& select) {
    look(select);
    if (error_) return *error_;
    return {};
  }

 private:
  void look(const Select& select);
  // An identifier as it is; where nothing leaves, also the one of two that is there, after a FULL JOIN.
  [[nodiscard]] bool stands_alone(const Expression& e) const {
    if (e.is_column()) return is_identifying(e.label);
    return standing_ == Standing::inside && e.kind == Kind::function && e.text == "coalesce" &&
           std::all_of(e.children.begin(), e.children.end(), [&](const Expression& child) {
             return child.is_column() && child.label == e.label && is_identifying(child.label);
           });
  }
  void from(const From& from);
  void condition(const Expression& condition);
  void part(const Expression& condition);
  void expression(const Expression& e, const std::string& place);
  void in_select(const Expression& e);
  void before_select(const Expression& left, const Select& select, std::size_t at);
  void window(const Expression& e, const std::string& place);
  void refuse(const Expression& column, const std::string& place);

  [[nodiscard]] bool is_one_by_parameter(const Expression& condition) const;

  const Standing standing_;
  std::vector<const Select*> around_;
  std::optional<Error> error_;
};

void Check::refuse(const Expression& column, const std::string& place) {
  if (error_) return;
  std::string name = "an identifier";
  for (const Select* select : around_) {
    if (select->find(column.relation) != nullptr) name = named(column, *select);
  }
  error_ = Error{ErrorKind::refused,
                 "checking the SQL: " + name + " stands " + place +
                     ": identifiers may only be joined with columns of the same label, grouped by, and "
                     "counted with count(DISTINCT …)" +
                     (standing_ == Standing::approved
                          ? ", or compared with parameters, by = $1 or IN ($1, $2), which approvers see"
                          : "")};
}

void Check::expression(const Expression& e, const std::string& place) {
  if (e.kind == Kind::aggregate && e.text == "count" && e.distinct) {
    const Expression& counted = e.children[0];
    if (stands_alone(counted)) return;
    // FILTER (WHERE …): the condition is one like any other.
    if (is_filtered(counted) && stands_alone(counted.children[1]))
      return expression(counted.children[0], "in a condition");
  }
  if (e.kind == Kind::in_select) return in_select(e);
  if (e.kind == Kind::window) return window(e, place);
  // Nothing leaves: whether a join found a partner may be looked at by the key.
  if (standing_ == Standing::inside && e.kind == Kind::is_null && stands_alone(e.children[0])) return;
  if (e.is_column() && is_identifying(e.label)) refuse(e, place);
  for (const Expression& child : e.children) expression(child, place);
  if (e.select) look(*e.select);
}

// PARTITION BY is a GROUP BY.
void Check::window(const Expression& e, const std::string& place) {
  const std::size_t orders = e.children.size() - e.ordering.size();
  const auto partitions = [&](std::size_t i) { return i >= e.arguments && i < orders; };
  // Within one person's rows the key orders nothing.
  const auto is_one = [&](const Expression& by) {
    for (std::size_t i = e.arguments; i < orders; ++i) {
      if (by.is_column() && print(by) == print(e.children[i])) return true;
    }
    return false;
  };
  for (std::size_t i = 0; i < e.children.size(); ++i) {
    const bool alone = partitions(i) ? stands_alone(e.children[i]) : i >= orders && is_one(e.children[i]);
    if (!alone) expression(e.children[i], place);
  }
}

void Check::in_select(const Expression& e) {
  for (std::size_t i = 0; i < e.children.size(); ++i) before_select(e.children[i], *e.select, i);
  look(*e.select);
}

void Check::before_select(const Expression& left, const Select& select, std::size_t at) {
  if (stands_alone(left)) {
    const Expression& right = select.combine == Select::Combine::none ? select.outputs[at].value : left;
    if (select.combine != Select::Combine::none || !right.is_column() || right.label != left.label) {
      refuse(left, "before IN (SELECT …) of something else than one column of its label");
    }
    return;
  }
  expression(left, "before IN");
  if (is_identifying(select.outputs[at].value.label) && !error_) {
    error_ = Error{ErrorKind::refused,
                   "checking the SQL: IN (SELECT …) gives an identifier for a column that is none: compare "
                   "columns of the same label"};
  }
}

// `column = $1`, or `column IN ($1, $2, …)`: who is meant, which the approvers see.
bool Check::is_one_by_parameter(const Expression& condition) const {
  const bool equality = condition.kind == Kind::compare && condition.text == "=";
  const bool list = condition.kind == Kind::in_list && !condition.negated;
  if (standing_ != Standing::approved || (!equality && !list)) return false;
  const auto is_parameter = [](const Expression& one) { return one.kind == Kind::parameter; };
  const auto& sides = condition.children;
  const bool turned = equality && is_parameter(sides[0]);
  if (!stands_alone(sides[turned ? 1 : 0])) return false;
  return std::count_if(sides.begin(), sides.end(), is_parameter) + 1 ==
         static_cast<std::ptrdiff_t>(sides.size());
}

// One whole condition: the place of an equi-join.
void Check::part(const Expression& condition) {
  if (is_one_by_parameter(condition)) return;
  const bool equality = condition.kind == Kind::compare && condition.text == "=";
  if (equality && stands_alone(condition.children[0]) && stands_alone(condition.children[1]) &&
      condition.children[0].label == condition.children[1].label) {
    return;
  }
  expression(condition, "in a condition");
}

void Check::condition(const Expression& condition) {
  if (condition.kind != Kind::both) return part(condition);
  for (const Expression& each : condition.children) part(each);
}

void Check::from(const From& from) {
  for (const From& side : from.sides) this->from(side);
  if (from.on) condition(*from.on);
}

void Check::look(const Select& select) {
  around_.push_back(&select);
  for (const Select& part : select.parts) look(part);
  if (select.combine == Select::Combine::none) {
    for (const Relation& relation : select.relations) {
      if (relation.select) look(*relation.select);
    }
    for (const From& item : select.from) from(item);
    if (select.where) condition(*select.where);
    for (const Output& output : select.outputs) {
      if (!output.value.is_column() && !stands_alone(output.value))
        expression(output.value, "inside result \"" + output.name + "\"");
    }
    for (const Expression& group : select.group_by) {
      if (!group.is_column() && !stands_alone(group)) expression(group, "inside an expression of GROUP BY");
    }
    if (select.having) expression(*select.having, "in HAVING");
  }
  for (const source::OrderBy& order : select.order_by) {
    // LIMIT picks people: nothing leaves from what it picked.
    const bool picks = standing_ == Standing::inside && select.limit && order.value.is_column() &&
                       order.value.label == source::Label::person_key;
    if (!picks) expression(order.value, "in ORDER BY");
  }
  around_.pop_back();
}

}  // namespace

std::string named(const Expression& column, const Select& select) {
  const Relation* relation = select.find(column.relation);
  const std::string name = relation == nullptr
                               ? std::string("an identifier")
                               : relation->columns[static_cast<std::size_t>(column.column)].name;
  return name + " (" + std::string(to_string(column.label)) + ")";
}

Status check_identifiers(const Select& select, Standing standing) { return Check(standing).run(select); }

}  // namespace sceau::release
