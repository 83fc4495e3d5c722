#include "weights.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "build.h"

namespace sceau::release {
namespace {

using source::Expression;
using Kind = Expression::Kind;

bool has_column(const Expression& e) {
  bool found = false;
  for_each(
      e, [&](const Expression& each) { found = found || each.is_column() || each.kind == Kind::aggregate; });
  return found;
}

bool is_zero(const Expression& e) {
  return e.kind == Kind::number && std::strtod(e.text.c_str(), nullptr) == 0;
}

// Small values become zero, never a constant: ceil() and floor() would make 1 and -1 of everybody's.
bool keeps_zero(const std::string& function) { return function == "abs" || function == "round"; }

}  // namespace

std::optional<std::vector<Expression>> Weights::split(const Expression& summed) const {
  std::vector<Expression> parts;
  if (!split(summed, parts)) return std::nullopt;
  return parts;
}

bool Weights::is_plain(const Expression& column) const {
  if (!column.is_column()) return false;
  const source::Relation* relation = select_.find(column.relation);
  if (relation == nullptr) return false;
  const auto index = static_cast<std::size_t>(column.column);
  if (relation->table != nullptr && relation->table->in_workspace())
    return relation->table->columns[index].sums == source::Sums::copied;
  if (relation->select && relation->select->combine == source::Select::Combine::none)
    return relation->columns[index].origin.has_value() &&
           Weights(*relation->select).is_plain(relation->select->outputs[index].value);
  if (relation->select) return is_plain(*relation->select, index);
  return relation->columns[index].origin.has_value();
}

// Of a UNION, a column that is plain in each of its parts.
bool Weights::is_plain(const source::Select& select, std::size_t index) {
  if (select.combine == source::Select::Combine::none)
    return select.values.empty() && Weights(select).is_plain(select.outputs[index].value);
  return std::all_of(select.parts.begin(), select.parts.end(),
                     [&](const source::Select& part) { return is_plain(part, index); });
}

bool Weights::is_single(const Expression& e) const {
  const auto parts = split(e);
  return parts && parts->size() <= 1;
}

// A column of a SELECT in FROM is as good as the expression behind it.
bool Weights::is_single_column(const Expression& column) const {
  const source::Relation* relation = select_.find(column.relation);
  if (relation == nullptr || column.type == source::Type::text) return false;
  const auto index = static_cast<std::size_t>(column.column);
  if (relation->table != nullptr) return relation->table->columns[index].sums != source::Sums::never;
  const source::Select& inner = *relation->select;
  if (!inner.values.empty()) return false;
  if (inner.combine == source::Select::Combine::none)
    return Weights(inner).is_single(inner.outputs[index].value);
  // Constants of one part would hide what few people have in the other.
  return std::all_of(inner.parts.begin(), inner.parts.end(), [&](const source::Select& part) {
    return part.combine == source::Select::Combine::none && Weights(part).is_plain(part.outputs[index].value);
  });
}

bool Weights::is_product(const Expression& e) const {
  switch (e.kind) {
    case Kind::number:
      return true;
    case Kind::column:
      return is_single_column(e);
    case Kind::aggregate:
      return e.text == "count" || (!source::is_for_work(e) && is_single(e.children[0]));
    case Kind::negate:
      return is_product(e.children[0]);
    case Kind::cast:
      return e.children[0].type != source::Type::text && is_product(e.children[0]);
    case Kind::function:
      if (e.text == "coalesce")
        return e.children.size() == 2 && is_zero(e.children[1]) && is_product(e.children[0]);
      if (e.text == "nullif") return e.children[1].kind == Kind::number && is_product(e.children[0]);
      return keeps_zero(e.text) && is_product(e.children[0]);
    case Kind::arithmetic: {
      const Expression& left = e.children[0];
      const Expression& right = e.children[1];
      if (e.text == "*") return is_product(left) && is_product(right);
      if (e.text == "/")
        return (has_column(left) || !has_column(right)) && is_product(left) && is_product(right);
      // Adding zero changes nothing; numbers alone are one number.
      if (e.text == "+" && is_zero(right)) return is_product(left);
      return !has_column(e);
    }
    default:
      return false;
  }
}

bool Weights::split_cases(const Expression& e, std::vector<Expression>& into) const {
  for (std::size_t i = 1; i < e.children.size(); i += 2) {
    const bool last = i + 1 == e.children.size() - 1;
    for (const std::size_t at : last ? std::vector<std::size_t>{i, i + 1} : std::vector<std::size_t>{i}) {
      std::vector<Expression> parts;
      if (!split(e.children[at], parts)) return false;
      for (Expression& part : parts) {
        Expression branch = e;
        branch.type = source::Type::real;
        for (std::size_t b = 1; b < branch.children.size(); b += 2) branch.children[b] = build::zero();
        branch.children.back() = build::zero();
        branch.children[at] = std::move(part);
        into.push_back(std::move(branch));
      }
    }
  }
  return true;
}

// coalesce(a, b, …) is CASE WHEN a IS NOT NULL THEN a ELSE coalesce(b, …) END.
bool Weights::split_coalesce(const Expression& e, std::vector<Expression>& into) const {
  Expression rest = e.children.back();
  for (std::size_t i = e.children.size() - 1; i-- > 0;) {
    rest = build::when(build::is_null(e.children[i], true), e.children[i], std::move(rest));
  }
  return split_cases(rest, into);
}

// What a column of a SELECT in FROM was multiplied with.
double Weights::factor_behind(const Expression& column) const {
  const source::Relation* relation = select_.find(column.relation);
  if (relation == nullptr || !relation->select) return 1;
  const source::Select& inner = *relation->select;
  if (inner.combine != source::Select::Combine::none || !inner.values.empty()) return 1;
  return Weights(inner).factor_of(inner.outputs[static_cast<std::size_t>(column.column)].value);
}

// Of what has no column, its value.
double Weights::factor_of(const Expression& e) const {
  switch (e.kind) {
    case Kind::number:
      return std::strtod(e.text.c_str(), nullptr);
    case Kind::column:
      return factor_behind(e);
    case Kind::negate:
      return -factor_of(e.children[0]);
    case Kind::cast:
      return factor_of(e.children[0]);
    case Kind::aggregate:
      return e.text == "count" || e.children.empty() ? 1 : factor_of(e.children[0]);
    case Kind::function:
      return e.children.empty() ? 1 : factor_of(e.children[0]);
    case Kind::cases: {
      // Of a part of CASE one branch is not zero.
      for (std::size_t i = 1; i < e.children.size(); ++i) {
        const bool branch = i % 2 == 1 || i + 1 == e.children.size();
        if (branch && !is_zero(e.children[i])) return factor_of(e.children[i]);
      }
      return 1;
    }
    case Kind::arithmetic: {
      const double left = factor_of(e.children[0]);
      if (e.text == "+" && is_zero(e.children[1])) return left;
      const double right = factor_of(e.children[1]);
      if (e.text == "*") return left * right;
      if (e.text == "/") return left / right;
      if (has_column(e)) return 1;
      return e.text == "+" ? left + right : e.text == "-" ? left - right : 1;
    }
    default:
      return 1;
  }
}

double Weights::factor(const Expression& part) const {
  const double factor = std::abs(factor_of(part));
  return std::isfinite(factor) && factor > 0 ? factor : 1;
}

bool Weights::split(const Expression& e, std::vector<Expression>& into) const {
  switch (e.kind) {
    case Kind::null:
      return true;
    case Kind::negate:
      return split(e.children[0], into);
    case Kind::cast:
      return e.children[0].type != source::Type::text && split(e.children[0], into);
    case Kind::cases:
      return split_cases(e, into);
    case Kind::function:
      if (e.text == "coalesce") return split_coalesce(e, into);
      if (e.text == "nullif") {
        return split_cases(build::when(build::node(Kind::compare, "=", source::Type::integer, e.children),
                                       build::zero(), e.children[0]),
                           into);
      }
      break;
    case Kind::arithmetic:
      if ((e.text == "+" || e.text == "-") && has_column(e)) {
        return split(e.children[0], into) && split(e.children[1], into);
      }
      break;
    default:
      break;
  }
  if (is_zero(e)) return true;
  if (!is_product(e)) return false;
  into.push_back(e);
  return true;
}

}  // namespace sceau::release
