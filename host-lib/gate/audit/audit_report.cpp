// Reports as canonical JSON, for programs.
#include "sceau/gate/audit.h"

namespace sceau::gate {
namespace {

using statement::Array;
using statement::Object;
using statement::Value;

Value decided_value(const ExtractionStory& story, const registry::Decided& decided) {
  return Object{{"attestation", story.attestation_of(decided.serial)},
                {"at", to_rfc3339(decided.at)},
                {"entry", decided.entry},
                {"person", decided.person},
                {"token", decided.serial}};
}

Value story_value(const ExtractionStory& story) {
  const registry::Request& request = story.request;
  Array approvals;
  for (const registry::Decided& approval : request.approvals)
    approvals.push_back(decided_value(story, approval));
  Object object{{"agent", request.by},
                {"agent_name", story.agent_name},
                {"approvals", std::move(approvals)},
                {"at", to_rfc3339(request.at)},
                {"attestation", story.attestation_of(request.serial)},
                {"bytes", story.bytes},
                {"entry", request.entry},
                {"kind", request.kind},
                {"project", request.project},
                {"purpose", story.purpose},
                {"request", request.digest},
                {"rows", story.rows},
                {"source", request.source},
                {"sql", statement::texts(story.sql)},
                {"state", registry::request_state_text(request.state)},
                {"token", request.serial}};
  if (!story.parameters.empty()) object["parameters"] = statement::texts(story.parameters);
  if (request.release) object["release"] = decided_value(story, *request.release);
  if (request.held) {
    object["quarantine"] = Object{{"at", to_rfc3339(request.held->at)},
                                  {"bytes", request.held->bytes},
                                  {"reason", request.held->reason},
                                  {"rows", request.held->rows},
                                  {"sha256", request.held->sha256}};
  }
  if (request.refusal) object["refusal"] = decided_value(story, *request.refusal);
  if (story.sha256) object["sha256"] = *story.sha256;
  if (story.result_digest) object["result"] = *story.result_digest;
  if (request.result) object["result_entry"] = *request.result;
  if (story.ended != 0) object["ended"] = to_rfc3339(story.ended);
  if (!story.reason.empty()) object["reason"] = story.reason;
  return object;
}

Value findings_value(const std::vector<Finding>& findings) {
  Array array;
  for (const Finding& finding : findings) {
    Object object{{"what", finding.what}};
    if (finding.entry) object["entry"] = *finding.entry;
    array.emplace_back(std::move(object));
  }
  return array;
}

}  // namespace

Value to_value(const AuditReport& report) {
  Array erased, sealed, extractions;
  for (const std::uint64_t entry : report.erased) erased.emplace_back(entry);
  for (const std::uint64_t entry : report.sealed) sealed.emplace_back(entry);
  for (const ExtractionStory& story : report.extractions) extractions.push_back(story_value(story));
  Object object{{"anchored", report.anchored},
                {"checkpoints", report.checkpoints},
                {"erased", std::move(erased)},
                {"extractions", std::move(extractions)},
                {"findings", findings_value(report.findings)},
                {"notes", statement::texts(report.notes)},
                {"realm", report.realm},
                {"refusals", report.refusals},
                {"root", report.head.root},
                {"sealed", std::move(sealed)},
                {"signatures", report.signatures},
                {"single", report.single},
                {"size", report.head.size},
                {"statements", report.statements},
                {"steps", report.steps},
                {"verdict", report.ok() ? "ok" : "damaged"}};
  if (report.genesis) object["genesis"] = *report.genesis;
  return object;
}

Value to_value(const Provenance& provenance) {
  Object object{{"at", to_rfc3339(provenance.at)}, {"entry", provenance.entry},
                {"person", provenance.person},     {"signers", statement::texts(provenance.signers)},
                {"token", provenance.serial},      {"type", provenance.type},
                {"what", provenance.what}};
  if (!provenance.attestation.empty()) object["attestation"] = provenance.attestation;
  if (provenance.extraction) object["extraction"] = story_value(*provenance.extraction);
  return object;
}

}  // namespace sceau::gate
