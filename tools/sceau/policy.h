// What may be asked and how: POLICY, as a new home has it and as people change it.
#pragma once

#include <string>
#include <vector>

#include "sceau/base/result.h"
#include "sceau/statement/value.h"

namespace sceau::tool {

statement::Value default_policy(int recovery_k);

// `policy` with "name=value" for each change; retention_days as "retention_days.access=365", and
// "hardware_authorities=FILE,DIGEST" with certificates' files or digests, empty for none, "rp_id=NAME",
// "origins=https://HOST:PORT,…", "counter_step_back=alarm" or "refuse". invalid: no such
// name, or not a whole number; else as reading the files does.
Result<statement::Value> changed_policy(statement::Value policy, const std::vector<std::string>& changes);

// One line each.
std::string policy_text(const statement::Value& policy);

}  // namespace sceau::tool
