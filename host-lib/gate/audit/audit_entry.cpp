// One entry: is it what its leaf says, might it have been admitted, did its request take that step.
#include "audit_pass.h"

namespace sceau::gate {
namespace {

using registry::Record;
using registry::RequestState;
using registry::Submission;

registry::Context context_of(const Pass& pass, const Record& record) {
  return {record.at, record.index, [&](std::uint64_t size) { return pass.ledger.root_at(size); },
          [&](const Digest& digest) { return pass.ledger.blob(digest); }};
}

void audit_step(Pass& pass, const Record& record) {
  ++pass.report.steps;
  const registry::Verdict& verdict = *record.verdict;
  if (!record.opening->statement.empty() || !record.opening->evidence.empty()) {
    pass.find(record.index, "a step with a statement: steps are the gate's own and have none");
  }
  const auto next = registry::request_state_from_text(verdict.state);
  if (!next) return pass.find(record.index, "a step to the unknown state \"" + verdict.state + "\"");
  if (pass.registry.request(*verdict.request) == nullptr && !pass.gone.empty()) {
    return pass.note("entry " + std::to_string(record.index) + ": a step of a request whose opening " +
                     pass.not_read());
  }
  if (auto step = pass.registry.check_step(*verdict.request, *next, record.at); !step) {
    return pass.find(record.index, "a step that could not be taken: " + step.error().message);
  }
  if (*next == RequestState::quarantined) {
    const auto reason = statement::text_field(statement::Value(verdict.details), "reason");
    pass.note("entry " + std::to_string(record.index) +
              ": alarm: an answer went into quarantine: " + (reason ? *reason : "it does not say why"));
  }
  if (*next == RequestState::checked) {
    const statement::Value details(verdict.details);
    const auto rows = statement::int_field(details, "rows");
    const auto bytes = statement::int_field(details, "bytes");
    const auto digest = statement::digest_field(details, "sha256");
    if (!rows || !bytes || !digest) {
      return pass.find(record.index, "a checked step that does not say what is about to leave");
    }
    const registry::Request* request = pass.registry.request(*verdict.request);
    const bool other =
        request != nullptr && request->held &&
        (request->held->rows != *rows || request->held->bytes != *bytes || request->held->sha256 != *digest);
    if (other) pass.find(record.index, "what was checked is not the answer that was released");
    pass.checked[*verdict.request] = {*rows, *bytes, *digest};
  }
}

// What was delivered is what was checked, byte for byte.
void audit_delivery(Pass& pass, const Record& record, const Submission& result) {
  const statement::Value& body = result.statement.body;
  const auto request = statement::digest_field(body, "request");
  const auto outcome = statement::text_field(body, "outcome");
  if (!request || !outcome || *outcome != "delivered") return;
  const auto found = pass.checked.find(*request);
  if (found == pass.checked.end()) return;  // the rules have said so already
  const Checked& checked = found->second;
  if (*statement::int_field(body, "rows") != checked.rows ||
      *statement::int_field(body, "bytes") != checked.bytes ||
      *statement::digest_field(body, "sha256") != checked.sha256) {
    pass.find(record.index, "what was delivered is not what had been checked");
  }
}

// What the gate had to raise, and did; an auditor looks into each.
void audit_alarms(Pass& pass, const Record& record, const registry::Judgement& judgement) {
  const std::vector<std::string>& raised = record.verdict->alarms;
  for (const std::string& alarm : raised)
    pass.note("entry " + std::to_string(record.index) + ": alarm: " + alarm);
  // Counters in openings that were erased are not known here.
  if (raised == judgement.verdict.alarms || !pass.gone.empty()) return;
  pass.find(record.index, judgement.verdict.alarms.empty()
                              ? "its verdict raises an alarm without a reason"
                              : "its verdict does not raise the alarm: " + judgement.verdict.alarms.front());
}

void audit_refused(Pass& pass, const Record& record, const registry::Judgement& judgement) {
  ++pass.report.refusals;
  if (!judgement.identified) {
    return pass.find(record.index,
                     "a refusal of what no enrolled key signed: only known signers are recorded");
  }
  const bool consumed = judgement.accepted() || judgement.verdict.consumed;
  if (record.verdict->consumed != consumed) {
    pass.find(record.index, consumed ? "a refusal that should have used up the statement's id"
                                     : "a refusal that used up an id which its signatures do not cover");
  }
  if (judgement.accepted()) {
    pass.note("entry " + std::to_string(record.index) +
              ": the gate refused what the registry's rules admit: " + record.verdict->reason);
  }
}

// A decision on, or the result of, a request whose own opening was erased before this one's: it cannot be
// judged again.
bool is_about_erased(const Pass& pass, const Submission& submission) {
  const std::string& type = submission.statement.type;
  const bool about =
      type == "approval" || type == "refusal" || type == "export.release" || type == "extraction.result";
  if (pass.gone.empty() || !about) return false;
  const auto request = statement::digest_field(submission.statement.body, "request");
  return request && pass.registry.request(*request) == nullptr;
}

void audit_accepted(Pass& pass, const Record& record, const Submission& submission,
                    const registry::Judgement& judgement) {
  const registry::Verdict& verdict = *record.verdict;
  if (!judgement.accepted() && judgement.identified && is_about_erased(pass, submission)) {
    return pass.note("entry " + std::to_string(record.index) + ": about a request whose opening " +
                     pass.not_read());
  }
  if (!judgement.accepted()) {
    return pass.find(record.index,
                     verdict.state + " and should have been refused: " + judgement.error->message);
  }
  if (verdict.state != judgement.verdict.state) {
    pass.find(record.index, verdict.state + " and should have been " + judgement.verdict.state);
  }
  if (verdict.late != judgement.verdict.late) {
    pass.find(record.index,
              verdict.late ? "said to be late and was not" : "late, and its verdict does not say so");
  }
  if (verdict.crls != judgement.verdict.crls) {
    pass.find(record.index, "its verdict names other revocation lists than those that were in force");
  }
  if (submission.statement.type == "extraction.result") {
    audit_delivery(pass, record, submission);
    audit_plan(pass, record, submission);
  }
}

void audit_statement(Pass& pass, const Record& record, const Submission& submission) {
  ++pass.report.statements;
  pass.report.signatures += submission.evidence.signatures.size();
  const registry::Judgement judgement = pass.registry.check(submission, context_of(pass, record));
  audit_alarms(pass, record, judgement);
  if (record.verdict->state == "refused") {
    audit_refused(pass, record, judgement);
  } else {
    audit_accepted(pass, record, submission, judgement);
  }
  if (submission.statement.type == "genesis" && record.index == 0) pass.report.genesis = submission.digest;
  if (submission.statement.type == "source.add" && record.verdict->state != "refused") {
    const auto source = statement::text_field(submission.statement.body, "source");
    const auto catalogue = statement::digest_field(submission.statement.body, "catalogue");
    if (source && catalogue) pass.report.catalogues[*source].push_back(*catalogue);
  }
  if (submission.statement.type == "extraction.request") {
    pass.requests.emplace(submission.digest, submission.statement.body);
    const auto parameters = statement::array_field(submission.statement.body, "parameters");
    if (parameters && !(*parameters)->as_array().empty() && record.opening->sealed.empty())
      pass.find(record.index, "its parameters are kept in clear: whoever has the ledger reads them");
  }
}

// An enrolment without attestation is worth an auditor's look, however right.
void note_unattested(Pass& pass, const Record& record, const Submission& submission) {
  if (record.verdict->state != "admitted" || submission.statement.type == "genesis") return;
  const statement::Value* about = submission.statement.body.find("token");
  if (about == nullptr || about->find("authority") == nullptr) return;
  const auto serial = statement::text_field(*about, "serial");
  const registry::Token* token = serial ? pass.registry.token(*serial) : nullptr;
  if (token == nullptr) return;
  pass.note("entry " + std::to_string(record.index) + ": token " + token->serial + " of " + token->person +
            " is " + pass.registry.attestation_text(*token));
}

}  // namespace

bool audit_entry(Pass& pass, std::uint64_t index, ByteView leaf,
                 const std::optional<ledger::Opening>& opening) {
  auto record = registry::read_record(index, leaf, opening);
  if (!record) {
    pass.find(index, record.error().message);
    return false;
  }
  std::optional<Submission> submission;
  if (!record->opening) {
    pass.gone.insert(index);
    if (record->sealed) pass.sealed.insert(index);
    pass.results_gone = pass.results_gone || record->type == "extraction.result";
  } else if (record->type == registry::kStep) {
    audit_step(pass, *record);
  } else {
    auto read = registry::read_submission(record->opening->statement, record->opening->evidence);
    if (!read) {
      pass.find(index, read.error().message);
      return false;
    }
    submission = std::move(*read);
    audit_statement(pass, *record, *submission);
  }
  const auto blob = [&](const Digest& digest) { return pass.ledger.blob(digest); };
  if (auto applied = pass.registry.apply(*record, blob); !applied) {
    pass.find(index, applied.error().message);
    return false;
  }
  if (submission) note_unattested(pass, *record, *submission);
  if (pass.registry.has_genesis())
    pass.policies.emplace(pass.registry.policy().digest, pass.registry.policy());
  pass.stories.add(*record, submission ? &*submission : nullptr, pass.registry);
  return true;
}

}  // namespace sceau::gate
