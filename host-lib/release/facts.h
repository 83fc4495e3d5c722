// Earlier and fresh families as one list, and which cells lie within which.
#pragma once

#include <cstddef>
#include <vector>

#include "released.h"

namespace sceau::release {

// What a value can tell: how many people, and how much.
enum class Plane { who, how_much };
inline constexpr Plane kPlanes[] = {Plane::who, Plane::how_much};

inline const Sketch& sketch_of(const ReleasedCell& cell, Plane plane) {
  return plane == Plane::who ? cell.who : cell.how_much;
}
inline double total_of(const ReleasedCell& cell, Plane plane) {
  return plane == Plane::who ? static_cast<double>(cell.people) : cell.total;
}

inline bool tells(const Family& family, Plane plane) {
  return plane == Plane::who ? family.tells_people : family.tells_amount;
}

struct View {
  const Family* family = nullptr;
  bool fresh = false;
};

// Of one family, those cells whose people lie in a whole; `nearly` are these, and those of whom a few do not.
struct Parts {
  std::size_t family = 0;
  std::vector<const ReleasedCell*> exactly, nearly;
};

struct Whole {
  const ReleasedCell* cell = nullptr;
  std::size_t family = 0;
  std::vector<Parts> parts;  // of other families, where there are any
};

// True when the sample of `whole` has the people of `part`, but for a few where `nearly` is said.
bool people_lie_within(const ReleasedCell& part, const ReleasedCell& whole, bool nearly);

class Facts {
 public:
  Facts(const std::vector<Family>& earlier, std::vector<Family>& fresh);
  [[nodiscard]] const std::vector<View>& families() const { return views_; }
  [[nodiscard]] const std::vector<Whole>& wholes() const { return wholes_; }
  // Of the fresh and shown ones the one of the fewest people, or nullptr.
  [[nodiscard]] ReleasedCell* smallest_fresh(const std::vector<const ReleasedCell*>& cells) const;

 private:
  [[nodiscard]] Parts parts_of(const ReleasedCell& whole, const Family& of_whole, std::size_t family) const;

  std::vector<View> views_;
  std::vector<Whole> wholes_;
  std::vector<Family>& fresh_;
};

}  // namespace sceau::release
