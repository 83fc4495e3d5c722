// Erasure: openings whose term, counted from the leaf's own time, has ended.
#include "rules.h"

namespace sceau::registry {
namespace {

constexpr Time kDay = 86400;

Status check_erasable(const Act& act, std::uint64_t index, const std::set<std::uint64_t>& named) {
  const Registry::State& state = act.state;
  const std::string entry = "entry " + std::to_string(index);
  if (index >= state.entries.size()) return refusal(entry + " does not exist");
  const EntryFact& fact = state.entries[index];
  if (fact.retention == statement::Retention::registry) {
    return refusal(entry + " is one that the registry is folded from: it outlives what it justifies");
  }
  const auto work = state.work_results.find(index);
  if (work != state.work_results.end()) {
    const auto project = state.projects.find(work->second);
    if (project != state.projects.end() && !project->second.closed)
      return refusal(entry + " says what a workspace of project \"" + work->second +
                     "\" holds: erase it once the project is closed");
  }
  if (state.erased.contains(index)) return refusal(entry + " is erased already");
  if (state.open.contains(index)) return refusal(entry + " is a request that has not ended");
  // Without its steps a request that ended would look as if it had not, and might run again.
  if (fact.about && !named.contains(*fact.about) && !state.erased.contains(*fact.about)) {
    return refusal(entry + " is about the request of entry " + std::to_string(*fact.about) +
                   ": erase that one first, or together with it");
  }
  const auto days = state.policy.retention_days.find(std::string(statement::retention_name(fact.retention)));
  const Time term = fact.at + (days == state.policy.retention_days.end() ? kForEver : days->second * kDay);
  if (act.context.now < term) {
    return refusal(entry + " is kept until " + to_rfc3339(term) + ": erase it then");
  }
  return {};
}

}  // namespace

Status check_erasure(const Act& act) {
  if (auto powers = need_administrators(act, 2, kEverywhere); !powers) return powers;
  std::set<std::uint64_t> named;
  for (const statement::Value& item : array_of(act.body(), "entries")) {
    if (!named.insert(static_cast<std::uint64_t>(item.as_int())).second) {
      return refusal("entry " + std::to_string(item.as_int()) + " is named twice");
    }
  }
  for (const std::uint64_t index : named) {
    if (auto good = check_erasable(act, index, named); !good) return good;
  }
  return {};
}

Status apply_erasure(const Change& change) {
  Registry::State& state = change.state;
  for (const statement::Value& item : array_of(change.body(), "entries")) {
    const auto index = static_cast<std::uint64_t>(item.as_int());
    state.erased.insert(index);
    // An erased request is over, whatever was or was not read of its life.
    const auto request = state.request_by_entry.find(index);
    if (request == state.request_by_entry.end()) continue;
    state.open.erase(index);
    state.requests.erase(request->second);
    state.request_by_entry.erase(request);
  }
  return {};
}

}  // namespace sceau::registry
