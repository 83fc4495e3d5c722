// What a gate is made of; this room's own.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "endings.h"
#include "given.h"
#include "home_files.h"
#include "planner.h"
#include "recorder.h"
#include "rubbish.h"
#include "sceau/gate/gate.h"
#include "sceau/registry/record.h"
#include "sceau/statement/statement.h"
#include "sealing.h"
#include "sessions.h"
#include "spool.h"
#include "turns.h"
#include "workspace_locks.h"

namespace sceau::gate {

// What an extraction.result says, besides what the gate adds.
struct ResultFacts {
  Digest request{};
  std::string outcome;  // delivered, refused, interrupted
  std::string reason;   // one line; empty for delivered
  std::vector<std::string> sql_run;
  std::vector<release::ResultColumn> columns;
  std::optional<statement::Array> stated_columns;  // instead of those: as an earlier process stated them
  std::int64_t rows = 0, bytes = 0;
  Digest sha256{};
  bool exact = true;
  std::string pseudonyms;
  std::optional<Digest> fingerprint;
  Digest policy{}, catalogue{};
  std::vector<std::string> notices;
  statement::Object change;  // of a workspace: see workspace.h
  std::string version;       // of the gate that ran it; empty: of this one
};

// The same facts as an extraction.result's body.
statement::Value result_body(const ResultFacts& facts, const std::string& version);

struct Gate::State {
  State(GateOptions given, HomeConfig read, HomeLock taken, HomeKeys held,
        std::shared_ptr<const Sealing> sealed, std::unique_ptr<ledger::Ledger> log,
        registry::Registry folded);

  GateOptions options;
  Home home;
  HomeConfig config;
  HomeLock lock;
  HomeKeys keys;
  std::shared_ptr<const Sealing> sealing;
  Recorder recorder;
  Planner planner;
  Sessions sessions;
  Rubbish rubbish;
  WorkspaceLocks workspaces;
  Turns turns;
  Endings endings;
  std::function<void(const Digest&)> observer;
  std::stop_source stop;  // ends what runs, when the gate is destroyed

  std::mutex replay_mutex;
  std::map<Digest, int> replays;  // of statements that are in the ledger already

  GivenLocks given_locks;

  std::mutex extraction_mutex;
  std::set<Digest> in_hand;            // running or being delivered by this process
  std::map<Digest, ResultFacts> owed;  // results that could not be written yet

  [[nodiscard]] Random& random() const { return *options.random; }
  void say(LogLevel level, const std::string& line) const;
  void changed(const Digest& request) const;

  // How a statement of the gate's own becomes an entry: written, signed with the gate's key, and judged by
  // the same rules as everybody's. refused while this gate's key is not enrolled.
  Result<ledger::Entry> own_entry(const Standing& standing, const std::string& type,
                                  statement::Value body) const;
  // A step in a request's life, durable when this returns. refused when the request may not take it.
  Status record_step(const Digest& request, registry::RequestState next, statement::Object details);
  // The answer of a run that does not conform, with its facts but the outcome: in quarantine when this
  // returns. refused when the request may not go on; unavailable: the disk.
  Status hold(const registry::Request& request, ResultFacts facts, Spool& answer, const std::string& reason);
  // What quarantine owes: the results of those that somebody refused.
  void end_refused();
  // Removes what is held of requests that are not, or no longer, in quarantine. Before anything runs.
  void sweep_held();
  // Writes the result, or remembers that it is owed and answers why it could not be written.
  Status record_result(const ResultFacts& facts);

  // Whether a statement came again so often that its refusals are counted and not recorded any more: whoever
  // holds a copy of one could fill the ledger with it.
  bool replayed_too_often(const Digest& statement);

  // A request runs in one place at a time: false when it is in hand already.
  bool take(const Digest& request);
  void release(const Digest& request);

  // The aggregates of a project that were let out, or were about to be.
  [[nodiscard]] std::vector<Digest> let_out(const std::string& project) const;

