// Who did what: each request's life, put together from its entries.
#include "audit_pass.h"

namespace sceau::gate {
namespace {

void tell_request(ExtractionStory& story, const statement::Value& body, const registry::Registry& registry,
                  const std::string& by) {
  story.purpose = statement::text_field(body, "purpose").value();
  story.sql = statement::texts_field(body, "sql").value();
  story.parameters = statement::texts_field(body, "parameters").value();
  if (const registry::Person* agent = registry.person(by); agent != nullptr) story.agent_name = agent->name;
}

void tell_result(ExtractionStory& story, const registry::Submission& result, Time at) {
  const statement::Value& body = result.statement.body;
  story.rows = statement::int_field(body, "rows").value();
  story.bytes = statement::int_field(body, "bytes").value();
  story.sha256 = statement::digest_field(body, "sha256").value();
  story.result_digest = result.digest;
  story.ended = at;
  story.sql_run = statement::texts_field(body, "sql_run").value();
  if (auto reason = statement::text_field(body, "reason")) story.reason = *reason;
}

void tell_expiry(ExtractionStory& story, const registry::Record& record) {
  story.ended = record.at;
  const auto reason = statement::text_field(statement::Value(record.verdict->details), "reason");
  if (reason) story.reason = *reason;
}

// Notes a token that no attestation stands for, as it was when it signed.
void tell_token(ExtractionStory& story, const registry::Submission& submission,
                const registry::Registry& registry) {
  const std::string serial = registry.signing_token(submission);
  const registry::Token* token = registry.token(serial);
  if (token != nullptr && token->authority) story.unattested[serial] = registry.attestation_text(*token);
}

}  // namespace

std::string ExtractionStory::attestation_of(std::string_view serial) const {
  const auto found = unattested.find(serial);
  return found == unattested.end() ? "attested" : found->second;
}

void Stories::add(const registry::Record& record, const registry::Submission* submission,
                  const registry::Registry& registry) {
  if (!record.verdict || record.verdict->state == "refused") return;
  if (submission == nullptr) {
    if (!record.verdict->request || !stories_.contains(*record.verdict->request)) return;
    ExtractionStory& story = stories_[*record.verdict->request];
    if (record.verdict->state == "expired") tell_expiry(story, record);
    if (record.verdict->state == "running") story.running = record.at;
    return;
  }
  const std::string& type = submission->statement.type;
  if (type == "extraction.request") {
    ExtractionStory& story = stories_[submission->digest];
    tell_request(story, submission->statement.body, registry, submission->statement.by);
    tell_token(story, *submission, registry);
  }
  const bool decides = type == "refusal" || type == "approval" || type == "export.release";
  if (type != "extraction.result" && !decides) return;
  const auto request = statement::digest_field(submission->statement.body, "request");
  if (!request || !stories_.contains(*request)) return;
  ExtractionStory& story = stories_[*request];
  if (type == "extraction.result") {
    return tell_result(story, *submission, record.at);
  }
  tell_token(story, *submission, registry);
  if (type == "refusal") {
    story.ended = record.at;
    story.reason = statement::text_field(submission->statement.body, "reason").value();
  }
}

std::optional<ExtractionStory> Stories::of(const Digest& request, const registry::Registry& registry) const {
  const registry::Request* known = registry.request(request);
  const auto found = stories_.find(request);
  if (known == nullptr || found == stories_.end()) return std::nullopt;
  ExtractionStory story = found->second;
  story.request = *known;
  return story;
}

std::vector<ExtractionStory> Stories::all(const registry::Registry& registry) const {
  std::vector<ExtractionStory> stories;
  for (const registry::Request* request : registry.requests()) {
    if (auto story = of(request->digest, registry)) stories.push_back(std::move(*story));
  }
  return stories;
}

}  // namespace sceau::gate
