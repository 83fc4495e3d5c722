// Erasure: openings whose term, counted from the leaf's own time, has ended.
#include "rules.h"

namespace sceau::registry {
namespace {

constexpr Time kDay = 86400;

Status check_erasable(const Act& act, std::uint64_t index) {
  const Registry::State& state = act.state;
  const std::string entry = "entry " + std::to_string(index);
  if (index >= state.entries.size()) return refusal(entry + " does not exist");
  const EntryFact& fact = state.entries[index];
  if (fact.retention == statement::Retention::registry) {
    return refusal(entry + " is one that the registry is folded from: it outlives what it justifies");
  }
  if (state.erased.contains(index)) return refusal(entry + " is erased already");
  if (state.open.contains(index)) return refusal(entry + " is a request that has not ended");
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
  std::set<std::int64_t> entries;
  for (const statement::Value& item : array_of(act.body(), "entries")) {
    if (!entries.insert(item.as_int()).second) {
      return refusal("entry " + std::to_string(item.as_int()) + " is named twice");
    }
    if (auto good = check_erasable(act, static_cast<std::uint64_t>(item.as_int())); !good) return good;
  }
  return {};
}

Status apply_erasure(const Change& change) {
  for (const statement::Value& item : array_of(change.body(), "entries")) {
    change.state.erased.insert(static_cast<std::uint64_t>(item.as_int()));
  }
  return {};
}

}  // namespace sceau::registry
