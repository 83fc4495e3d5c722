// What an agent must be, and a project cover, for a request to be taken: the same rules whether somebody
// asks, or wants to know beforehand what would happen.
#pragma once

#include "rules.h"
#include "sceau/registry/explanation.h"

namespace sceau::registry {

struct Asking {
  const Registry::State& state;
  const Policy& policy;  // the one in force, or one that may follow
  std::string_view person, project, source, kind;
  std::int64_t max_rows = 0;
  Time now = 0;
};

// The first rule that speaks against it.
Status check_asking(const Asking& asking);
// All that do; what cannot be looked at because an earlier one speaks against it is left out.
std::vector<Error> objections(const Asking& asking);

// explain.cpp: what Registry::explain does.
Explanation explain(const Registry::State& state, const Policy& policy, const Question& question, Time now);

}  // namespace sceau::registry
