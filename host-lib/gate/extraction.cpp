// Running an admitted request: what it may still do is checked, `running` is durable, the plan runs into the
// spool, `checked` is durable, and only then do rows leave.
#include "either_stop.h"
#include "outgoing.h"
#include "sceau/release/history.h"
#include "sceau/release/pseudonym.h"
#include "spool.h"
#include "state.h"
#include "workspace.h"

namespace sceau::gate {
namespace {

class SpoolSink final : public release::Sink {
 public:
  explicit SpoolSink(Spool& spool) : spool_(spool) {}
  Status write(ByteView bytes) override { return spool_.write(bytes); }

 private:
  Spool& spool_;
};

Error no_such_request(const Digest& digest) {
  return {ErrorKind::not_found, "looking for request " + to_hex(digest) + ": there is none that you may see"};
}

}  // namespace

// One extraction, from `running` to a delivery or a result that says why there is none.
class Extraction {
 public:
  Extraction(Gate::State& state, registry::Request request, const std::stop_token& gone)
      : state_(state), request_(std::move(request)), gone_(gone) {}

  Result<std::unique_ptr<Delivery>> run() {
    auto source = state_.source_of(registry::workspace_of(request_));
    if (!source) return source.error();
    // What it reads of a workspace stays as it was planned.
    const auto reading = state_.workspaces.read(registry::workspace_of(request_), stop_.token());
    if (!reading) {
      if (stop_.token().stop_requested()) return nobody_waits();
      return Error{ErrorKind::unavailable,
                   "running the request: a script still runs in its workspace: ask again later"};
    }
    const auto turn = state_.turns.take(stop_.token());
    if (!turn) return nobody_waits();
    auto spool = Spool::create(state_.home.file("spool"), state_.random());
    if (!spool) return spool.error();
    if (!state_.take(request_.digest)) {
      return Error{ErrorKind::refused, "running request " + to_hex(request_.digest) +
                                           ": it is running already: wait for that to end"};
    }
    if (auto status = begin(); !status) {
      state_.release(request_.digest);
      return status.error();
    }
    auto ran = run_into(*spool, **source);
    if (held_) {
      state_.release(request_.digest);
      return waits_in_quarantine(*held_);
    }
    if (!ran) {
      fail(ran.error());
      return ran.error();
    }
    return std::unique_ptr<Delivery>(
        std::make_unique<Outgoing>(state_, std::move(*spool), std::move(facts_)));
  }

 private:
  // The `running` step: from here on, there will be a result.
  Status begin() {
    facts_.request = request_.digest;
    auto basis = state_.begin_running(request_.digest, registry::workspace_of(request_));
    if (!basis) return basis.error();
    basis_ = std::move(*basis);
    facts_.policy = basis_.policy;
    facts_.catalogue = basis_.catalogue;
    facts_.sha256 = sha256(ByteView{});
    state_.recorder.read([this](const registry::Registry& registry) {
      const registry::Project* project = registry.project(request_.project);
      covered_ = project == nullptr ? 0 : project->max_rows;
      fewest_people_ = registry.request(request_.digest)->fewest_people;
    });
    state_.changed(request_.digest);
    return {};
  }

  Status run_into(Spool& spool, source::Source& source) {
    auto opening = state_.recorder.log().opening(request_.entry);
    if (!opening) return opening.error();
    auto statement = statement::read_statement(opening->statement);
    if (!statement) return statement.error();
    auto planned = state_.planner.plan(statement->body, basis_);
    if (!planned) return planned.error();
    facts_.sql_run = planned->plan.sql_run;
    facts_.columns = planned->plan.columns;
    facts_.notices = planned->plan.notices;
    if (auto same = check_approved(*statement, planned->plan); !same) return same;

    if (auto status = state_.planner.check(request_.source, source, basis_); !status) return status;
    auto key = release::project_key(state_.keys.pseudonym, request_.project, kEpoch);
    if (!key) return key.error();
    auto pseudonymiser = release::Pseudonymiser::create(*key, to_hex(request_.digest));
    if (!pseudonymiser) return pseudonymiser.error();
    Given given({state_.home.file("given"), request_.project, request_.digest}, *key, state_.given_locks,
                state_.random(), [this] { return state_.let_out(request_.project); });
    // What is more than was ordered can still be released, and what is more than its project covers cannot.
    const release::Order order{static_cast<std::uint64_t>(std::max(covered_, request_.max_rows)),
                               basis_.rules, stop_.token(), &given};
    SpoolSink sink(spool);
    auto outcome = release::run(planned->plan, source, *pseudonymiser, order, sink);
    if (!outcome) return outcome.error();
    if (planned->plan.kind == release::Kind::aggregate && !given.used()) {
      // Nobody is behind it, and it is kept like the others, so that none can be missing.
      if (auto kept = given.with([](const auto&) { return release::about_nobody(); }); !kept) return kept;
    }
    if (auto status = spool.seal(); !status) return status;
    describe(*outcome, planned->plan.kind, pseudonymiser->delivered() > 0);
    const std::string reason = not_conforming(*outcome, planned->plan.kind);
    return reason.empty() ? checked() : hold(spool, reason);
  }

