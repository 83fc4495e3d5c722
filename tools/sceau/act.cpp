#include "act.h"

#include <algorithm>

#include "sceau/client/receipt.h"
#include "sceau/registry/record.h"

namespace sceau::tool {

using statement::Value;

Result<SignedAct> sign_act(Workplace& place, const client::Position& position, std::string_view type,
                           Value body, const std::vector<Holder*>& signers, Time window,
                           const client::Decided& about) {
  if (signers.empty()) return Error{ErrorKind::invalid, "nobody signs " + std::string(type)};
  auto speaker = signers.front()->signatory();
  if (!speaker) return speaker.error();
  auto statement = place.author().write(position, type, speaker->person, std::move(body), window);
  if (!statement) return statement.error().within(std::string(type));
  evidence::Evidence evidence;
  for (auto* signer : signers) {
    place.output.step("signing " + std::string(type) + " with " + signer->label());
    auto signature = signer->sign(*statement, place.clock.now(), token::Slot::signature, about);
    place.output.done();
    if (!signature) return signature.error();
    evidence.signatures.push_back(std::move(*signature));
  }
  return SignedAct{std::move(*statement), evidence::serialise(evidence)};
}

namespace {

Result<client::Submitted> heard(Workplace& place, Result<client::Submitted> submitted) {
  if (!submitted && submitted.error().kind == ErrorKind::invalid) {
    return Error{ErrorKind::refused, submitted.error().message};
  }
  if (submitted) {
    for (const auto& alarm : receipt_alarms(*submitted)) place.output.warning("alarm: " + shown(alarm));
  }
  return submitted;
}

}  // namespace

Result<client::Submitted> submit(Workplace& place, const SignedAct& act, const std::vector<Bytes>& blobs) {
  auto connection = place.connect();
  if (!connection) return connection.error();
  return heard(place, (*connection)->gate->submit(act.statement, act.evidence, blobs));
}

Result<client::Submitted> submit_and_run(Workplace& place, const SignedAct& act,
                                         const client::GateClient::Stopped& stopped) {
  auto connection = place.connect();
  if (!connection) return connection.error();
  return heard(place, (*connection)->gate->submit_and_run(act.statement, act.evidence, stopped));
}

std::vector<std::string> receipt_alarms(const client::Submitted& submitted) {
  auto receipt = client::read_receipt(submitted.receipt);
  if (!receipt) return submitted.alarms;
  auto verdict = registry::parse_verdict(receipt->opening.verdict);
  return verdict ? verdict->alarms : std::vector<std::string>();
}

std::int64_t receipt_index(const client::Submitted& submitted) {
  auto receipt = client::read_receipt(submitted.receipt);
  return receipt ? static_cast<std::int64_t>(receipt->proof.index) : -1;
}

std::string receipt_line(const client::Submitted& submitted) {
  const auto index = receipt_index(submitted);
  return index < 0 ? std::string() : "entry " + std::to_string(index);
}

Result<std::vector<std::unique_ptr<Holder>>> open_holders(Workplace& place,
                                                          const std::vector<std::string>& choices) {
  std::vector<std::unique_ptr<Holder>> holders;
  const std::vector<std::string> only{std::string()};
  for (const auto& choice : choices.empty() ? only : choices) {
    auto holder = Holder::open(place, choice);
    if (!holder) return holder.error();
    const auto same = std::any_of(holders.begin(), holders.end(),
                                  [&](const auto& other) { return other->reader() == (*holder)->reader(); });
    if (same) {
      return Error{ErrorKind::invalid, "token " + (*holder)->label() +
                                           " was named twice: each signature needs a "
                                           "token of its own"};
    }
    holders.push_back(std::move(*holder));
  }
  return holders;
}

Status perform(Workplace& place, ActRequest act) {
  auto connection = place.connect();
  if (!connection) return connection.error();
  auto holders = open_holders(place, act.signers);
  if (!holders) return holders.error();
  std::vector<Holder*> signers;
  for (const auto& holder : *holders) signers.push_back(holder.get());
  auto made = sign_act(place, (*connection)->position, act.type, std::move(act.body), signers);
  if (!made) return made.error();
  auto submitted = submit(place, *made, act.blobs);
  if (!submitted) return submitted.error();
  const auto entry = receipt_line(*submitted);
  place.output.result(statement::Object{{"digest", statement::digest(made->statement)},
                                        {"index", receipt_index(*submitted)},
                                        {"state", submitted->state},
                                        {"type", act.type}},
                      act.done + (entry.empty() ? "" : " (" + entry + ")"));
  return {};
}

}  // namespace sceau::tool
