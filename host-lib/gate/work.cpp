// Running a script of kind work: its `running` step is durable, the script runs in one transaction, which
// commits if its right still holds, whoever waits is told, and the result says what the workspace holds now.
// Whoever dies in between leaves a script of which the database knows whether it was committed.
#include "sceau/gate/delivery.h"
#include "script.h"
#include "workspace.h"

namespace sceau::gate {
namespace {

// Nothing leaves.
class NoRows final : public Delivery {
 public:
  [[nodiscard]] std::int64_t bytes() const override { return 0; }
  [[nodiscard]] std::int64_t rows() const override { return 0; }
  Result<Bytes> next() override { return Bytes{}; }
  void sent(ByteView /*bytes*/) override {}
  Status complete() override { return {}; }
  void interrupt(const std::string& /*reason*/) override {}
};

source::Workspace place_of(const registry::Request& request) {
  return {workspace_schema({request.project, request.by, request.source}), to_hex(request.digest)};
}

Result<PlannedRequest> plan_of(Gate::State& state, const registry::Request& request, const PlanBasis& basis) {
  auto opening = state.recorder.log().opening(request.entry);
  if (!opening) return opening.error();
  auto statement = statement::read_statement(opening->statement);
  if (!statement) return statement.error();
  return state.planner.plan(statement->body, basis);
}

// From its `running` step to its result.
class Script {
 public:
  Script(Gate::State& state, const ScriptHold& hold, registry::Request request,
         const OnScriptCommitted& on_committed)
      : state_(state), hold_(hold), request_(std::move(request)), on_committed_(on_committed) {}

  Status run(const PlanBasis& basis, const Result<PlannedRequest>& planned) {
    facts_.request = request_.digest;
    facts_.policy = basis.policy;
    facts_.catalogue = basis.catalogue;
    facts_.sha256 = sha256(ByteView{});
    state_.changed(request_.digest);
    const auto ran = planned ? carry_out(basis, planned->plan) : Status(planned.error());
    if (!ran && permitted_) return settle();
    if (!ran) return fail(ran.error());
    facts_.outcome = "delivered";
    const Endings::Ending ending(state_.endings, request_.by);
    if (on_committed_) on_committed_(facts_.notices);
    return end();
  }

 private:
  Status carry_out(const PlanBasis& basis, const release::Plan& plan) {
    facts_.sql_run = stated_sql(plan);
    facts_.notices = plan.notices;
    facts_.change = change_object(plan.change);
    if (auto checked = state_.planner.check(request_.source, hold_.source(), basis); !checked) return checked;
    // A script may take hours: this also undoes that of whoever lost the right to it meanwhile.
    const auto permit = [this] {
      const Time now = state_.recorder.now();
      auto may = state_.recorder.read(
          [&](const registry::Registry& registry) { return registry.check_goes_on(request_.digest, now); });
      permitted_ = may.ok();
      if (permitted_) state_.say(LogLevel::info, "request " + to_hex(request_.digest) + " ran: committing");
      return may;
    };
    const release::Order order{0, basis.rules, hold_.stop()};
    return release::run_work(plan, hold_.source(), place_of(request_), permit, order);
  }

  // Nothing was kept: refused when the script itself is why, interrupted otherwise.
  Status fail(const Error& error) {
    const bool own = error.kind == ErrorKind::refused || error.kind == ErrorKind::invalid;
    facts_.outcome = own ? "refused" : "interrupted";
    facts_.reason = error.message;
    facts_.change.clear();
    (void)end();
    return error;
  }

  // The database alone knows, and says so to whoever asks later, too.
  Status settle() {
    if (auto settled = state_.settle(known()); !settled) return settled;
    if (known().state == registry::RequestState::delivered) {
      if (on_committed_) on_committed_(facts_.notices);
      return {};
    }
    return Error{ErrorKind::unavailable, "running the script: the database undid it: ask again"};
  }

  [[nodiscard]] registry::Request known() const {
    return state_.recorder.read(
        [this](const registry::Registry& registry) { return *registry.request(request_.digest); });
  }

  Status end() {
    auto status = state_.record_result(facts_);
    state_.say(status && facts_.outcome == "delivered" ? LogLevel::info : LogLevel::warning,
               "request " + to_hex(request_.digest) + " " + facts_.outcome +
                   (facts_.reason.empty() ? "" : ": " + facts_.reason) +
                   (status ? "" : " (its result is still to be written)"));
    return status;
  }