  // Approvers saw the workspace as it stood when it was asked.
  Status check_approved(const statement::Statement& statement, const release::Plan& plan) {
    if (request_.approvals.empty() || basis_.tables == request_.asked_over) return {};
    PlanBasis before = basis_;
    before.tables = request_.asked_over;
    auto asked = state_.planner.plan(statement.body, before);
    return check_as_approved(plan, asked ? Result<release::Plan>(asked->plan) : asked.error(), request_,
                             basis_.tables.get());
  }

  void describe(const release::Outcome& outcome, release::Kind kind, bool pseudonyms) {
    facts_.outcome = "delivered";
    facts_.rows = static_cast<std::int64_t>(outcome.rows);
    facts_.bytes = static_cast<std::int64_t>(outcome.bytes);
    facts_.sha256 = outcome.sha256;
    facts_.notices = outcome.notices;
    if (kind == release::Kind::individual) facts_.fingerprint = outcome.fingerprint;
    if (pseudonyms) facts_.pseudonyms = request_.project + "/" + std::to_string(kEpoch);
  }

  // Why this answer needs a further approver; empty: it does not. It tells no figure that its agent did not
  // know: whoever may not have the rows may not count them either.
  [[nodiscard]] std::string not_conforming(const release::Outcome& outcome, release::Kind kind) const {
    if (facts_.rows > request_.max_rows)
      return "it has more rows than the " + std::to_string(request_.max_rows) + " that were ordered";
    const auto people = static_cast<std::int64_t>(outcome.people);
    if (kind == release::Kind::individual && facts_.rows > 0 && people < fewest_people_)
      return "its rows show fewer people than the " + std::to_string(fewest_people_) +
             " that policy lets out unseen";
    return {};
  }

  Status hold(Spool& spool, const std::string& reason) {
    if (auto held = state_.hold(request_, facts_, spool, reason); !held) return held;
    held_ = state_.recorder.read(
        [this](const registry::Registry& registry) { return *registry.request(request_.digest); });
    return {};
  }

  // The `checked` step: everything about what is going to leave is durable before it does.
  Status checked() {
    // A query may take hours: this also refuses whoever lost the right to it meanwhile.
    return state_.record_step(request_.digest, registry::RequestState::checked,
                              {{"rows", facts_.rows}, {"bytes", facts_.bytes}, {"sha256", facts_.sha256}});
  }

  // Nothing has left: refused when the request itself is why, interrupted otherwise.
  void fail(const Error& error) {
    const bool own = error.kind == ErrorKind::refused || error.kind == ErrorKind::invalid;
    facts_.outcome = own ? "refused" : "interrupted";
    facts_.reason = gone_.stop_requested() && !own
                        ? "the line broke while the request ran: nothing had been sent"
                        : error.message;
    facts_.rows = facts_.bytes = 0;
    facts_.sha256 = sha256(ByteView{});
    facts_.fingerprint.reset();
    facts_.pseudonyms.clear();
    const auto status = state_.record_result(facts_);
    state_.release(request_.digest);
    state_.say(LogLevel::warning, "request " + to_hex(request_.digest) + " " + facts_.outcome + ": " +
                                      error.message + (status ? "" : " (its result is still to be written)"));
    state_.changed(request_.digest);
  }

