#include "sceau/base/unleaping_clock.h"

#include <algorithm>
#include <ctime>

namespace sceau {

Time UptimeClock::now() const { return now_milliseconds() / 1000; }

std::int64_t UptimeClock::now_milliseconds() const {
  timespec time{};
  ::clock_gettime(CLOCK_BOOTTIME, &time);
  return static_cast<std::int64_t>(time.tv_sec) * 1000 + time.tv_nsec / 1'000'000;
}

UnleapingClock::UnleapingClock(const Clock& wall, const Clock& uptime, Tell tell)
    : wall_(wall),
      uptime_(uptime),
      tell_(std::move(tell)),
      offset_(wall.now_milliseconds() - uptime.now_milliseconds()) {}

std::int64_t UnleapingClock::now_milliseconds() const {
  constexpr std::int64_t hour = 3'600'000;
  const std::int64_t uptime = uptime_.now_milliseconds(), wall = wall_.now_milliseconds();
  std::int64_t own = 0;
  {
    const std::lock_guard held(mutex_);
    if (wall - uptime <= offset_ + kLeap) {
      offset_ = std::max(offset_, wall - uptime);
      return wall;
    }
    own = uptime + offset_;
    if (uptime < quiet_) return own;
    quiet_ = uptime + hour;
  }
  if (tell_) tell_((wall - own) / 1000);
  return own;
}

}  // namespace sceau
