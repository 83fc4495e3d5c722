// Admission: a statement comes in, is verified, judged, recorded, and what it brings about is done.
#include "baggage.h"
#include "script.h"
#include "workspace.h"

namespace sceau::gate {
namespace {

constexpr std::size_t kStatementLimit = 16384;
constexpr int kReplaysRecorded = 8;
constexpr std::size_t kReplaysRemembered = 10'000;
constexpr std::size_t kBlobs = 64;
constexpr std::size_t kBlobLimit = std::size_t{512} * 1024;

// Who waits for what she submits to be run.
struct Runner {
  const Caller& caller;
  std::stop_token gone;
};

bool is_shared(const std::string& type) { return type == "login" || type == "extraction.request"; }

Status check_sizes(const Submission& submission) {
  if (submission.statement.size() > kStatementLimit) {
    return Error{ErrorKind::invalid, "reading the statement: it has " +
                                         std::to_string(submission.statement.size()) +
                                         " bytes and may have 16384: shorten it"};
  }
  if (submission.evidence.size() > evidence::max_evidence_bytes) {
    return Error{ErrorKind::invalid,
                 "reading the evidence: it is larger than any signatures are: send the "
                 "signatures of this statement alone"};
  }
  if (submission.blobs.size() > kBlobs) {
    return Error{ErrorKind::invalid,
                 "reading the blobs: at most 64 may come with a statement: send those that "
                 "it names"};
  }
  for (const Bytes& blob : submission.blobs) {
    if (blob.size() > kBlobLimit) {
      return Error{ErrorKind::invalid,
                   "reading the blobs: one is larger than 512 KiB: no certificate, list or "
                   "catalogue needs more"};
    }
  }
  return {};
}

}  // namespace

// One statement on its way through.
class Admitting {
 public:
  Admitting(Gate::State& state, const Submission& given, std::optional<Runner> runner = {})
      : state_(state),
        given_(given),
        runner_(std::move(runner)),
        baggage_(given.blobs, state.recorder.log()) {}

  Result<Admission> admit() {
    if (auto status = read(); !status) return status.error();
    if (auto status = authenticate(); !status) return status.error();
    if (state_.replayed_too_often(read_->digest)) {
      return rubbish("replayed", {ErrorKind::refused,
                                  "checking the statement: it came many times before and was "
                                  "answered: write a new one"})
          .error();
    }
    if (auto kept = seal(); !kept) return kept.error();
    if (!authentication_.error) {
      if (auto ended = state_.endings.wait(read_->statement.by); !ended) return ended.error();
      if (auto waited = hold_script(); !waited) return waited.error();
      prepare_plan();
    }
    const std::string key = read_->statement.id;
    auto index = state_.recorder.record({key, !is_shared(read_->statement.type),
                                         [this](const Standing& standing) { return judge(standing); }});
    if (!index) return index.error();
    return answer(*index);
  }

  // What the script came to whose `running` step was written with its admission.
  std::optional<Status> run(const OnScriptCommitted& on_committed) {
    if (!begun_) return std::nullopt;
    return run_begun(state_, *hold_, read_->digest, *basis_, *planned_, on_committed);
  }

 private:
  Status rubbish(const std::string& reason, Error error) {
    state_.rubbish.count(reason, state_.options.clock->now());
    return error;
  }

  Status read() {
    if (auto status = check_sizes(given_); !status) return rubbish("too large", status.error());
    auto submission = registry::read_submission(given_.statement, given_.evidence);
    if (!submission) return rubbish("malformed", submission.error());
    read_ = std::move(*submission);
    return {};
  }

  registry::Context context(Time now, std::uint64_t size) {
    return {now, size, [this](std::uint64_t at) { return state_.recorder.log().root_at(at); },
            [this](const Digest& digest) { return baggage_.find(digest); }};
  }

