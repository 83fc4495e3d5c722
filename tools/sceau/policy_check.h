// `sceau policy check`: what a person could ask for, and why a request would be refused, before anything is
// signed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "act.h"

namespace sceau::tool {

struct PolicyCheckOptions {
  std::string person;  // empty: whose token it is
  std::string project, source, kind, sql, token;
  std::int64_t rows = 0;             // 0: one
  std::vector<std::string> changes;  // to the policy in force, as 'policy set' takes them: a candidate
  std::string metadata_root;         // for them
};
// Fails with refused when nothing of what was asked about would be taken.
Status check_policy(Workplace& place, const PolicyCheckOptions& options);

// What the gate answered, for people.
std::string prospects_text(const statement::Value& answer);

}  // namespace sceau::tool
