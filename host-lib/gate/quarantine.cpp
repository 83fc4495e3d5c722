// Answers that do not conform: held until a further approver releases them, somebody refuses, or time ends.
// The file comes before the step that speaks of it, and goes after the entry that ends it; what a crash
// leaves in between, the next start sweeps away.
#include "held.h"
#include "outgoing.h"
#include "sceau/release/pseudonym.h"
#include "state.h"

namespace sceau::gate {
namespace {

using registry::RequestState;

Result<HeldAnswer> held_of(const Gate::State& state, const registry::Request& request) {
  auto key = release::project_key(state.keys.pseudonym, request.project, kEpoch);
  if (!key) return key.error();
  return HeldAnswer(state.home.file("held"), request.digest, *key);
}

// What result_body() wrote.
Result<ResultFacts> facts_of(ByteView about) {
  auto body = statement::parse_wire(about, kSpoolPiece);
  if (!body) return body.error();
  auto request = statement::digest_field(*body, "request");
  auto sql_run = statement::texts_field(*body, "sql_run");
  auto columns = statement::array_field(*body, "columns");
  auto rows = statement::int_field(*body, "rows"), bytes = statement::int_field(*body, "bytes");
  auto sha256 = statement::digest_field(*body, "sha256");
  auto pseudonyms = statement::text_field(*body, "pseudonyms");
  auto policy = statement::digest_field(*body, "policy"),
       catalogue = statement::digest_field(*body, "catalogue");
  auto version = statement::text_field(*body, "gate_version");
  auto notices = statement::texts_field(*body, "notices");
  if (!request || !sql_run || !columns || !rows || !bytes || !sha256 || !pseudonyms || !policy ||
      !catalogue || !version || !notices) {
    return Error{ErrorKind::corrupt,
                 "reading an answer in quarantine: what is said of it cannot be read: ask again "
                 "with a new request"};
  }
  ResultFacts facts;
  facts.request = *request;
  facts.outcome = "delivered";
  facts.sql_run = std::move(*sql_run);
  facts.stated_columns = (*columns)->as_array();
  facts.rows = *rows;
  facts.bytes = *bytes;
  facts.sha256 = *sha256;
  facts.pseudonyms = std::move(*pseudonyms);
  facts.policy = *policy;
  facts.catalogue = *catalogue;
  facts.version = std::move(*version);
  facts.notices = std::move(*notices);
  if (auto fingerprint = statement::digest_field(*body, "fingerprint")) facts.fingerprint = *fingerprint;
  return facts;
}

// What can still be said when the file cannot be read.
ResultFacts bare_facts(const registry::Request& request) {
  ResultFacts facts;
  facts.request = request.digest;
  facts.policy = request.policy;
  facts.catalogue = request.catalogue;
  return facts;
}

void nothing_left(ResultFacts& facts, const std::string& outcome, const std::string& reason) {
  facts.outcome = outcome;
  facts.reason = reason;
  facts.rows = facts.bytes = 0;
  facts.sha256 = sha256(ByteView{});
  facts.fingerprint.reset();
  facts.pseudonyms.clear();
}

// One answer on its way out of quarantine. The request is in hand.
class Release {
 public:
  Release(Gate::State& state, const registry::Request& request)
      : state_(state), request_(request), facts_(bare_facts(request)) {}

  Result<std::unique_ptr<Delivery>> run() {
    auto spool = Spool::create(state_.home.file("spool"), state_.random());
    if (!spool) return spool.error();
    if (auto read = read_into(*spool); !read) {
      // A full disk may have room later.
      return read.error().kind == ErrorKind::unavailable ? read.error() : end(read.error(), "interrupted");
    }
    auto checked =
        state_.record_step(request_.digest, RequestState::checked,
                           {{"rows", facts_.rows}, {"bytes", facts_.bytes}, {"sha256", facts_.sha256}});
    if (!checked) {
      return checked.error().kind == ErrorKind::refused ? end(checked.error(), "refused") : checked.error();
    }
    destroy_held(state_.home.file("held"), request_.digest);
    return std::unique_ptr<Delivery>(
        std::make_unique<Outgoing>(state_, std::move(*spool), std::move(facts_)));
  }

 private:
  Status read_into(Spool& spool) {
    auto held = held_of(state_, request_);
    if (!held) return held.error();
    auto about = held->about();
    if (!about) return about.error();
    auto facts = facts_of(*about);
    if (!facts) return facts.error();
    if (facts->request != request_.digest || facts->sha256 != request_.held->sha256)
      return Error{ErrorKind::corrupt,
                   "reading an answer in quarantine: it is another than was released: ask "
                   "again with a new request, and tell the auditor"};
    if (auto taken = held->take_out(spool, request_.held->sha256); !taken) return taken;
    facts_ = std::move(*facts);
    return {};
  }

