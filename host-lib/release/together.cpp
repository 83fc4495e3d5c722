#include "together.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <vector>

namespace sceau::release {
namespace {

using source::Expression;
using source::From;
using source::Label;
using source::Relation;
using source::Select;
using Kind = source::Expression::Kind;

class Follow {
 public:
  void results(const Select& select) {
    for (const Select& part : select.parts) results(part);
    if (!select.parts.empty()) return;
    around_.push_back(&select);
    for (const source::Output& output : select.outputs) expression(output.value, output.name);
    fixed(select);
    around_.pop_back();
  }
  std::set<std::string> take() { return std::move(columns_); }

 private:
  void expression(const Expression& e, const std::string& result) {
    // How many different values there are says none of them.
    if (e.kind == Kind::aggregate && e.text == "count") return;
    if (e.is_column()) column(e, result);
    for (const Expression& child : e.children) expression(child, result);
    if (e.select) results(*e.select);
  }

  void column(const Expression& e, const std::string& result) {
    if (e.label != Label::potential_identifier) return;
    for (auto select = around_.rbegin(); select != around_.rend(); ++select) {
      const Relation* relation = (*select)->find(e.relation);
      if (relation == nullptr) continue;
      const auto at = static_cast<std::size_t>(e.column);
      if (relation->table != nullptr) {
        const source::Column& known = relation->table->columns.at(at);
        // A workspace's table says of which column a copy is; what was computed there counts by its own name.
        columns_.insert(known.copied ? known.copied->table + "." + known.copied->column
                                     : relation->table->name + "." + known.name);
      } else {
        result_of(*relation->select, at, result);
      }
      return;
    }
    columns_.insert(result);
  }

  // Where the n-th result of a SELECT in FROM comes from.
  void result_of(const Select& select, std::size_t at, const std::string& result) {
    for (const Select& part : select.parts) result_of(part, at, result);
    if (!select.parts.empty()) return;
    around_.push_back(&select);
    expression(select.outputs.at(at).value, result);
    around_.pop_back();
  }

  // What a condition holds at one value is known of every row.
  void fixed(const Select& select) {
    if (select.where) fixed(*select.where);
    if (select.having) fixed(*select.having);
    for (const From& from : select.from) fixed(from);
    for (const Relation& relation : select.relations) {
      if (!relation.select) continue;
      around_.push_back(relation.select.get());
      fixed(*relation.select);
      for (const Select& part : relation.select->parts) {
        around_.push_back(&part);
        fixed(part);
        around_.pop_back();
      }
      around_.pop_back();
    }
  }
  void fixed(const From& from) {
    if (from.on) fixed(*from.on);
    for (const From& side : from.sides) fixed(side);
  }
  // What is known of a condition: that it holds, that it does not, or that one of both is.
  enum class Known { holds, fails, either };
  static Known turned(Known known) {
    return known == Known::either ? known : known == Known::holds ? Known::fails : Known::holds;
  }
  void fixed(const Expression& e, Known known = Known::holds) {
    if (e.kind == Kind::negation) return fixed(e.children[0], turned(known));
    const bool may_fail = known != Known::holds;
    if (e.kind == Kind::compare && (e.text == "=" || (e.text == "<>" && may_fail))) pairs(e);
    const bool list = e.kind == Kind::in_list || e.kind == Kind::between;
    if ((!e.negated || may_fail) && ((list && all_alike(e)) || (e.kind == Kind::like && means_one(e))))
      expression(e.children[0], "a condition");
    if (e.kind == Kind::both && known != Known::fails) bounds(e, true);
    if (e.kind == Kind::either && may_fail) bounds(e, false);
    const bool logic = e.kind == Kind::both || e.kind == Kind::either;
    for (const Expression& child : e.children) fixed(child, logic ? known : Known::either);
    if (!e.select || (e.negated && !may_fail)) return;
    around_.push_back(e.select.get());
    fixed(*e.select);
    around_.pop_back();
  }
  void pairs(const Expression& e) {
    for (std::size_t side = 0; side < 2; ++side) {
      if (is_constant(e.children[1 - side])) expression(e.children[side], "a condition");
    }
  }
  using Bound = std::pair<const Expression*, const Expression*>;  // of what, and where
  // x >= 'a' AND x <= 'a'.
  void bounds(const Expression& e, bool is) {
    std::vector<std::pair<Bound, std::string>> lowest;
    std::vector<std::pair<Bound, std::string>> highest;
    for (const Expression& one : e.children) {
      for (const bool low : {true, false}) {
        const auto known = bound(one, is, low);
        if (known) (low ? lowest : highest).emplace_back(*known, print(*known->first));
      }
    }
    for (const auto& [lower, of] : lowest) {
      for (const auto& [upper, to] : highest) {
        if (of == to && alike(*lower.second, *upper.second)) expression(*lower.first, "a condition");
      }
    }
  }
  static std::optional<Bound> bound(const Expression& e, bool is, bool low) {
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
  // All constants after the first are one.
  static bool all_alike(const Expression& e) {
    return std::all_of(e.children.begin() + 1, e.children.end(),
                       [&](const Expression& one) { return is_constant(one) && alike(one, e.children[1]); });
  }
  static bool alike(const Expression& a, const Expression& b) {
    if (a.type == source::Type::text || b.type == source::Type::text) return print(a) == print(b);
    const double left = number_of(a);
    const double right = number_of(b);
    return std::isnan(left) || std::isnan(right) || left == right;
  }
  // NaN: it is computed in another way.
  static double number_of(const Expression& e) {
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
  // LIKE without % and _.
  static bool means_one(const Expression& e) {
    return e.children[1].kind == Kind::text && e.text != "~" &&
           e.children[1].text.find_first_of("%_") == std::string::npos;
  }
  static bool is_constant(const Expression& e) {
    return !e.is_column() && !e.select && std::all_of(e.children.begin(), e.children.end(), is_constant);
  }

  std::vector<const Select*> around_;
  std::set<std::string> columns_;
};

bool listed(const std::vector<std::string>& names, const std::string& name) {
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& one) { return source::same_name(one, name); });
}

bool may_leave(const Together& profile, const std::set<std::string>& columns) {
  std::vector<std::string> others;
  for (const std::string& column : columns) {
    if (!listed(profile.always, column)) others.push_back(column);
  }
  return others.empty() ||
         std::any_of(profile.together.begin(), profile.together.end(), [&](const auto& allowed) {
           return std::all_of(others.begin(), others.end(),
                              [&](const std::string& column) { return listed(allowed, column); });
         });
}

}  // namespace

std::set<std::string> identifying_together(const Select& select) {
  Follow follow;
  follow.results(select);
  return follow.take();
}

Status check_together(const Select& select, const ProjectRules& rules) {
  if (rules.together.empty()) return {};
  const std::set<std::string> columns = identifying_together(select);
  for (const Together& profile : rules.together) {
    if (may_leave(profile, columns)) continue;
    const bool alone = columns.size() == 1;
    std::string names;
    for (const std::string& column : columns) names.append(names.empty() ? "" : ", ").append(column);
    return Error{ErrorKind::refused,
                 "checking what would leave: " + names +
                     (alone ? " identifies people, and" : " identify people together, and") + " profile " +
                     profile.name + " does not let that leave: leave " + (alone ? "it" : "one") +
                     " out, or ask for another profile"};
  }
  return {};
}

}  // namespace sceau::release
