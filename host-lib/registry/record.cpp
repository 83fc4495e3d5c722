#include "sceau/registry/record.h"

#include <algorithm>

namespace sceau::registry {
namespace {

using statement::Object;
using statement::Value;

constexpr std::size_t kLongestReason = 1000;
constexpr std::size_t kLargestVerdict = 65536;

// A reason may quote names from certificates: what a statement's text may not hold becomes a question mark.
std::string printable(std::string reason) {
  reason.resize(std::min(reason.size(), kLongestReason));
  if (statement::check_text(reason)) return reason;
  std::replace_if(
      reason.begin(), reason.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return reason;
}

Error bad_verdict(const std::string& what) { return {ErrorKind::corrupt, "verdict " + what}; }

Result<Verdict> read_step_verdict(const Value& value, Verdict verdict) {
  auto request = statement::digest_field(value, "request");
  if (!request) return bad_verdict("of a step names no request: " + request.error().message);
  verdict.request = *request;
  for (const auto& [key, detail] : value.as_object()) {
    if (key != "request" && key != "state") verdict.details.emplace(key, detail);
  }
  return verdict;
}

Result<Verdict> read_statement_verdict(const Value& value, Verdict verdict) {
  auto crls = statement::digests_field(value, "crls");
  if (!crls) return bad_verdict("has no list of CRLs: " + crls.error().message);
  verdict.crls = std::move(*crls);
  if (verdict.state == "refused") {
    auto reason = statement::text_field(value, "reason");
    auto consumed = statement::bool_field(value, "consumed");
    if (!reason || !consumed) return bad_verdict("of a refusal has no reason or no `consumed`");
    verdict.reason = std::move(*reason);
    verdict.consumed = *consumed;
  } else if (verdict.state != "admitted" && verdict.state != "pending") {
    return bad_verdict("has the unknown state \"" + verdict.state + "\"");
  }
  if (value.contains("alarms")) {
    auto alarms = statement::texts_field(value, "alarms");
    if (!alarms || alarms->empty()) return bad_verdict("has a list of alarms that cannot be read");
    verdict.alarms = std::move(*alarms);
  }
  if (value.contains("late")) {
    auto late = statement::bool_field(value, "late");
    if (!late || !*late || verdict.state != "admitted") return bad_verdict("says `late` of what cannot be");
    verdict.late = true;
  }
  return verdict;
}

}  // namespace

Bytes write_verdict(const Verdict& verdict) {
  Object object = verdict.details;
  object["state"] = verdict.state;
  if (verdict.request) {
    object["request"] = *verdict.request;
    return statement::to_canonical_bytes(object);
  }
  object["crls"] = statement::digests(verdict.crls);
  if (verdict.state == "refused") {
    object["reason"] = printable(verdict.reason);
    object["consumed"] = verdict.consumed;
  }
  if (verdict.late) object["late"] = true;
  if (!verdict.alarms.empty()) object["alarms"] = statement::texts(verdict.alarms);
  return statement::to_canonical_bytes(object);
}

Result<Verdict> parse_verdict(ByteView bytes) {
  auto value = statement::parse_wire(bytes, kLargestVerdict);
  if (!value) return bad_verdict("cannot be read: " + value.error().message);
  auto state = statement::text_field(*value, "state");
  if (!state) return bad_verdict("has no state");
  Verdict verdict;
  verdict.state = std::move(*state);
  auto read = value->contains("request") ? read_step_verdict(*value, std::move(verdict))
                                         : read_statement_verdict(*value, std::move(verdict));
  if (read && !std::ranges::equal(write_verdict(*read), bytes)) return bad_verdict("has unknown fields");
  return read;
}

Result<Record> read_record(std::uint64_t index, ByteView leaf,
                           const std::optional<ledger::Opening>& opening) {
  const std::string where = "entry " + std::to_string(index);
  auto parsed = ledger::parse_leaf(leaf);
  if (!parsed) return Error{ErrorKind::corrupt, where + ": " + parsed.error().message};
  Record record{index, parsed->at, std::move(parsed->type), opening, std::nullopt};
  if (!opening) return record;
  record.sealed = !opening->sealed.empty() && opening->statement.empty();
  if (record.sealed) {
    record.opening.reset();
    return record;
  }
  auto verdict = parse_verdict(opening->verdict);
  if (!verdict) return verdict.error().within(where);
  const bool step = record.type == kStep;
  if (step != verdict->request.has_value()) {
    return Error{ErrorKind::corrupt, where + ": a verdict of another kind than its leaf's type says"};
  }
  record.verdict = std::move(*verdict);
  return record;
}

Result<ledger::Entry> make_entry(Time at, std::string_view type, ByteView statement, ByteView evidence,
                                 const Verdict& verdict, std::vector<Bytes> blobs, Random& random) {
  ledger::Opening opening{random.array<32>(), to_bytes(statement), to_bytes(evidence),
                          write_verdict(verdict)};
  return ledger::make_entry(at, type, std::move(opening), std::move(blobs));
}

Result<ledger::Entry> make_step(Time at, const Digest& request, RequestState state, Object details,
                                Random& random) {
  Verdict verdict;
  verdict.state = request_state_text(state);
  verdict.request = request;
  verdict.details = std::move(details);
  return make_entry(at, kStep, {}, {}, verdict, {}, random);
}

Result<Record> record_of(std::uint64_t index, const ledger::Entry& entry) {
  return read_record(index, entry.leaf, entry.opening);
}

}  // namespace sceau::registry
