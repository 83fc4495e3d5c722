// The gate: what stands between people and sources. A library; tools/sceaud gives it HTTPS.
//
// Invariants
//   - An entry is durable in the ledger before what it permits begins and before anybody is told of it.
//   - Nothing runs that is not a signed, admitted request; nothing is delivered before every check on it has
//     passed and the `checked` step, with rows, bytes and digest, is durable. A script of kind work delivers
//     nothing and has no such step: its right is looked at again before its transaction commits, and its
//     author may be told then, before its result is written: the database knows that it was committed.
//   - An admitted request runs once, and its rows are handed out once. Every run ends in one signed
//     extraction.result: delivered, refused or interrupted; after a crash, open() writes those that are
//     missing. What ran and does not conform waits in quarantine, encrypted; its result comes when a further
//     approver's release was fetched or somebody refused, and there is none when its time ended (`expired`).
//   - What an enrolled key signed and was refused is an entry with its reason; what nobody signed is counted
//     and summarised at most once a minute.
//   - A failed append changes nothing: the caller hears `unavailable`, and the same statement may come again.
// All members are safe to call from several threads. The gate starts no thread of its own: tick() does what
// depends on time, and submit() and fetch() work in the caller's.
//
// Failures: invalid (malformed, or signed by nobody known; not in the ledger), refused, authentication
// (session), not_found, unavailable (disk full, source busy: may work later), corrupt (the ledger contradicts
// itself), internal.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "sceau/base/clock.h"
#include "sceau/base/digest.h"
#include "sceau/base/random.h"
#include "sceau/base/secret.h"
#include "sceau/gate/delivery.h"
#include "sceau/gate/home.h"
#include "sceau/statement/value.h"

namespace sceau::ledger {
class Ledger;
}
namespace sceau::registry {
class Registry;
}

namespace sceau::gate {

enum class LogLevel { info, warning, alarm };

struct GateOptions {
  std::filesystem::path home;
  const Clock* clock = nullptr;  // both must outlive the gate
  Random* random = nullptr;
  std::string version;     // goes into every result
  std::string ledger_vfs;  // SQLite VFS of the ledger; tests put a failing one
  std::function<void(LogLevel, const std::string& line)> log;  // called from any thread; no secrets, no rows
};

struct Submission {
  Bytes statement;           // canonical JSON
  Bytes evidence;            // canonical JSON
  std::vector<Bytes> blobs;  // certificates, CRLs, catalogues that the body names by digest
};

// A session: who may ask for rows, lists and openings. Ends at `until`, or as soon as the person or the key
// that signed the log-in loses its rights.
struct Session {
  std::string bearer;  // 64 hexadecimal characters; the gate keeps only its SHA-256
  Time until = 0;
  std::string person;
};

// What became of a statement whose signer is known. It is in the ledger, whatever the state.
struct Admission {
  std::string state;  // admitted, pending or refused
  Digest digest{};    // of the statement
  std::uint64_t index = 0;
  std::vector<std::string> alarms;  // that its entry raised
  std::optional<Error> refusal;     // why, when refused
  std::optional<Session> session;   // for an admitted login
};

// Who speaks, by her session.
struct Caller {
  std::string person;
  bool auditor = false;
  bool approver = false;
  bool administrator = false;
  // Nothing was signed for this session (open_reading_session): it looks, and takes and decides nothing.
  bool reads_only = false;
};

struct RequestView {
  Digest digest{};    // of the request statement
  Digest evidence{};  // of its evidence
  Bytes statement;    // empty when its opening was erased
  std::vector<std::string> signers;
  // pending, admitted, running, quarantined, released, checked, delivered, interrupted, refused, expired
  std::string state;
  // Why it was refused, or expired when nobody might begin it any more; where the caller may read the
  // request.
  std::string reason;
  // Approvals that count, and how many it takes: now, or, once it began, then.
  std::int64_t approvals = 0, needed = 0;
  std::uint64_t index = 0;
  // Of one that waits and was asked for by itself: what would leave, and what its project asked for before
  // (beside.cpp). The gate's word, not the requester's.
  statement::Object beside;
  // Of an answer in quarantine: {at, bytes, name, reason, rows, sha256, until}, and `released_by`.
  statement::Object held;
};

// A statement's admission, and what came of running it at once.
struct Run {
  Admission admission;
  // Empty: it was not run (it waits, is refused, or is no script of kind work, or its workspace is not free),
  // and fetch() says more. Otherwise its result is in the ledger, or owed: fails as fetch() does.
  std::optional<Status> ended;
};

class Gate {
 public:
  // Takes the home's lock, opens its ledger, folds the registry from it, checks that this gate's keys are the
  // enrolled ones, and writes `interrupted` for every request that was running when the last process ended.
  static Result<std::unique_ptr<Gate>> open(GateOptions options);
  ~Gate();
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  // Verifies, judges and records a statement; returns when its entry is durable. unavailable, too, while the
  // result of its author's last script is still being written.
  Result<Admission> submit(const Submission& submission);

