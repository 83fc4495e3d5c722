// Logging in, and the gate's own summaries.
#include "rules.h"

namespace sceau::registry {

bool is_host_login(const statement::Statement& statement) {
  return statement.type == "login" && text_of(statement.body, "audience").starts_with(kHostAudience);
}

bool is_late(const statement::Statement& statement, Time now) {
  return is_host_login(statement) && now >= statement.until;
}

// Whom the audience names is the gate's to compare: it knows its own name.
Status check_login(const Act& act) { return need_one_signer(act); }

Status check_summary(const Act& act) {
  if (time_of(act.body(), "until") < time_of(act.body(), "from")) {
    return refusal("the summary ends before it begins");
  }
  return need_one_signer(act);
}

Status apply_nothing(const Change& /*change*/) { return {}; }

}  // namespace sceau::registry
