// Warnings that anybody can cause: so many a minute, and then how many more there were.
#pragma once

#include <functional>
#include <mutex>
#include <string>

#include "sceau/base/clock.h"

namespace sceau::web {

class LimitedLog {
 public:
  using Write = std::function<void(const std::string& line)>;
  LimitedLog(const Clock& clock, Write write) : clock_(clock), write_(std::move(write)) {}
  // `line` is cut to 400 bytes; where it is no plain text, a question mark stands for each byte that is not
  // ASCII.
  void warn(const std::string& line);
  // Says how many were withheld once their minute is over. To be called from time to time.
  void tick();

 private:
  void begin_minute();

  const Clock& clock_;
  Write write_;
  std::mutex mutex_;
  Time minute_ = 0;
  unsigned written_ = 0, withheld_ = 0;
};

}  // namespace sceau::web
