// A clock that follows another one, but for leaps ahead: what a wrong date does to a ledger, whose times only
// rise, cannot be undone. It may be set back, and ahead by a day at once; beyond that it goes on by itself,
// until the other one is right again.
#pragma once

#include <functional>
#include <mutex>

#include "sceau/base/clock.h"

namespace sceau {

// Time since this machine was started, that which it slept included; nobody sets it.
class UptimeClock final : public Clock {
 public:
  [[nodiscard]] Time now() const override;
  [[nodiscard]] std::int64_t now_milliseconds() const override;
};

class UnleapingClock final : public Clock {
 public:
  static constexpr std::int64_t kLeap = 86'400'000;  // milliseconds
  // Hears how many seconds the other clock is ahead: at once, and each hour that it stays so.
  using Tell = std::function<void(Time ahead)>;

  // Both clocks must outlive it. What `wall` says now is believed. Safe to use from several threads.
  UnleapingClock(const Clock& wall, const Clock& uptime, Tell tell);
  [[nodiscard]] Time now() const override { return now_milliseconds() / 1000; }
  [[nodiscard]] std::int64_t now_milliseconds() const override;

 private:
  const Clock& wall_;
  const Clock& uptime_;
  const Tell tell_;
  mutable std::mutex mutex_;
  mutable std::int64_t offset_;     // the largest that was believed, of the wall over the uptime
  mutable std::int64_t quiet_ = 0;  // until that uptime, nothing more is told
};

}  // namespace sceau
