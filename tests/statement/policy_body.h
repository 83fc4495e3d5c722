// A policy as genesis and policy.set hold it, for tests: every member that a body must have, each within
// bounds.
#pragma once

#include "sceau/statement/value.h"

namespace sceau::test {

inline statement::Object policy_body() {
  using statement::Object;
  return {
      {"minimum_people", 11},
      {"dominance_percent", 85},
      {"request_window", 900},
      {"after_age", 86400},
      {"approvals", 1},
      {"decide_within", 86400},
      {"session_seconds", 28800},
      {"recovery_k", 2},
      {"time_limit", 60},
      {"row_limit", 1000000},
      {"retention_days", Object{{"registry", 3650}, {"access", 180}, {"extraction", 365}, {"summary", 30}}}};
}

}  // namespace sceau::test
