// What nobody enrolled has signed: counted by reason, never kept.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "sceau/base/clock.h"

namespace sceau::gate {

struct RubbishCount {
  Time from = 0, until = 0;
  std::map<std::string, std::int64_t> reasons;
};

class Rubbish {
 public:
  // Reasons are a few fixed words, never text from outside: a summary stays small.
  void count(const std::string& reason, Time now);
  // What was counted since the last taking, when that is at least `interval` seconds ago; none otherwise, or
  // when there was nothing.
  std::optional<RubbishCount> take(Time now, Time interval);
  // Puts back what could not be written.
  void put_back(const RubbishCount& counted);

 private:
  std::mutex mutex_;
  RubbishCount counted_;
  Time taken_ = 0;
};

}  // namespace sceau::gate