  // Signatures and paths: the slow half, before anybody else has to wait for it.
  Status authenticate() {
    epoch_ = state_.recorder.epoch();
    const Time now = state_.recorder.now();
    authentication_ = state_.recorder.read([&](const registry::Registry& registry) {
      return registry.authenticate(*read_, context(now, registry.size()));
    });
    // The first statement brings its own keys: judge() looks at it.
    const bool begins = read_->statement.type == "genesis" && !authentication_.error;
    if (!authentication_.identified && !begins) {
      return rubbish(
          "not signed by an enrolled key",
          authentication_.error.value_or(Error{
              ErrorKind::invalid, "checking the signatures: none is by an enrolled key: enrol the token"}));
    }
    return {};
  }

  // A script that its own caller waits for gets its workspace before it is judged, so that it can begin with
  // its admission. Without it, it is admitted alone, and fetch() says what is in its way. unavailable: nobody
  // waits for it any more; then it does not come into the ledger either.
  Status hold_script() {
    const statement::Statement& statement = read_->statement;
    if (!runner_ || statement.type != "extraction.request" || statement.by != runner_->caller.person)
      return {};
    const auto kind = statement::text_field(statement.body, "kind");
    const auto project = statement::text_field(statement.body, "project");
    const auto source = statement::text_field(statement.body, "source");
    if (!kind || *kind != "work" || !project || !source) return {};
    auto hold = ScriptHold::take(state_, {*project, statement.by, *source}, read_->digest, runner_->gone);
    if (!hold && runner_->gone.stop_requested()) return nobody_waits();
    if (hold) hold_ = std::move(*hold);
    return {};
  }

  // Whatever becomes of it, a statement with parameters is not written down for everybody.
  Status seal() {
    if (!is_sealed(read_->statement.type, read_->statement.body)) return {};
    auto sealed = state_.sealing->seal(given_.statement);
    if (!sealed) return rubbish("parameters that no auditor could read", sealed.error());
    sealed_ = std::move(*sealed);
    return {};
  }

  // What the request would run, so that one which may not run never waits for an approver.
  void prepare_plan() {
    if (read_->statement.type != "extraction.request") return;
    auto basis = current_basis();
    if (!basis) return;  // judge() says it better
    plan(*basis);
  }

  Result<PlanBasis> current_basis() {
    return state_.recorder.read([&](const registry::Registry& registry) { return basis_in(registry); });
  }
  Result<PlanBasis> basis_in(const registry::Registry& registry) const {
    auto source = statement::text_field(read_->statement.body, "source");
    if (!source) return source.error();
    auto project = statement::text_field(read_->statement.body, "project");
    if (!project) return project.error();
    return Planner::basis(registry, {*project, read_->statement.by, *source});
  }

  void plan(const PlanBasis& basis) {
    basis_ = basis;
    planned_ = state_.planner.plan(read_->statement.body, basis);
    plan_error_ = *planned_ ? error_of_result(**planned_) : planned_->error();
  }

  // What will have run must fit into the result statement that says so.
  [[nodiscard]] std::optional<Error> error_of_result(const PlannedRequest& planned) const {
    ResultFacts facts;
    facts.request = read_->digest;
    facts.outcome = "interrupted";
    facts.reason = std::string(1000, 'x');
    facts.sql_run = stated_sql(planned.plan);
    facts.change = change_object(planned.plan.change);
    facts.columns = planned.plan.columns;
    facts.rows = facts.bytes = statement::max_integer;
    facts.pseudonyms = std::string(200, 'x');
    facts.fingerprint = Digest{};
    facts.notices = planned.plan.notices;
    statement::Statement draft = read_->statement;
    draft.type = "extraction.result";
    draft.body = result_body(facts, state_.options.version);
    if (auto written = statement::write_statement(draft); !written) {
      return Error{ErrorKind::refused,
                   "planning the request: what would run does not fit into a result statement (" +
                       written.error().message + "): ask for less in one request"};
    }
    return std::nullopt;
  }