  // Hears that a script is committed and will not be undone, with its notices; its result may still be on its
  // way into the ledger. What its author asks after that waits until the result is there, or owed: caller()
  // and submit() do, and fail with unavailable after five seconds.
  using OnCommitted =
      std::function<void(const Admission& admission, const std::vector<std::string>& notices)>;
  // submit(), and when that admits a script of kind work of the caller's, what fetch() does of it: its
  // admission and its `running` step become durable together. `on_committed` is called at most
  // once, in this thread, and must not wait for this person's caller() or submit(): they wait for it.
  Result<Run> submit_and_run(const Caller& caller, const Submission& submission,
                             const std::stop_token& gone = {}, const OnCommitted& on_committed = {});

  // authentication when the bearer is unknown, expired, or its owner has lost her rights; unavailable while
  // the result of her last script is still being written.
  Result<Caller> caller(std::string_view bearer);
  // Who may ask for rows with this bearer, as far as memory alone can tell and at once: caller() then says
  // whether she may still. Nothing for a stranger, and for a session that only reads.
  std::optional<std::string> person_of(std::string_view bearer);
  // A session for whoever holds the key of this log-in certificate (DER), as a TLS handshake has just shown.
  // Such a signature is over a handshake and no statement: the ledger could not prove it to anybody, so it
  // holds no entry for it, its summary counts it, and the session looks at requests and the registry and does
  // nothing else. refused: it is not the log-in certificate of an active token, its path does not hold, or
  // its person has left.
  Result<Session> open_reading_session(ByteView certificate);
  // Ends a session; nothing happens when there is none.
  void end_session(std::string_view bearer);

  // Requests the caller may see: her own, and all of them for approvers, administrators and auditors.
  // `state` empty: any.
  [[nodiscard]] std::vector<RequestView> requests(const Caller& caller, std::string_view state) const;
  [[nodiscard]] Result<RequestView> request(const Caller& caller, const Digest& digest) const;

  // Runs an admitted request and returns its rows, ready to be sent: all checks have passed. Takes as long as
  // the query does. refused when it is not the caller's, not admitted, fetched before, or its rows may not
  // leave (then the result says so); unavailable when a source or the spool failed, or nobody waits for the
  // rows any more (`gone`): an interrupted result.
  Result<std::unique_ptr<Delivery>> fetch(const Caller& caller, const Digest& digest,
                                          const std::stop_token& gone = {});

  // Called, from any thread and without locks held, whenever a request's state has changed. Set once, before
  // use.
  void on_change(std::function<void(const Digest& request)> observer);

  // What time alone brings: requests expire, rubbish is summarised, results that could not be written are
  // written. Call it about once a second.
  void tick();
  // Ends the queries that run now: their fetch() fails, and their results are interrupted ones.
  void stop_running();
  // Writes what is still to be written before the process ends: owed results, the last summary.
  void finish();

  // Documents, canonical JSON; see the gate's HTTP API.
  [[nodiscard]] Result<std::string> state_document() const;
  [[nodiscard]] std::string request_document(const RequestView& view) const;
  // A request with parameters comes sealed, unless the caller is who asks, or may decide.
  [[nodiscard]] Result<std::string> receipt_document(const Digest& statement,
                                                     const Caller* caller = nullptr) const;
  // With what it is about, for whoever sent that.
  [[nodiscard]] Result<std::string> receipt_document_at(std::uint64_t index) const;
  // Statement, evidence and receipt of a request's result. not_found until there is one.
  [[nodiscard]] Result<std::string> result_document(const Caller& caller, const Digest& request) const;
  // `kind`: organisations, people, tokens, roles, projects, accounts, sources. not_found for another.
  [[nodiscard]] Result<std::string> registry_document(std::string_view kind) const;
  // The tables that she may name in requests of that project to that source: names, types and labels of their
  // columns. refused unless she works in the project now and it covers the source.
  [[nodiscard]] Result<std::string> catalogue_document(const Caller& caller, std::string_view project,
                                                       std::string_view source) const;
  // What somebody could ask for, and what would speak against it, before anything is signed: `question` is
  // the JSON that policy_check.cpp describes. refused when it is about another person and the caller is
  // neither approver, administrator nor auditor; invalid: not such a question.
  [[nodiscard]] Result<std::string> policy_check_document(const Caller& caller, ByteView question) const;
  // refused unless the caller is an auditor.
  [[nodiscard]] Result<std::string> opening_document(const Caller& caller, std::uint64_t index) const;
  // What that machine needs to log people in, signed with the gate's key: registry/host_copy.h.
  // authentication unless `bearer` is that machine's pass or somebody's session; invalid for a name that no
  // machine can have.
  [[nodiscard]] Result<std::string> host_copy_document(std::string_view host, std::string_view bearer);
  // The pass with which that machine fetches its copy from now on. refused unless the caller is an
  // administrator.
  [[nodiscard]] Result<std::string> host_pass_document(const Caller& caller, std::string_view host) const;
  // Every authority's certificate and newest CRL, PEM.
  [[nodiscard]] Result<std::string> trust_document() const;

  [[nodiscard]] const ledger::Ledger& ledger() const;
  [[nodiscard]] const HomeConfig& config() const;
  // Calls back with the registry, held still meanwhile.
  void with_registry(const std::function<void(const registry::Registry&)>& reader) const;

  struct State;  // the room's own

 private:
  explicit Gate(std::unique_ptr<State> state);
  [[nodiscard]] Result<std::string> signed_copy(std::string_view host) const;
  std::unique_ptr<State> state_;
};

}  // namespace sceau::gate
