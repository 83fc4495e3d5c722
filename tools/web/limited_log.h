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
  // `line` is cut to 400 bytes; what is no plain text is left out.
  void warn(const std::string& line);

 private:
  const Clock& clock_;
  Write write_;
  std::mutex mutex_;
  Time minute_ = 0;
  unsigned written_ = 0, withheld_ = 0;
};

}  // namespace sceau::web
