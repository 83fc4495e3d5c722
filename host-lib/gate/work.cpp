// Running a script of kind work: its `running` step is durable, the script runs in one transaction, its
// `checked` step is durable, the transaction commits, and the result says what the workspace holds now.
// Whoever dies in between leaves a script of which the database knows whether it was committed.
#include "either_stop.h"
#include "sceau/gate/delivery.h"
#include "state.h"
#include "workspace.h"

namespace sceau::gate {
namespace {

Error wait_for_others() {
  return {ErrorKind::unavailable,
          "running the script: another request still uses its workspace: ask again later"};
}

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

class Script {
 public:
  Script(Gate::State& state, const registry::Request& request, const std::stop_token& gone)
      : state_(state), request_(request), gone_(gone) {}

  Status run() {
    auto source = state_.source_of(request_);
    if (!source) return source.error();
    const auto alone = state_.workspaces.work(key_, stop_.token());
    if (!alone) return wait_for_others();
    if (!state_.take(request_.digest))
      return Error{ErrorKind::refused,
                   "running request " + to_hex(request_.digest) + ": it is running already"};
    auto ran = run_alone(**source);
    state_.release(request_.digest);
    state_.changed(request_.digest);
    return ran;
  }

 private:
  Status run_alone(source::Source& source) {
    auto basis = state_.begin_running(request_.digest, key_);
    if (!basis) return basis.error();
    facts_.request = request_.digest;
    facts_.policy = basis->policy;
    facts_.catalogue = basis->catalogue;
    facts_.sha256 = sha256(ByteView{});
    state_.changed(request_.digest);
    auto ran = carry_out(source, *basis);
    if (!ran && permitted_) return settle();
    if (!ran) return fail(ran.error());
    facts_.outcome = "delivered";
    return end();
  }

  Status carry_out(source::Source& source, const PlanBasis& basis) {
    auto planned = plan_of(state_, request_, basis);
    if (!planned) return planned.error();
    facts_.sql_run = stated_sql(planned->plan);
    facts_.notices = planned->plan.notices;
    facts_.change = change_object(planned->plan.change);
    if (auto checked = state_.planner.check(request_.source, source, basis); !checked) return checked;
    const auto permit = [this] {
      auto recorded = state_.record_step(request_.digest, registry::RequestState::checked,
                                         {{"rows", 0}, {"bytes", 0}, {"sha256", facts_.sha256}});
      permitted_ = recorded.ok();
      return recorded;
    };
    const release::Order order{0, basis.rules, stop_.token()};
    return release::run_work(planned->plan, source, place_of(request_), permit, order);
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
    const auto known = state_.recorder.read(
        [this](const registry::Registry& registry) { return *registry.request(request_.digest); });
    if (auto settled = state_.settle(known); !settled) return settled;
    const bool kept = state_.recorder.read([this](const registry::Registry& registry) {
      return registry.request(request_.digest)->state == registry::RequestState::delivered;
    });
    if (kept) return {};
    return Error{ErrorKind::unavailable, "running the script: the database undid it: ask again"};
  }

  Status end() {
    const auto status = state_.record_result(facts_);
    state_.say(status && facts_.outcome == "delivered" ? LogLevel::info : LogLevel::warning,
               "request " + to_hex(request_.digest) + " " + facts_.outcome +
                   (facts_.reason.empty() ? "" : ": " + facts_.reason) +
                   (status ? "" : " (its result is still to be written)"));
    return status;
  }

  Gate::State& state_;
  const registry::Request& request_;
  const registry::WorkspaceKey key_{request_.project, request_.by, request_.source};
  const std::stop_token gone_;
  const EitherStop stop_{state_.stop.get_token(), gone_};
  ResultFacts facts_;
  bool permitted_ = false;  // and so perhaps committed
};

}  // namespace

Result<std::unique_ptr<Delivery>> run_script(Gate::State& state, const registry::Request& request,
                                             const std::stop_token& gone) {
  if (auto ran = Script(state, request, gone).run(); !ran) return ran.error();
  return std::unique_ptr<Delivery>(std::make_unique<NoRows>());
}

Status Gate::State::settle(const registry::Request& request) {
  auto source = source_of(request);
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
      if (request->kind == "work" && request->state == registry::RequestState::checked)
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
