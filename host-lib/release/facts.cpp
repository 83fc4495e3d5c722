#include "facts.h"

#include <algorithm>

namespace sceau::release {
namespace {

constexpr std::size_t kNearly = 10;  // people that may be in a part and not in the whole

bool has_all(const std::vector<std::uint64_t>& keys, const std::vector<std::uint64_t>& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](std::uint64_t key) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
  });
}

}  // namespace

bool people_lie_within(const ReleasedCell& part, const ReleasedCell& whole, bool nearly) {
  const std::size_t most = nearly ? kNearly : 0;
  if (part.people > whole.people + most) return false;
  const Sample::Overlap overlap = whole.sample.overlap(part.sample, most);
  return overlap.held > 0 && overlap.missing <= most && overlap.missing <= overlap.held;
}

Facts::Facts(const std::vector<Family>& earlier, std::vector<Family>& fresh) : fresh_(fresh) {
  for (const Family& family : earlier) views_.push_back({&family, false});
  for (const Family& family : fresh) views_.push_back({&family, true});
  for (std::size_t i = 0; i < views_.size(); ++i) {
    for (const ReleasedCell& cell : views_[i].family->cells) {
      if (cell.people == 0) continue;
      Whole whole{&cell, i, {}};
      for (std::size_t j = 0; j < views_.size(); ++j) {
        if (i == j) continue;
        Parts parts = parts_of(cell, *views_[i].family, j);
        if (!parts.nearly.empty()) whole.parts.push_back(std::move(parts));
      }
      if (!whole.parts.empty()) wholes_.push_back(std::move(whole));
    }
  }
}

Parts Facts::parts_of(const ReleasedCell& whole, const Family& of_whole, std::size_t family) const {
  Parts parts{family, {}, {}};
  const Family& from = *views_[family].family;
  for (const ReleasedCell& cell : from.cells) {
    if (cell.people == 0) continue;
    const bool same_rows = of_whole.scope == from.scope && has_all(cell.keys, whole.keys);
    if (!same_rows && !people_lie_within(cell, whole, true)) continue;
    parts.nearly.push_back(&cell);
    if (same_rows || people_lie_within(cell, whole, false)) parts.exactly.push_back(&cell);
  }
  return parts;
}

ReleasedCell* Facts::smallest_fresh(const std::vector<const ReleasedCell*>& cells) const {
  ReleasedCell* smallest = nullptr;
  for (Family& family : fresh_) {
    for (ReleasedCell& cell : family.cells) {
      if (!cell.shown || std::find(cells.begin(), cells.end(), &cell) == cells.end()) continue;
      if (smallest == nullptr || cell.people < smallest->people) smallest = &cell;
    }
  }
  return smallest;
}

}  // namespace sceau::release
