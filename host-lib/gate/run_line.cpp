#include "sceau/gate/run_line.h"

namespace sceau::gate {

bool RunLine::enter(const std::string& person) {
  const std::lock_guard held(mutex_);
  const auto known = by_person_.find(person);
  const unsigned hers = known == by_person_.end() ? 0 : known->second;
  if (taken_ >= most_ || hers >= most_ / 2) return false;
  by_person_[person] = hers + 1;
  ++taken_;
  return true;
}

void RunLine::leave(const std::string& person) {
  const std::lock_guard held(mutex_);
  const auto known = by_person_.find(person);
  if (known == by_person_.end()) return;
  --taken_;
  if (--known->second == 0) by_person_.erase(known);
}

}  // namespace sceau::gate
