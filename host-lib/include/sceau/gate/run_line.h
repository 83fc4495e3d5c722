// The line of what runs and of what waits to: statements that are run at once, and rows. One person has at
// most half of it, so that nobody fills it alone. Safe to call from several threads.
#pragma once

#include <map>
#include <mutex>
#include <string>

namespace sceau::gate {

class RunLine {
 public:
  // Places for each of the gate's runs.
  static constexpr unsigned kPlaces = 10;

  explicit RunLine(unsigned runs) : most_(runs * kPlaces) {}
  // False: there is no place, or she has as many as one may have.
  bool enter(const std::string& person);
  // Once for each time that she entered.
  void leave(const std::string& person);

 private:
  const unsigned most_;
  std::mutex mutex_;
  std::map<std::string, unsigned> by_person_;  // those who have any
  unsigned taken_ = 0;
};

}  // namespace sceau::gate