  Error end(const Error& error, const std::string& outcome) {
    nothing_left(facts_, outcome, error.message);
    const auto status = state_.record_result(facts_);
    destroy_held(state_.home.file("held"), request_.digest);
    state_.say(LogLevel::alarm, "request " + to_hex(request_.digest) + " " + outcome +
                                    " after its release: " + error.message +
                                    (status ? "" : " (its result is still to be written)"));
    state_.changed(request_.digest);
    return error;
  }

  Gate::State& state_;
  const registry::Request& request_;
  ResultFacts facts_;
};

}  // namespace

Error waits_in_quarantine(const registry::Request& request) {
  const std::string id = to_hex(request.digest).substr(0, 12);
  if (request.refusal) {
    return {ErrorKind::refused, "request " + id + " was refused by " + request.refusal->person +
                                    ": nothing of its answer is kept"};
  }
  return {ErrorKind::refused, "the answer of request " + id + " waits in quarantine until " +
                                  to_rfc3339(request.decide_by) + ": " + request.held->reason +
                                  ": a further approver looks at it with 'sceau release " + id +
                                  "'; then 'sceau extract --resume " + id + " -o FILE' collects it"};
}

Status Gate::State::hold(const registry::Request& request, ResultFacts facts, Spool& answer,
                         const std::string& reason) {
  auto held = held_of(*this, request);
  if (!held) return held.error();
  facts.reason.clear();
  const Bytes about = statement::to_canonical_bytes(result_body(facts, options.version));
  if (auto kept = held->keep(about, answer); !kept) return kept;
  auto recorded = record_step(
      request.digest, RequestState::quarantined,
      {{"bytes", facts.bytes}, {"reason", reason}, {"rows", facts.rows}, {"sha256", facts.sha256}});
  if (!recorded) {
    destroy_held(home.file("held"), request.digest);
    return recorded;
  }
  say(LogLevel::alarm, "the answer of request " + to_hex(request.digest) + " by " + request.by +
                           " is in quarantine: " + reason + ": a further approver decides");
  return {};
}

void Gate::State::end_refused() {
  const auto refused = recorder.read([](const registry::Registry& registry) {
    std::vector<registry::Request> copies;
    for (const registry::Request* request : registry.open_requests()) {
      if (request->state == RequestState::quarantined && request->refusal) copies.push_back(*request);
    }
    return copies;
  });
  for (const registry::Request& request : refused) {
    if (!take(request.digest)) continue;
    ResultFacts facts = bare_facts(request);
    const auto held = held_of(*this, request);
    if (auto about = held ? held->about() : held.error(); about) {
      if (auto read = facts_of(*about)) facts = std::move(*read);
    }
    nothing_left(
        facts, "refused",
        request.refusal->person + " refused to release what was held, because " + request.held->reason);
    destroy_held(home.file("held"), request.digest);
    if (auto status = record_result(facts); !status) {
      say(LogLevel::warning, "the result of request " + to_hex(request.digest) +
                                 " could not be written yet: " + status.error().message);
    }
    release(request.digest);
    changed(request.digest);
  }
}

void Gate::State::sweep_held() {
  const auto kept = recorder.read([](const registry::Registry& registry) {
    std::set<Digest> digests;
    for (const registry::Request* request : registry.open_requests()) {
      const bool held =
          request->state == RequestState::quarantined || request->state == RequestState::released;
      if (held) digests.insert(request->digest);
    }
    return digests;
  });
  destroy_held_but(home.file("held"), kept);
}

Result<std::unique_ptr<Delivery>> fetch_released(Gate::State& state, const registry::Request& request) {
  if (!state.take(request.digest)) {
    return Error{ErrorKind::refused, "fetching request " + to_hex(request.digest) +
                                         ": it is being fetched already: wait for that to end"};
  }
  // It may have expired since, or been fetched.
  const auto now = state.recorder.read(
      [&](const registry::Registry& registry) { return *registry.request(request.digest); });
  if (now.state != RequestState::released) {
    state.release(request.digest);
    return Error{ErrorKind::refused, "fetching request " + to_hex(request.digest) + ": it is " +
                                         std::string(registry::request_state_text(now.state)) +
                                         ": rows are handed out once, ask again"};
  }
  auto delivery = Release(state, now).run();
  if (!delivery) state.release(request.digest);
  return delivery;
}

}  // namespace sceau::gate
