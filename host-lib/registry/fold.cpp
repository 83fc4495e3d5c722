// Entries in, state out.
#include "rules.h"

namespace sceau::registry {
namespace {

Error cannot_follow(const Record& record, const std::string& why) {
  return {ErrorKind::corrupt, "entry " + std::to_string(record.index) + " (" + record.type + "): " + why};
}

statement::Retention retention_of(std::string_view type) {
  if (type == kStep) return statement::Retention::extraction;
  const statement::TypeInfo* info = statement::find_type(type);
  return info == nullptr ? statement::Retention::registry : info->retention;
}

Status apply_statement(Registry::State& state, const Record& record, const BlobSource& blob) {
  const ledger::Opening& opening = *record.opening;
  auto submission = read_submission(opening.statement, opening.evidence);
  if (!submission) return cannot_follow(record, submission.error().message);
  if (submission->statement.type != record.type) {
    return cannot_follow(record, "its statement is a " + submission->statement.type);
  }
  const bool refused = record.verdict->state == "refused";
  if (!refused || record.verdict->consumed) state.ids.insert(uuid_from_text(submission->statement.id));
  if (!refused || record.verdict->consumed) note_counters(state, *submission);
  if (refused) return {};
  const Rule* rule = find_rule(record.type);
  if (rule == nullptr) return cannot_follow(record, "an act that this program does not know");
  if (!state.genesis && record.type != "genesis") return cannot_follow(record, "it comes before a genesis");
  if (state.genesis && record.type == "genesis") return cannot_follow(record, "a second genesis");
  if (auto applied = rule->apply({state, record, *submission, blob}); !applied) {
    return cannot_follow(record, applied.error().message);
  }
  return {};
}

// The entry of the request that a step, a decision or a result is about.
std::optional<std::uint64_t> about_of(const Registry::State& state, const Record& record) {
  if (!record.verdict || !record.opening) return std::nullopt;
  Digest request{};
  if (record.verdict->request) {
    request = *record.verdict->request;
  } else if (record.type == "approval" || record.type == "refusal" || record.type == "export.release" ||
             record.type == "extraction.result") {
    const auto statement = statement::read_statement(record.opening->statement);
    if (statement) request = digest_of(statement->body, "request");
  }
  const auto found = state.requests.find(request);
  return found == state.requests.end() ? std::nullopt : std::optional(found->second.entry);
}

}  // namespace

Status apply(Registry::State& state, const Record& record, const BlobSource& blob) {
  if (record.index != state.entries.size()) return cannot_follow(record, "it is not the next entry");
  const statement::Retention retention = retention_of(record.type);
  if (!record.opening || !record.verdict) {
    if (retention == statement::Retention::registry) {
      return cannot_follow(record, "its opening is gone, and the registry cannot be folded without it");
    }
  } else if (record.type == kStep) {
    if (auto applied = apply_step(state, record); !applied)
      return cannot_follow(record, applied.error().message);
  } else if (auto applied = apply_statement(state, record, blob); !applied) {
    return applied;
  }
  state.entries.push_back({record.at, retention, about_of(state, record)});
  return {};
}

Result<Registry> Registry::fold(const ledger::Ledger& ledger) {
  Registry registry;
  const BlobSource blob = [&](const Digest& digest) { return ledger.blob(digest); };
  const auto visit = [&](std::uint64_t index, ByteView leaf, const std::optional<ledger::Opening>& opening) {
    auto record = read_record(index, leaf, opening);
    return record ? registry.apply(*record, blob) : Status(record.error());
  };
  if (auto visited = ledger.for_each(visit); !visited) return visited.error();
  return registry;
}

}  // namespace sceau::registry