  Gate::State& state_;
  const registry::Request request_;
  const std::stop_token gone_;
  // The query ends with the gate, and with the client that waits for it.
  const EitherStop stop_{state_.stop.get_token(), gone_};
  PlanBasis basis_;
  ResultFacts facts_;
  std::int64_t covered_ = 0;        // rows, by its project
  std::int64_t fewest_people_ = 0;  // see registry::Request
  std::optional<registry::Request> held_;
};

Error nobody_waits() {
  return {ErrorKind::unavailable, "running the request: nobody waited for it any more: it did not begin"};
}

Result<std::unique_ptr<Delivery>> Gate::fetch(const Caller& caller, const Digest& digest,
                                              const std::stop_token& gone) {
  if (caller.reads_only) return reads_only("taking rows");
  const bool hers = state_->recorder.read([&](const registry::Registry& registry) {
    const registry::Request* known = registry.request(digest);
    return known != nullptr && known->by == caller.person;
  });
  if (!hers) return no_such_request(digest);
  if (auto approved = state_->weigh_approvals(digest); !approved) return approved.error();
  auto request =
      state_->recorder.read([&](const registry::Registry& registry) { return *registry.request(digest); });
  if (request.kind == "work") return run_script(*state_, request, gone);
  if (request.state == registry::RequestState::quarantined) return waits_in_quarantine(request);
  if (request.state == registry::RequestState::released) {
    const EitherStop stop(state_->stop.get_token(), gone);
    const auto turn = state_->turns.take(stop.token());
    if (!turn) return nobody_waits();
    return fetch_released(*state_, request);
  }
  return Extraction(*state_, std::move(request), gone).run();
}

std::vector<Digest> Gate::State::let_out(const std::string& project) const {
  using registry::RequestState;
  return recorder.read([&](const registry::Registry& registry) {
    std::vector<Digest> digests;
    for (const registry::Request* request : registry.requests()) {
      const bool out = request->state == RequestState::checked || request->state == RequestState::delivered ||
                       request->held.has_value();
      if (out && request->project == project && request->kind == "aggregate")
        digests.push_back(request->digest);
    }
    return digests;
  });
}

bool Gate::State::take(const Digest& request) {
  const std::lock_guard held(extraction_mutex);
  return in_hand.insert(request).second;
}

void Gate::State::release(const Digest& request) {
  const std::lock_guard held(extraction_mutex);
  in_hand.erase(request);
}

Result<PlanBasis> Gate::State::begin_running(const Digest& request, const registry::WorkspaceKey& workspace) {
  PlanBasis basis;
  auto recorded =
      recorder.record({"request " + to_hex(request), false,
                       [&](const Standing& standing) -> Result<std::vector<ledger::Entry>> {
                         if (auto status = standing.registry.check_step(
                                 request, registry::RequestState::running, standing.now);
                             !status)
                           return status.error();
                         auto found = Planner::basis(standing.registry, workspace);
                         if (!found) return found.error();
                         basis = std::move(*found);
                         return alone(registry::make_step(standing.now, request,
                                                          registry::RequestState::running, {}, random()));
                       }});
  if (!recorded) return recorded.error();
  return basis;
}

Result<std::shared_ptr<source::Source>> Gate::State::source_of(const registry::WorkspaceKey& of) {
  auto engine = recorder.read([&](const registry::Registry& registry) -> Result<source::Engine> {
    auto basis = Planner::basis(registry, of);
    if (!basis) return basis.error();
    return basis->engine;
  });
  if (!engine) return engine.error();
  return planner.source(of[2], *engine);
}

Result<ResultFacts> Gate::State::interrupted_by_crash(const registry::Request& request) {
  ResultFacts facts;
  facts.request = request.digest;
  facts.outcome = "interrupted";
  facts.policy = request.policy;
  facts.catalogue = request.catalogue;
  facts.sha256 = sha256(ByteView{});
  if (request.state == registry::RequestState::running) {
    facts.reason = "the gate was stopped while the request ran: nothing had been sent";
    return facts;
  }
  facts.exact = false;
  facts.reason = "the gate was stopped while it sent the rows: at most these were sent";
  // The newest `checked` step of this request says what sending had begun with.
  const auto found = recorder.log().for_each(
      [&](std::uint64_t index, ByteView leaf, const std::optional<ledger::Opening>& opening) -> Status {
        auto record = registry::read_record(index, leaf, opening);
        if (!record) return record.error();
        if (record->type != registry::kStep || !record->verdict ||
            record->verdict->request != request.digest || record->verdict->state != "checked") {
          return {};
        }
        const statement::Value details(record->verdict->details);
        auto rows = statement::int_field(details, "rows");
        auto bytes = statement::int_field(details, "bytes");
        auto digest = statement::digest_field(details, "sha256");
        if (!rows || !bytes || !digest)
          return Error{ErrorKind::corrupt, "reading request " + to_hex(request.digest) +
                                               ": its checked step has no figures: run "
                                               "'sceau audit'"};
        facts.rows = *rows;
        facts.bytes = *bytes;
        facts.sha256 = *digest;
        return {};
      },
      request.running.value_or(request.entry));
  if (!found) return found.error();
  return facts;
}

}  // namespace sceau::gate
