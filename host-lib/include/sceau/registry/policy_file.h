// The policy as people read and write it: one TOML file, kept in the ledger beside the policy.set that names
// it, digest for digest. Numbers that policy.set states too must be the same in both.
//
//   format = 1
//   minimum_people = 20                       # any number or text that 'sceau policy show' lists
//   hold_few_people = true                    # individual answers whose rows show fewer than that wait in
//                                             # quarantine for a further approver; left out: false
//   [retention_days]
//   access = 365
//
//   [approvals.individual]                    # work, aggregate or individual
//   needed = 2                                # so many approvals,
//   by = ["carl", "dave", "erin"]             # of these people only; left out: of any approver
//   from_another_organisation = 1             # so many of them from another organisation than the agent's
//
//   [keys]
//   individual = "clear-sign"                 # what signs requests of that kind, and approves them: a key
//                                             # that shows what it signs; "card": any key with a
//                                             # certificate; "any"
//
//   [hours]                                   # when requests are admitted and begin to run; left out: always
//   offset = "+01:00"                         # from UTC, the whole year round: there is no summer time
//   open = [{ days = ["monday", "friday"], from = "08:00", until = "19:00" }]
//
//   [profiles.standard]                       # which potential identifiers may leave together
//   default = true                            # of everybody whom no other profile names; or people, projects
//   always = ["IR_BEN_R.BEN_SEX_COD"]         # with any others
//   together = [["IR_BEN_R.BEN_RES_COM"], ["IR_BEN_R.BEN_NAI_MOI", "ER_PRS_F.PRS_NAT_REF"]]
//
// The reader is strict: unknown keys, values of another kind and contradictions are refused with their line.
#pragma once

#include <string_view>

#include "sceau/base/result.h"
#include "sceau/registry/state.h"
#include "sceau/statement/value.h"

namespace sceau::registry {

inline constexpr std::size_t longest_policy_file = 16U << 10U;  // bytes

struct PolicyFile {
  statement::Object settings;  // what a policy.set states itself, as far as the file says it
  Rules rules;
};

// Fails with invalid: one line with the line number, what is wrong and what to do.
Result<PolicyFile> read_policy_file(std::string_view text);

}  // namespace sceau::registry
