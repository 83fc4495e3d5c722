#include "sceau/release/policy.h"

#include <string>

namespace sceau::release {
namespace {

Status weaker(const std::string& what, std::uint64_t value, const std::string& bound) {
  return Error{ErrorKind::invalid, "checking the policy: " + what + " is " + std::to_string(value) +
                                       ", weaker than what any policy must keep: make it " + bound};
}

}  // namespace

Status check(const Policy& policy) {
  if (policy.minimum_people < floor_minimum_people) {
    return weaker("minimum_people", policy.minimum_people, "11 or more");
  }
  if (policy.dominance_people < floor_dominance_people || policy.dominance_people > 100) {
    return weaker("dominance_people", policy.dominance_people, "2 to 100");
  }
  if (policy.dominance_percent == 0 || policy.dominance_percent > ceiling_dominance_percent) {
    return weaker("dominance_percent", policy.dominance_percent, "1 to 85");
  }
  if (policy.time_limit_seconds == 0 || policy.time_limit_seconds > ceiling_time_limit_seconds) {
    return weaker("time_limit_seconds", policy.time_limit_seconds, "1 to 86400");
  }
  if (policy.row_limit == 0) return weaker("row_limit", policy.row_limit, "1 or more");
  return {};
}

}  // namespace sceau::release
