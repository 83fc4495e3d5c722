// What the gate itself states: results and summaries, signed with its own key; and steps.
#include "columns.h"
#include "sceau/base/uuid.h"
#include "sceau/evidence/cades.h"
#include "state.h"

namespace sceau::gate {
namespace {

constexpr Time kOwnWindow = 600;
constexpr std::size_t kNoticeLimit = 500;

std::string key_of(const Digest& request) { return "request " + to_hex(request); }

}  // namespace

Result<evidence::Evidence> sign(const HomeKeys& keys, const std::string& gate, ByteView bytes, Time now) {
  const Bytes attributes = evidence::signed_attributes(sha256(bytes), keys.certificate, now);
  auto signature = keys.gate.sign(attributes);
  if (!signature) return signature.error();
  auto cms = evidence::assemble_cades(keys.certificate, {}, attributes, *signature);
  if (!cms) return cms.error();
  return evidence::Evidence{{{gate, "cades", std::move(*cms)}}};
}

std::string line_for_statement(const std::string& line, std::size_t limit) {
  std::string cut = line;
  if (cut.size() > limit) {
    std::size_t end = limit;
    while (end > 0 && (static_cast<unsigned char>(cut[end]) & 0xC0U) == 0x80U)
      --end;  // whole characters only
    cut.resize(end);
  }
  if (cut.empty() || !statement::check_text(cut))
    return "the reason has characters that a statement may not hold";
  return cut;
}

statement::Value result_body(const ResultFacts& facts, const std::string& version) {
  statement::Array columns = facts.stated_columns ? *facts.stated_columns : columns_of(facts.columns);
  statement::Array notices;
  for (const std::string& notice : facts.notices)
    notices.emplace_back(line_for_statement(notice, kNoticeLimit));
  statement::Object body{{"request", facts.request},
                         {"outcome", facts.outcome},
                         {"sql_run", statement::texts(facts.sql_run)},
                         {"columns", std::move(columns)},
                         {"rows", facts.rows},
                         {"bytes", facts.bytes},
                         {"sha256", facts.sha256},
                         {"exact", facts.exact},
                         {"pseudonyms", facts.pseudonyms},
                         {"policy", facts.policy},
                         {"catalogue", facts.catalogue},
                         {"gate_version", facts.version.empty() ? version : facts.version},
                         {"notices", std::move(notices)}};
  if (!facts.reason.empty()) body.emplace("reason", line_for_statement(facts.reason, kReasonLimit));
  for (const auto& [name, change] : facts.change) body.emplace(name, change);
  if (facts.fingerprint) body.emplace("fingerprint", *facts.fingerprint);
  return body;
}

Result<ledger::Entry> Gate::State::own_entry(const Standing& standing, const std::string& type,
                                             statement::Value body) const {
  auto head = recorder.log().head();
  if (!head) return head.error();
  statement::Statement own;
  own.type = type;
  own.realm = config.realm;
  own.id = uuid_v7(*options.clock, random());
  own.by = config.gate;
  own.at = standing.now;
  own.until = standing.now + kOwnWindow;
  own.after = {head->size, head->root};
  own.body = std::move(body);
  auto bytes = statement::write_statement(own);
  if (!bytes) return bytes.error().within("writing the gate's " + type);
  auto signed_by_gate = sign(keys, config.gate, *bytes, standing.now);
  if (!signed_by_gate) return signed_by_gate.error().within("signing the gate's " + type);
  const Bytes evidence = evidence::serialise(*signed_by_gate);

  auto submission = registry::read_submission(*bytes, evidence);
  if (!submission) return submission.error();
  const registry::Context context{standing.now, standing.size,
                                  [this](std::uint64_t size) { return recorder.log().root_at(size); },
                                  [this](const Digest& digest) { return recorder.log().blob(digest); }};
  const registry::Judgement judgement = standing.registry.check(*submission, context);
  if (!judgement.accepted()) return judgement.error->within("recording the gate's own " + type);
  return registry::make_entry(standing.now, type, *bytes, evidence, judgement.verdict, {}, random());
}

Status Gate::State::record_step(const Digest& request, registry::RequestState next,
                                statement::Object details) {
  auto recorded = recorder.record(
      {key_of(request), false, [&](const Standing& standing) -> Result<std::vector<ledger::Entry>> {
         auto may = standing.registry.check_step(request, next, standing.now);
         if (!may) return may.error();
         return alone(registry::make_step(standing.now, request, next, details, random()));
       }});
  if (!recorded) return recorded.error();
  changed(request);
  return {};
}

Status Gate::State::record_result(const ResultFacts& facts) {
  auto recorded = recorder.record(
      {key_of(facts.request), false, [&](const Standing& standing) {
         return alone(own_entry(standing, "extraction.result", result_body(facts, options.version)));
       }});
  const std::lock_guard held(extraction_mutex);
  if (!recorded) {
    owed.insert_or_assign(facts.request, facts);
    return recorded.error();
  }
  owed.erase(facts.request);
  return {};
}

}  // namespace sceau::gate