  // In the recorder, at the entry's own place and time.
  Result<std::vector<ledger::Entry>> judge(const Standing& standing) {
    // Nobody is told more than once, and nothing has changed since authenticate() unless the epoch says so;
    // the recorder leads this thread or another, so the registry is read as it stands.
    const registry::Context here = context(standing.now, standing.size);
    if (standing.epoch != epoch_) authentication_ = standing.registry.authenticate(*read_, here);
    registry::Judgement judgement = standing.registry.judge(*read_, authentication_, here);
    if (!judgement.identified) {
      return rubbish("not signed by an enrolled key", *judgement.error).error();
    }
    if (judgement.accepted() && read_->statement.type == "extraction.request") {
      if (auto status = check_plan(standing, judgement); !status) return status.error();
    }
    state_text_ = judgement.verdict.state;
    refusal_ = judgement.error;
    alarms_ = judgement.verdict.alarms;
    for (const std::string& alarm : alarms_) state_.say(LogLevel::alarm, alarm);
    if (!judgement.signers.empty()) signer_ = judgement.signers.front();
    auto entries =
        alone(registry::make_entry(standing.now, read_->statement.type, given_.statement, given_.evidence,
                                   judgement.verdict, baggage_.used(), state_.random()));
    if (entries) entries->front().opening.sealed = sealed_;
    if (entries && hold_ && state_text_ == "admitted") begin(standing, *entries);
    return entries;
  }

  // The step after the admission, in the same append.
  void begin(const Standing& standing, std::vector<ledger::Entry>& entries) {
    if (!standing.registry.check_begin(*read_, standing.now)) return;
    auto step = registry::make_step(standing.now, read_->digest, registry::RequestState::running, {},
                                    state_.random());
    if (!step) return;
    entries.push_back(std::move(*step));
    begun_ = true;
  }

  // Fails only when the plan could not be made for a reason that is not the request's own.
  Status check_plan(const Standing& standing, registry::Judgement& judgement) {
    auto basis = basis_in(standing.registry);
    if (!basis) {
      plan_error_ = basis.error();
    } else if (!basis_ || *basis != *basis_) {
      plan(*basis);
    }
    if (!plan_error_) return {};
    if (plan_error_->kind != ErrorKind::refused && plan_error_->kind != ErrorKind::invalid)
      return *plan_error_;
    judgement.error = plan_error_;
    judgement.verdict.state = "refused";
    judgement.verdict.reason = line_for_statement(plan_error_->message, kReasonLimit);
    judgement.verdict.consumed = true;
    return {};
  }

  Result<Admission> answer(std::uint64_t index) {
    Admission admission{state_text_, read_->digest, index, alarms_, refusal_, std::nullopt};
    const std::string& type = read_->statement.type;
    if (refusal_) {
      const bool rollback = read_->statement.after.size > index;
      state_.say(rollback ? LogLevel::alarm : LogLevel::warning,
                 (rollback ? "rollback: its author saw a larger ledger than this one: " : "") + type +
                     " by " + read_->statement.by + " refused: " + refusal_->message);
      return admission;
    }
    state_.say(LogLevel::info,
               type + " by " + read_->statement.by + " " + state_text_ + ", entry " + std::to_string(index));
    if (type == "login" && is_for_this_gate()) admission.session = open_session();
    if (type == "erasure") state_.erase_named();
    if (type == "approval" || type == "refusal" || type == "export.release") tell_request();
    if (type == "extraction.request") state_.changed(read_->digest);
    return admission;
  }

  // A log-in to a machine is recorded here, too, and opens nothing here.
  [[nodiscard]] bool is_for_this_gate() const {
    auto audience = statement::text_field(read_->statement.body, "audience");
    return audience && *audience == state_.config.gate;
  }

  Session open_session() {
    const Time now = state_.recorder.now();
    const Time seconds = state_.recorder.read(
        [](const registry::Registry& registry) { return registry.policy().session_seconds; });
    return state_.sessions.open({read_->statement.by, signer_.serial, signer_.certificate, now + seconds},
                                state_.random());
  }