  // pending → admitted, once enough approvals are there.
  void admit_when_approved(const Digest& request);
  // Approvals lapse with the rights of whoever gave them: admitted → pending, where approvers find it again.
  // refused: it waits for them now.
  Status weigh_approvals(const Digest& request);
  // Rights come back, and with them approvals: pending → admitted, wherever that is so.
  void admit_approved();
  // Ends those that nobody decided on or fetched in time, and those that were admitted and that whoever asked
  // may not begin any more.
  void expire_requests();
  // Of an admitted one: why it may not go on; empty: it may.
  [[nodiscard]] std::string why_not_begun(const Digest& request) const;
  // The open requests that may take this step now.
  [[nodiscard]] std::vector<Digest> may_take(registry::RequestState step) const;
  // Erases what admitted erasures name and is still there.
  void erase_named();
  void summarise(Time interval);
  void write_owed();
  // The `running` step, durable when this returns, and what the plan is then made with.
  Result<PlanBasis> begin_running(const Digest& request, const registry::WorkspaceKey& workspace);
  // The database that a workspace's person asks.
  Result<std::shared_ptr<source::Source>> source_of(const registry::WorkspaceKey& of);
  // The result of a script that may have been committed, once the database says whether it was. unavailable:
  // it does not say; the script's workspace waits.
  Status settle(const registry::Request& request);
  // All those that are not in hand.
  void settle_scripts();
  // beside.cpp: what approvers are shown beside a request that waits: the columns that would leave, with
  // their labels, and the project's newest earlier requests; and, to those who decide, what those that the
  // caller may read say, the scripts that made what it reads of its workspace (makers.h), and how many rows
  // it would give.
  statement::Object beside(const registry::Request& request, ByteView statement, const Caller& caller);
  // The part of it that its plan says.
  void tell_plan(const registry::Request& request, const Result<PlannedRequest>& planned, bool decides,
                 statement::Object& object);
  // As release::expected_rows() says; nothing where the source cannot be asked or does not say in two
  // seconds.
  std::optional<source::ExpectedRows> expected_rows(const registry::Request& request,
                                                    const PlannedRequest& planned);
  // What can be said of a request that was running when the process died: nothing left, or at most what was
  // checked.
  Result<ResultFacts> interrupted_by_crash(const registry::Request& request);
  // `interrupted` for what an earlier process left running.
  Status recover();
};

// work.cpp: runs a script of kind work. The delivery has no rows.
Result<std::unique_ptr<Delivery>> run_script(Gate::State& state, const registry::Request& request,
                                             const std::stop_token& gone);

// quarantine.cpp: the rows of a request whose answer was released, exactly as it was held.
Result<std::unique_ptr<Delivery>> fetch_released(Gate::State& state, const registry::Request& request);
// Why rows that wait for a further approver do not come.
Error waits_in_quarantine(const registry::Request& request);

// The key of what a project's pseudonyms, its sketches and its quarantine are made with.
inline constexpr std::uint32_t kEpoch = 1;

// The gate's own signature over bytes that it writes.
Result<evidence::Evidence> sign(const HomeKeys& keys, const std::string& gate, ByteView bytes, Time now);

// Whether the caller looks at what another person asks for as one who may decide on it, or checks it.
// Statistics of the data are in what a database expects: that is shown to them, and not to those who ask.
bool decides_on(const Caller& caller, const std::string& person);

// What ends before it began to run, because its client went or the gate stops.
Error nobody_waits();

// What a session gets that nothing was signed for.
Error reads_only(const std::string& doing);

// Bytes of the reason that a verdict or a result gives.
inline constexpr std::size_t kReasonLimit = 1000;
// A line fit for a statement: cut to `limit` bytes, and replaced when it holds what a statement may not.
std::string line_for_statement(const std::string& line, std::size_t limit);

}  // namespace sceau::gate
