#include "hidden.h"

#include <coin/Clp_C_Interface.h>

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <map>
#include <memory>
#include <optional>

namespace sceau::release {
namespace {

constexpr std::size_t kMostUnknown = 500;
constexpr double kSlack = 1e-6;

struct ModelFree {
  void operator()(Clp_Simplex* model) const { Clp_deleteModel(model); }
};

// The hidden ones of one side less those of the other are `known`: what the shown ones of the sides leave.
struct Equation {
  std::vector<std::size_t> plus, minus;  // unknowns
  double known = 0;
  std::vector<const ReleasedCell*> shown;
};

// All equations of one plane, and what they are about.
class System {
 public:
  System(const Facts& facts, Plane plane) : plane_(plane) {
    const auto& views = facts.families();
    for (std::size_t i = 0; i < views.size(); ++i) {
      if (!tells(*views[i].family, plane)) continue;
      for (std::size_t j = i + 1; j < views.size(); ++j) {
        if (tells(*views[j].family, plane)) add(people_in(*views[i].family), people_in(*views[j].family));
      }
    }
    for (const Whole& whole : facts.wholes()) {
      if (!tells(*views[whole.family].family, plane)) continue;
      for (const Parts& parts : whole.parts) {
        if (!parts.exactly.empty() && tells(*views[parts.family].family, plane))
          add({whole.cell}, parts.exactly);
      }
    }
    join();
  }

  [[nodiscard]] const std::vector<const ReleasedCell*>& unknown() const { return unknown_; }
  [[nodiscard]] std::size_t group_of(std::size_t unknown) const { return group_[unknown]; }

  // What the equations of a group were told by.
  [[nodiscard]] std::vector<const ReleasedCell*> told_by(std::size_t group) const {
    std::vector<const ReleasedCell*> cells;
    for (const Equation& equation : equations_) {
      if (group_[any_of(equation)] == group)
        cells.insert(cells.end(), equation.shown.begin(), equation.shown.end());
    }
    return cells;
  }
  [[nodiscard]] std::size_t size_of(std::size_t group) const {
    return static_cast<std::size_t>(std::count(group_.begin(), group_.end(), group));
  }

  // The lowest and the highest that an unknown can be.
  [[nodiscard]] std::optional<std::pair<double, double>> interval(std::size_t unknown) const;

 private:
  static std::size_t any_of(const Equation& equation) {
    return equation.plus.empty() ? equation.minus.front() : equation.plus.front();
  }
  std::size_t index_of(const ReleasedCell* cell) {
    const auto [at, fresh] = index_.try_emplace(cell, unknown_.size());
    if (fresh) unknown_.push_back(cell);
    return at->second;
  }

  static std::vector<const ReleasedCell*> people_in(const Family& family) {
    std::vector<const ReleasedCell*> cells;
    for (const ReleasedCell& cell : family.cells) {
      if (cell.people > 0) cells.push_back(&cell);
    }
    return cells;
  }
  // That one side's people and the other's are the same, if they are.
  void add(const std::vector<const ReleasedCell*>& left, const std::vector<const ReleasedCell*>& right) {
    const auto is_shown = [](const ReleasedCell* cell) { return cell->shown; };
    if (std::all_of(left.begin(), left.end(), is_shown) && std::all_of(right.begin(), right.end(), is_shown))
      return;
    Sketch rest, other;
    for (const ReleasedCell* cell : left) rest.subtract(sketch_of(*cell, plane_));
    for (const ReleasedCell* cell : right) other.subtract(sketch_of(*cell, plane_));
    if (!(rest == other)) return;
    Equation equation;
    for (const ReleasedCell* cell : left) place(*cell, 1, equation.plus, equation);
    for (const ReleasedCell* cell : right) place(*cell, -1, equation.minus, equation);
    equations_.push_back(std::move(equation));
  }
  void place(const ReleasedCell& cell, double sign, std::vector<std::size_t>& side, Equation& equation) {
    if (!cell.shown) {
      side.push_back(index_of(&cell));
      return;
    }
    equation.known -= sign * total_of(cell, plane_);
    equation.shown.push_back(&cell);
  }

