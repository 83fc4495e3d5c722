// Which statement, person, token and approvers stand behind some bytes.
#include <algorithm>

#include "audit_pass.h"

namespace sceau::gate {
namespace {

// What of this entry has the digest; empty when nothing has.
std::string match(const registry::Submission& submission, const Digest& digest) {
  if (submission.digest == digest) return "statement";
  if (submission.evidence_digest == digest) return "evidence";
  const statement::Value& body = submission.statement.body;
  if (submission.statement.type == "extraction.result") {
    const auto rows = statement::digest_field(body, "sha256");
    const auto outcome = statement::text_field(body, "outcome");
    if (rows && outcome && *rows == digest && *outcome != "refused") {
      return *outcome == "delivered" ? "delivered rows" : "rows that were sent";
    }
    return {};
  }
  const auto named = registry::named_blobs(submission.statement);
  return std::ranges::find(named, digest) == named.end() ? std::string()
                                                         : "certificate or other file that it names";
}

std::optional<Digest> request_of(const registry::Submission& submission) {
  const std::string& type = submission.statement.type;
  if (type == "extraction.request") return submission.digest;
  const bool decides = type == "approval" || type == "refusal" || type == "export.release";
  if (type != "extraction.result" && !decides) return std::nullopt;
  const auto request = statement::digest_field(submission.statement.body, "request");
  return request ? std::optional(*request) : std::nullopt;
}

struct Match {
  Provenance provenance;
  std::optional<Digest> request;
};

Match matched(const registry::Record& record, const registry::Submission& submission, std::string what) {
  Match found;
  found.provenance.entry = record.index;
  found.provenance.at = record.at;
  found.provenance.type = record.type;
  found.provenance.what = std::move(what);
  found.provenance.person = submission.statement.by;
  for (const auto& signature : submission.evidence.signatures) {
    found.provenance.signers.push_back(signature.person);
  }
  found.request = request_of(submission);
  return found;
}

}  // namespace

Result<std::vector<Provenance>> who(const ledger::Ledger& ledger, const Digest& digest) {
  registry::Registry registry;
  Stories stories;
  std::vector<Match> matches;
  const auto blob = [&](const Digest& name) { return ledger.blob(name); };
  const auto visit = [&](std::uint64_t index, ByteView leaf,
                         const std::optional<ledger::Opening>& opening) -> Status {
    auto record = registry::read_record(index, leaf, opening);
    if (!record) return record.error();
    if (auto applied = registry.apply(*record, blob); !applied) return applied;
    if (!record->opening || record->type == registry::kStep) {
      stories.add(*record, nullptr, registry);
      return {};
    }
    auto submission = registry::read_submission(record->opening->statement, record->opening->evidence);
    if (!submission) return submission.error();
    stories.add(*record, &*submission, registry);
    if (std::string what = match(*submission, digest); !what.empty()) {
      matches.push_back(matched(*record, *submission, std::move(what)));
      Provenance& made = matches.back().provenance;
      made.serial = registry.signing_token(*submission);
      if (const auto* token = registry.token(made.serial); token != nullptr)
        made.attestation = registry.attestation_text(*token);
    }
    return {};
  };
  if (auto visited = ledger.for_each(visit); !visited) return visited.error();
  std::vector<Provenance> answers;
  for (Match& found : matches) {
    if (found.request) found.provenance.extraction = stories.of(*found.request, registry);
    answers.push_back(std::move(found.provenance));
  }
  return answers;
}

}  // namespace sceau::gate