  Gate::State& state_;
  const ScriptHold& hold_;
  const registry::Request request_;
  const OnScriptCommitted& on_committed_;
  ResultFacts facts_;
  bool permitted_ = false;  // and so perhaps committed
};

}  // namespace

Result<std::unique_ptr<ScriptHold>> ScriptHold::take(Gate::State& state,
                                                     const registry::WorkspaceKey& workspace,
                                                     const Digest& request, const std::stop_token& gone) {
  std::unique_ptr<ScriptHold> hold(new ScriptHold(state, request, gone));
  auto source = state.source_of(workspace);
  if (!source) return source.error();
  hold->source_ = std::move(*source);
  hold->alone_ = state.workspaces.work(workspace, hold->stop());
  if (!hold->alone_) {
    if (hold->stop().stop_requested()) return nobody_waits();
    return Error{ErrorKind::unavailable,
                 "running the script: another request still uses its workspace: ask again later"};
  }
  hold->turn_ = state.turns.take(hold->stop());
  if (!hold->turn_) return nobody_waits();
  if (!state.take(request)) {
    return Error{ErrorKind::refused,
                 "running request " + to_hex(request) + ": it is running already: wait for that to end"};
  }
  hold->in_hand_ = true;
  return hold;
}

ScriptHold::~ScriptHold() {
  if (!in_hand_) return;
  state_.release(request_);
  state_.changed(request_);
}

Status run_begun(Gate::State& state, const ScriptHold& hold, const Digest& request, const PlanBasis& basis,
                 const Result<PlannedRequest>& planned, const OnScriptCommitted& on_committed) {
  auto known =
      state.recorder.read([&](const registry::Registry& registry) { return *registry.request(request); });
  return Script(state, hold, std::move(known), on_committed).run(basis, planned);
}

Result<std::unique_ptr<Delivery>> run_script(Gate::State& state, const registry::Request& request,
                                             const std::stop_token& gone) {
  const auto workspace = workspace_of(request);
  auto hold = ScriptHold::take(state, workspace, request.digest, gone);
  if (!hold) return hold.error();
  auto basis = state.begin_running(request.digest, workspace);
  if (!basis) return basis.error();
  const auto ran = run_begun(state, **hold, request.digest, *basis, plan_of(state, request, *basis), {});
  if (!ran) return ran.error();
  return std::unique_ptr<Delivery>(std::make_unique<NoRows>());
}

Status Gate::State::settle(const registry::Request& request) {
  auto source = source_of(workspace_of(request));
  if (!source) return source.error();
  auto committed = (*source)->committed(place_of(request));
  if (!committed) return committed.error();
  ResultFacts facts;
  facts.request = request.digest;
  facts.policy = request.policy;
  facts.catalogue = request.catalogue;
  facts.sha256 = sha256(ByteView{});
  facts.outcome = *committed ? "delivered" : "interrupted";
  if (!*committed) {
    facts.reason = "the script was stopped before it was committed: nothing of it was kept";
    return record_result(facts);
  }
  auto basis = recorder.read([&](const registry::Registry& registry) {
    return Planner::basis(registry, {request.project, request.by, request.source});
  });
  if (!basis) return basis.error();
  basis->catalogue = request.catalogue;
  basis->tables = request.workspace;
  auto planned = plan_of(*this, request, *basis);
  if (!planned) return planned.error();
  facts.sql_run = stated_sql(planned->plan);
  facts.notices = planned->plan.notices;
  facts.change = change_object(planned->plan.change);
  return record_result(facts);
}

void Gate::State::settle_scripts() {
  const auto open = recorder.read([](const registry::Registry& registry) {
    std::vector<registry::Request> scripts;
    for (const registry::Request* request : registry.open_requests()) {
      if (request->kind == "work" && request->state == registry::RequestState::running)
        scripts.push_back(*request);
    }
    return scripts;
  });
  for (const registry::Request& request : open) {
    if (!take(request.digest)) continue;
    const bool owes = [&] {
      const std::lock_guard held(extraction_mutex);
      return owed.contains(request.digest);
    }();
    const Status settled = owes ? Status{} : settle(request);
    release(request.digest);
    if (owes) continue;
    say(LogLevel::warning,
        "script " + to_hex(request.digest) +
            (settled ? " may not have been committed when this gate last ended: its result is written"
                     : " cannot be settled yet: " + settled.error().message));
    if (settled) changed(request.digest);
  }
}

}  // namespace sceau::gate