  // Unknowns that share equations, directly or not, are one group.
  void join() {
    group_.resize(unknown_.size());
    for (std::size_t i = 0; i < group_.size(); ++i) group_[i] = i;
    for (bool changed = true; changed;) {
      changed = false;
      for (const Equation& equation : equations_) {
        std::size_t lowest = group_[any_of(equation)];
        for (const std::size_t one : equation.plus) lowest = std::min(lowest, group_[one]);
        for (const std::size_t one : equation.minus) lowest = std::min(lowest, group_[one]);
        const auto set = [&](std::size_t& group) {
          changed = changed || group != lowest;
          group = lowest;
        };
        for (const std::size_t one : equation.plus) set(group_[one]);
        for (const std::size_t one : equation.minus) set(group_[one]);
      }
    }
  }

  [[nodiscard]] std::unique_ptr<Clp_Simplex, ModelFree> model(std::size_t group) const;

  Plane plane_;
  std::map<const ReleasedCell*, std::size_t> index_;
  std::vector<const ReleasedCell*> unknown_;
  std::vector<std::size_t> group_;
  std::vector<Equation> equations_;
};

std::unique_ptr<Clp_Simplex, ModelFree> System::model(std::size_t group) const {
  std::vector<int> starts{0};
  std::vector<int> columns;
  std::vector<double> elements, known;
  for (const Equation& equation : equations_) {
    if (group_[any_of(equation)] != group) continue;
    for (const std::size_t one : equation.plus) columns.push_back(static_cast<int>(one));
    elements.resize(columns.size(), 1);
    for (const std::size_t one : equation.minus) columns.push_back(static_cast<int>(one));
    elements.resize(columns.size(), -1);
    known.push_back(equation.known);
    starts.push_back(static_cast<int>(columns.size()));
  }
  std::unique_ptr<Clp_Simplex, ModelFree> made(Clp_newModel());
  Clp_setLogLevel(made.get(), 0);
  Clp_resize(made.get(), 0, static_cast<int>(unknown_.size()));
  for (std::size_t i = 0; i < unknown_.size(); ++i) {
    // Of other groups: fixed, so that the size of the problem is this group's.
    if (group_[i] != group) Clp_columnUpper(made.get())[i] = 0;
  }
  Clp_addRows(made.get(), static_cast<int>(known.size()), known.data(), known.data(), starts.data(),
              columns.data(), elements.data());
  return made;
}

std::optional<std::pair<double, double>> System::interval(std::size_t unknown) const {
  const auto lp = model(group_[unknown]);
  std::array<double, 2> ends{};
  for (const double direction : {1.0, -1.0}) {
    std::vector<double> objective(unknown_.size(), 0);
    objective[unknown] = 1;
    Clp_chgObjCoefficients(lp.get(), objective.data());
    Clp_setOptimizationDirection(lp.get(), direction);
    Clp_primal(lp.get(), 0);
    const int status = Clp_status(lp.get());
    if (status == 2 && direction < 0) return std::pair(ends[0], HUGE_VAL);  // no upper end
    if (status != 0) return std::nullopt;
    ends[direction > 0 ? 0 : 1] = Clp_objectiveValue(lp.get());
  }
  return std::pair(ends[0], ends[1]);
}

bool is_wide(const std::optional<std::pair<double, double>>& interval, double needed) {
  return interval && interval->second - interval->first >= needed * (1 - kSlack);
}

// One fresh value around a group, or all of them.
std::size_t hide_around(const Facts& facts, const System& system, std::size_t group, bool all) {
  const auto told_by = system.told_by(group);
  std::size_t hidden = 0;
  while (ReleasedCell* cell = facts.smallest_fresh(told_by)) {
    cell->shown = false;
    ++hidden;
    if (!all) break;
  }
  return hidden;
}

std::size_t hide_in(const Facts& facts, Plane plane, const Policy& policy) {
  const System system(facts, plane);
  for (std::size_t i = 0; i < system.unknown().size(); ++i) {
    const ReleasedCell& cell = *system.unknown()[i];
    if (!cell.small || facts.smallest_fresh(system.told_by(system.group_of(i))) == nullptr) continue;
    const bool too_many = system.size_of(system.group_of(i)) > kMostUnknown;
    const double needed =
        total_of(cell, plane) * (policy.minimum_people - 1) / static_cast<double>(cell.people);
    if (!too_many && is_wide(system.interval(i), needed)) continue;
    return hide_around(facts, system, system.group_of(i), too_many);
  }
  return 0;
}

}  // namespace

std::size_t hide_enclosing(const Facts& facts, const Policy& policy) {
  std::size_t hidden = 0;
  for (const Plane plane : kPlanes) hidden += hide_in(facts, plane, policy);
  return hidden;
}

}  // namespace sceau::release
