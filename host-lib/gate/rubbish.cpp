#include "rubbish.h"

#include <algorithm>

namespace sceau::gate {

void Rubbish::count(const std::string& reason, Time now) {
  const std::lock_guard held(mutex_);
  if (counted_.reasons.empty()) counted_.from = now;
  counted_.until = std::max(counted_.until, now);
  ++counted_.reasons[reason];
}

std::optional<RubbishCount> Rubbish::take(Time now, Time interval) {
  const std::lock_guard held(mutex_);
  if (counted_.reasons.empty() || now - taken_ < interval) return std::nullopt;
  taken_ = now;
  return std::exchange(counted_, {});
}

void Rubbish::put_back(const RubbishCount& counted) {
  const std::lock_guard held(mutex_);
  counted_.from = counted_.reasons.empty() ? counted.from : std::min(counted_.from, counted.from);
  counted_.until = std::max(counted_.until, counted.until);
  for (const auto& [reason, count] : counted.reasons) counted_.reasons[reason] += count;
}

}  // namespace sceau::gate
