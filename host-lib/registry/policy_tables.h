// The tables of the policy's file that have a form of their own: [hours] and [profiles].
#pragma once

#include "policy_values.h"
#include "sceau/registry/state.h"

namespace sceau::registry {

// Adds to `rules` what the table at `node` says. Whatever is wrong there is kept in `values`.
void read_hours(PolicyValues& values, const toml::node& node, Rules& rules);
void read_profiles(PolicyValues& values, const toml::node& node, Rules& rules);

}  // namespace sceau::registry
