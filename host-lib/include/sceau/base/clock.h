// Time, passed in so that tests choose it. A time is UTC seconds since 1970, as statements carry it.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "sceau/base/result.h"

namespace sceau {

using Time = std::int64_t;

class Clock {
 public:
  Clock() = default;
  virtual ~Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  [[nodiscard]] virtual Time now() const = 0;
  // Milliseconds since 1970, for UUIDv7.
  [[nodiscard]] virtual std::int64_t now_milliseconds() const { return now() * 1000; }
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] Time now() const override;
  [[nodiscard]] std::int64_t now_milliseconds() const override;
};

// A clock that stands still until it is set.
class FixedClock final : public Clock {
 public:
  explicit FixedClock(Time now) : now_(now) {}
  [[nodiscard]] Time now() const override { return now_.load(); }
  void set(Time now) { now_.store(now); }
  void advance(Time seconds) { now_ += seconds; }

 private:
  std::atomic<Time> now_;
};

// RFC 3339 in UTC with whole seconds and a capital Z: 2026-11-22T09:30:00Z, and no other spelling.
std::string to_rfc3339(Time time);
Result<Time> from_rfc3339(std::string_view text);

}  // namespace sceau
