#include "one_value.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

namespace sceau::release {
namespace {

using source::Expression;
using Kind = source::Expression::Kind;

// NaN: it is computed in another way.
double number_of(const Expression& e) {
  if (e.kind == Kind::number) return std::strtod(e.text.c_str(), nullptr);
  if (e.kind == Kind::negate) return -number_of(e.children[0]);
  if (e.kind == Kind::arithmetic) {
    const double first = number_of(e.children[0]);
    const double second = number_of(e.children[1]);
    if (e.text == "+") return first + second;
    if (e.text == "-") return first - second;
    if (e.text == "*") return first * second;
  }
  return std::nan("");
}

bool alike(const Expression& a, const Expression& b) {
  if (a.type == source::Type::text || b.type == source::Type::text) return print(a) == print(b);
  const double left = number_of(a);
  const double right = number_of(b);
  return std::isnan(left) || std::isnan(right) || left == right;
}

using Bound = std::pair<const Expression*, const Expression*>;  // of what, and where

std::optional<Bound> bound(const Expression& e, bool is, bool low) {
  if (e.kind == Kind::negation) return bound(e.children[0], !is, low);
  if (e.kind == Kind::between && is != e.negated) return Bound{&e.children[0], &e.children[low ? 1 : 2]};
  if (e.kind != Kind::compare || e.text.find_first_of("<>") == std::string::npos || e.text == "<>")
    return std::nullopt;
  for (std::size_t side = 0; side < 2; ++side) {
    // x > c and c < x are the same; NOT turns them.
    const bool above = (e.text[0] == '>') == (side == 0) ? is : !is;
    if (above == low && is_constant(e.children[1 - side]) && !is_constant(e.children[side]))
      return Bound{&e.children[side], &e.children[1 - side]};
  }
  return std::nullopt;
}

}  // namespace

bool is_constant(const Expression& e) {
  return !e.is_column() && !e.select && std::all_of(e.children.begin(), e.children.end(), is_constant);
}

bool all_alike(const Expression& e) {
  return std::all_of(e.children.begin() + 1, e.children.end(),
                     [&](const Expression& one) { return is_constant(one) && alike(one, e.children[1]); });
}

bool means_one(const Expression& like) {
  const Expression& pattern = like.children[1];
  if (pattern.kind != Kind::text) return false;
  if (like.text != "~") return pattern.text.find_first_of("%_") == std::string::npos;
  return pattern.text.find('^') != std::string::npos && pattern.text.find('$') != std::string::npos;
}

std::vector<const Expression*> bounded_to_one(const std::vector<Expression>& all, bool hold) {
  std::vector<std::pair<Bound, std::string>> lowest;
  std::vector<std::pair<Bound, std::string>> highest;
  for (const Expression& one : all) {
    for (const bool low : {true, false}) {
      const auto known = bound(one, hold, low);
      if (known) (low ? lowest : highest).emplace_back(*known, print(*known->first));
    }
  }
  std::vector<const Expression*> found;
  for (const auto& [lower, of] : lowest) {
    for (const auto& [upper, to] : highest) {
      if (of == to && alike(*lower.second, *upper.second)) found.push_back(lower.first);
    }
  }
  return found;
}

}  // namespace sceau::release
