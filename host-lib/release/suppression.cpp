#include "suppression.h"

#include <algorithm>

#include "facts.h"
#include "hidden.h"

namespace sceau::release {
namespace {

// One search through all sums; hides what it finds at once.
class Differences {
 public:
  Differences(const Facts& facts, std::size_t most_people) : facts_(facts), most_(most_people) {}

  std::size_t hide() {
    for (const Plane plane : kPlanes) {
      check_totals(plane);
      for (const Whole& whole : facts_.wholes()) {
        if (whole.cell->shown && tells(*view(whole.family).family, plane)) check_whole(whole, plane);
      }
    }
    return hidden_;
  }

 private:
  // What is left of a whole without some of its parts.
  struct Rest {
    Sketch sketch;
    std::vector<const ReleasedCell*> taking_part;  // the whole, then the parts
    bool fresh = false;
  };

  // All that one answer's groups show less all that another's do.
  void check_totals(Plane plane) {
    const auto& views = facts_.families();
    for (std::size_t i = 0; i < views.size(); ++i) {
      for (std::size_t j = i + 1; j < views.size(); ++j) {
        if (!tells(*views[i].family, plane) || !tells(*views[j].family, plane)) continue;
        while (hide_when_few(difference(views[i], views[j], plane))) continue;
      }
    }
  }

  static Rest difference(const View& a, const View& b, Plane plane) {
    Rest rest, less;
    for (const auto& [view, into] : {std::pair{&b, &rest}, std::pair{&a, &less}}) {
      for (const ReleasedCell& cell : view->family->cells) {
        if (!cell.shown) continue;
        into->sketch.subtract(sketch_of(cell, plane));
        rest.taking_part.push_back(&cell);
      }
    }
    rest.sketch.subtract(less.sketch);
    rest.fresh = a.fresh || b.fresh;
    return rest;
  }

  [[nodiscard]] const View& view(std::size_t family) const { return facts_.families()[family]; }

  void check_whole(const Whole& whole, Plane plane) {
    for (std::size_t i = 0; i < whole.parts.size() && whole.cell->shown; ++i) {
      if (!tells(*view(whole.parts[i].family).family, plane)) continue;
      Rest rest;
      do {
        rest = {sketch_of(*whole.cell, plane), {whole.cell}, view(whole.family).fresh};
      } while (take(rest, whole.parts[i], plane) && hide_when_few(rest) && whole.cell->shown);
      if (!whole.cell->shown || rest.taking_part.size() < 2 || rest.sketch.empty()) continue;
      for (std::size_t j = i + 1; j < whole.parts.size(); ++j) {
        if (tells(*view(whole.parts[j].family).family, plane)) check_second(rest, whole.parts[j], plane);
      }
    }
  }

  void check_second(const Rest& first, const Parts& second, Plane plane) {
    const auto still_shown = [](const ReleasedCell* cell) { return cell->shown; };
    // Where a part of the first family was hidden, its own turn comes again.
    while (std::all_of(first.taking_part.begin(), first.taking_part.end(), still_shown)) {
      Rest both = first;
      if (!take(both, second, plane) || !hide_when_few(both)) return;
    }
  }

  // Subtracts what the family shows of the whole and the rest has not lost yet; false when that is nothing.
  bool take(Rest& rest, const Parts& parts, Plane plane) const {
    const bool first = rest.taking_part.size() == 1;
    if (!first && !rest.fresh && !view(parts.family).fresh) return false;
    const ReleasedCell left = first ? ReleasedCell{} : remainder(rest);
    bool any = false;
    for (const ReleasedCell* part : parts.nearly) {
      if (!part->shown || (!first && !people_lie_within(*part, left, true))) continue;
      rest.sketch.subtract(sketch_of(*part, plane));
      rest.taking_part.push_back(part);
      any = true;
    }
    rest.fresh = rest.fresh || (any && view(parts.family).fresh);
    return any;
  }

  static ReleasedCell remainder(const Rest& rest) {
    ReleasedCell remaining;
    remaining.sample = rest.taking_part.front()->sample;
    remaining.people = rest.taking_part.front()->people;
    for (std::size_t i = 1; i < rest.taking_part.size(); ++i)
      remaining.sample.remove(rest.taking_part[i]->sample);
    return remaining;
  }

  bool hide_when_few(const Rest& rest) {
    if (!rest.fresh) return false;
    const auto people = rest.sketch.people(most_);
    if (!people || *people == 0) return false;
    ReleasedCell* smallest = facts_.smallest_fresh(rest.taking_part);
    if (smallest == nullptr) return false;
    smallest->shown = false;
    ++hidden_;
    return true;
  }

  const Facts& facts_;
  std::size_t most_;
  std::size_t hidden_ = 0;
};

}  // namespace

std::size_t suppress(const std::vector<Family>& earlier, std::vector<Family>& fresh, const Policy& policy) {
  const Facts facts(earlier, fresh);
  std::size_t hidden = 0;
  // A stricter policy than a sketch can follow is met by the first count alone.
  const std::size_t most = std::min<std::size_t>(policy.minimum_people - 1, Sketch::kMostPeople);
  for (;;) {
    const std::size_t now = Differences(facts, most).hide() + hide_enclosing(facts, policy);
    if (now == 0) return hidden;
    hidden += now;
  }
}

}  // namespace sceau::release
