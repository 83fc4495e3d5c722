// The envelope: realm, window, identity, and the checkpoint that the author saw.
#include <algorithm>

#include "rules.h"

namespace sceau::registry {
namespace {

constexpr Time kClockSkew = 60;  // an author's clock may run this far ahead of the gate's
constexpr Time kLongestWindow = 86400;

}  // namespace

Uuid uuid_from_text(std::string_view text) {
  std::string hex(text);
  std::erase(hex, '-');
  Uuid uuid{};
  if (const auto bytes = from_hex(hex); bytes && bytes->size() == uuid.size()) {
    std::ranges::copy(*bytes, uuid.begin());
  }
  return uuid;
}

Status check_window(const Act& act) {
  const statement::Statement& statement = act.statement();
  const Time now = act.context.now;
  if (is_late(statement, now)) {
    if (now - statement.at <= act.state.policy.offline_seconds) return {};
    return refusal("the log-in of " + to_rfc3339(statement.at) +
                   " comes later than policy's offline_seconds allow (" +
                   std::to_string(act.state.policy.offline_seconds) + " s): connect the machine more often");
  }
  if (now >= statement.until) {
    return refusal("the statement expired at " + to_rfc3339(statement.until) + ", and it is " +
                   to_rfc3339(now) + ": sign a new one");
  }
  if (statement.at > now + kClockSkew) {
    return refusal("the statement is not valid before " + to_rfc3339(statement.at) + ", and it is " +
                   to_rfc3339(now) + ": set the clock of the machine that made it");
  }
  const Time longest =
      statement.type == "extraction.request" ? act.state.policy.request_window : kLongestWindow;
  if (statement.until - statement.at > longest) {
    return refusal("the statement would be valid for " + std::to_string(statement.until - statement.at) +
                   " s, and at most " + std::to_string(longest) +
                   " s are allowed: sign one with a nearer end");
  }
  return {};
}

Status check_id(const Act& act) {
  if (act.state.ids.contains(uuid_from_text(act.statement().id))) {
    return refusal("the id " + act.statement().id +
                   " was used before: a statement is admitted once, sign a new one");
  }
  return {};
}

Status check_after(const Act& act) {
  const statement::After& after = act.statement().after;
  const std::string size = std::to_string(after.size);
  if (after.size > act.context.size) {
    return refusal("rollback alarm: the author saw a checkpoint of " + size +
                   " entries and this ledger has " + std::to_string(act.context.size) +
                   ": an older copy was restored, find the newer one");
  }
  const auto root = act.context.root_at(after.size);
  if (!root) return refusal("the root of size " + size + " cannot be read: " + root.error().message);
  if (*root != after.root) {
    return refusal("fork alarm: the author saw another tree of " + size +
                   " entries than this one: keep both and call the auditor");
  }
  // A checkpoint is the newest until the next entry comes, however long that takes.
  if (after.size < act.state.entries.size()) {
    const Time superseded = act.state.entries[after.size].at;
    // A machine's log-in names the checkpoint of its copy of the registry, good for as long as policy says,
    // and may then wait for as long again.
    const Time offline = is_host_login(act.statement()) ? 2 * act.state.policy.offline_seconds : 0;
    if (act.context.now - superseded > act.state.policy.after_age + offline) {
      return refusal("the checkpoint of " + size + " entries that the author saw was superseded on " +
                     to_rfc3339(superseded) + ", too long ago: fetch the newest and sign again");
    }
  }
  return {};
}

}  // namespace sceau::registry
