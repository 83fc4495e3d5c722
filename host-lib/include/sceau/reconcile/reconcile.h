// Holds PostgreSQL's own log against the ledger: every read of the catalogue's tables must be a statement
// that a signed result says the gate ran, and every statement that a result says it ran must be in the log.
//
// What the gate runs is matched by its very text, byte for byte, in the three forms that the gate gives it:
// COPY (…) TO STDOUT for what leaves, as it is for what is of kind work, and EXPLAIN (VERBOSE, COSTS OFF,
// FORMAT JSON) before either. The role must be the gate's, the time within the request's running, and each
// text counts once a request and form: a second run is somebody else's. All other statements, the gate's own
// among them, are looked at by look.h, whoever ran them.
//
// The log's completeness is looked at, too: PostgreSQL numbers each session's lines, so that missing ones
// show wherever later lines of the session are there; and whoever quiets the log says so in it first.
//
// What it cannot know: what a session asked whose statements were never logged (a superuser's, PGOPTIONS='-c
// log_statement=none'; such sessions are listed where log_connections is on), and what whoever may write the
// log's files took out at a session's end.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sceau/base/digest.h"
#include "sceau/reconcile/look.h"
#include "sceau/reconcile/server_log.h"
#include "sceau/statement/value.h"

namespace sceau::reconcile {

// A request that ran, as the ledger has it.
struct Ran {
  Digest request{};
  std::uint64_t entry = 0;
  std::string person;
  bool work = false;
  bool all_of_it = false;        // its result says so: every statement must be in the log
  std::vector<std::string> sql;  // texts, or "sha256:" and the digest of one
  Time from = 0;                 // began to run
  std::optional<Time> until;     // its result; none: not yet
};

struct Settings {
  std::string role;      // that the gate logs in as
  std::string database;  // that the tables are in, for `tables`, too; empty: any
  Protected tables;
  std::optional<Time> from, until;            // statements and requests within; all that the log has, without
  Time tolerance = 2;                         // seconds that the gate's clock and the database's may differ
  bool literals = false;                      // constants of statements are shown
  std::set<std::string, std::less<>> probes;  // roles that only look whether the server answers
};

// A statement that no entry of the ledger stands for.
struct Listed {
  std::int64_t at = 0;  // milliseconds since 1970
  std::string user, database, host, application, session;
  std::int64_t process = 0;
  std::uint64_t number = 0;  // of the session's lines
  std::string why;           // one line
  std::string text;          // shortened
};

// A statement that a result says was run, and the log does not have.
struct Unlogged {
  Digest request{};
  std::uint64_t entry = 0;
  std::string person;
  Time from = 0;
  std::string text;  // shortened
};

struct Report {
  std::optional<std::int64_t> first, last;  // lines' times, milliseconds
  std::uint64_t lines = 0, statements = 0;
  std::uint64_t matched = 0;   // statements that a request stands for
  std::uint64_t planned = 0;   // that the gate only asked the planner about, for nobody's request that ran
  std::uint64_t requests = 0;  // that had to be in the log, and were looked for
  std::uint64_t touches = 0;   // statements that name the tables without showing them: loads, indexes
  std::vector<Listed> reads;   // of the tables, without a statement in the ledger
  std::vector<Listed> untold;  // what may have read them
  std::vector<Listed> quiets;  // what changed logging
  std::vector<Unlogged> unlogged;
  std::vector<std::string> gaps;   // where the log is not whole
  std::vector<std::string> notes;  // worth knowing, not wrong

  [[nodiscard]] bool ok() const {
    return reads.empty() && untold.empty() && quiets.empty() && unlogged.empty() && gaps.empty();
  }
};
// {"first","gaps":[…],"last","lines","matched","notes":[…],"quiets":[…],"reads":[…],"unlogged":[…],…,"verdict"}
statement::Value to_value(const Report& report);

// Fed with the log file by file, oldest first, line by line.
class Reconciliation {
 public:
  Reconciliation(Settings settings, std::vector<Ran> ran);
  ~Reconciliation();
  Reconciliation(const Reconciliation&) = delete;
  Reconciliation& operator=(const Reconciliation&) = delete;

  // `last_file`: no other comes after it.
  void read(LogFormat format, const std::string& name, std::string_view text, bool last_file);
  // Nothing can be read after it.
  Report finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sceau::reconcile
