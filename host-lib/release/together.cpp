#include "together.h"

#include <algorithm>
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
  void fixed(const Expression& e) {
    const bool equal = e.kind == Kind::compare && e.text == "=";
    const bool one_of_one = e.kind == Kind::in_list && e.children.size() == 2;
    if ((equal || one_of_one) && !e.negated) {
      for (std::size_t side = 0; side < 2; ++side) {
        if (is_constant(e.children[1 - side])) expression(e.children[side], "a condition");
      }
    }
    for (const Expression& child : e.children) fixed(child);
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