  void tell_request() {
    auto request = statement::digest_field(read_->statement.body, "request");
    if (!request) return;
    if (read_->statement.type == "approval") state_.admit_when_approved(*request);
    if (read_->statement.type == "refusal") state_.end_refused();
    state_.changed(*request);
  }

  Gate::State& state_;
  const Submission& given_;
  const std::optional<Runner> runner_;
  Baggage baggage_;
  std::optional<registry::Submission> read_;
  Bytes sealed_;  // what is kept instead of the statement; empty: the statement itself
  registry::Authentication authentication_;
  std::uint64_t epoch_ = 0;
  std::unique_ptr<ScriptHold> hold_;
  std::optional<PlanBasis> basis_;  // of planned_
  std::optional<Result<PlannedRequest>> planned_;
  std::optional<Error> plan_error_;
  bool begun_ = false;  // its `running` step is in the same append
  std::vector<std::string> alarms_;
  std::string state_text_;
  std::optional<Error> refusal_;
  registry::Signer signer_;
};

Result<Admission> Gate::submit(const Submission& submission) {
  return Admitting(*state_, submission).admit();
}

Result<Run> Gate::submit_and_run(const Caller& caller, const Submission& submission,
                                 const std::stop_token& gone, const OnCommitted& on_committed) {
  if (caller.reads_only) return reads_only("running a script");
  Admitting admitting(*state_, submission, Runner{caller, gone});
  auto admission = admitting.admit();
  if (!admission) return admission.error();
  const auto told = [&](const std::vector<std::string>& notices) {
    if (on_committed) on_committed(*admission, notices);
  };
  auto ended = admitting.run(told);
  return Run{std::move(*admission), std::move(ended)};
}

bool Gate::State::replayed_too_often(const Digest& statement) {
  if (!recorder.find(statement)) return false;
  const std::lock_guard held(replay_mutex);
  if (replays.size() >= kReplaysRemembered) replays.clear();
  return ++replays[statement] > kReplaysRecorded;
}

void Gate::State::admit_when_approved(const Digest& request) {
  const Time now = recorder.now();
  const bool may = recorder.read([&](const registry::Registry& registry) {
    const registry::Request* known = registry.request(request);
    return known != nullptr && known->state == registry::RequestState::pending &&
           registry.approvals_needed(*known, now) <= 0;
  });
  if (!may) return;
  if (auto status = record_step(request, registry::RequestState::admitted, {}); !status) {
    say(LogLevel::warning, "request " + to_hex(request) +
                               " has its approvals but could not be admitted: " + status.error().message);
  }
}

Status Gate::State::weigh_approvals(const Digest& request) {
  using registry::RequestState;
  const Time now = recorder.now();
  Status lapsed = recorder.read([&](const registry::Registry& registry) -> Status {
    if (!registry.check_step(request, RequestState::pending, now)) return {};
    return registry.check_step(request, RequestState::running, now);
  });
  if (lapsed) return {};
  const std::string reason = line_for_statement(lapsed.error().message, kReasonLimit);
  if (auto waits = record_step(request, RequestState::pending, {{"reason", reason}}); !waits) return waits;
  say(LogLevel::warning, "request " + to_hex(request) + " waits for approvers again: " + reason);
  return lapsed;
}

void Gate::State::erase_named() {
  const auto entries = recorder.read([](const registry::Registry& registry) { return registry.erased(); });
  for (const std::uint64_t entry : entries) {
    auto opening = recorder.log().opening(entry);
    if (!opening) continue;  // erased already
    if (auto status = recorder.log().erase_opening(entry); !status) {
      say(LogLevel::warning, "the opening of entry " + std::to_string(entry) +
                                 " is to be erased and could not be yet: " + status.error().message);
    }
  }
}

}  // namespace sceau::gate
