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

// Statements are older than a day at no admission, and no session lasts longer.
Status apply_login(const Change& change) {
  constexpr Time kept = 86400 + 60;
  Registry::State& state = change.state;
  if (is_host_login(change.submission.statement)) return {};
  while (!state.logins_by_time.empty() && state.logins_by_time.front().first + kept < change.record.at) {
    state.logins.erase(state.logins_by_time.front().second);
    state.logins_by_time.pop_front();
  }
  state.logins[change.submission.digest] = {change.submission.statement.by, change.record.at};
  state.logins_by_time.emplace_back(change.record.at, change.submission.digest);
  return {};
}

Status check_session(const Act& act) {
  const Signer& signer = act.authentication.signers.front();
  if (!act.body().contains("session")) {
    if (signer.purpose != KeyPurpose::session) return {};
    return refusal("a key for sessions signed, and the request names no session: name the log-in's digest");
  }
  if (text_of(act.body(), "kind") != "work")
    return refusal("a request of kind " + text_of(act.body(), "kind") + " stands alone: leave session out");
  const auto found = act.state.logins.find(digest_of(act.body(), "session"));
  if (found == act.state.logins.end() || found->second.person != signer.person)
    return refusal("the session that the request names is no log-in of " + signer.person + " here: log in");
  if (act.context.now >= found->second.at + act.state.policy.session_seconds)
    return refusal("the session that the request names ended on " +
                   to_rfc3339(found->second.at + act.state.policy.session_seconds) + ": log in again");
  return {};
}

Status check_summary(const Act& act) {
  if (time_of(act.body(), "until") < time_of(act.body(), "from")) {
    return refusal("the summary ends before it begins");
  }
  return need_one_signer(act);
}

Status apply_nothing(const Change& /*change*/) { return {}; }

}  // namespace sceau::registry
