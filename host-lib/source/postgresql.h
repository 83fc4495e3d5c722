// A connection to PostgreSQL as this room uses it: read-only transactions on one snapshot, COPY streams, and
// errors whose words are ours alone, since the database's can hold data.
#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "sceau/base/handle.h"
#include "sceau/source/source.h"

namespace sceau::source {

using Answer = Handle<PGresult, PQclear>;

// Time and stop, for every statement of one snapshot.
struct Deadline {
  std::chrono::steady_clock::time_point end;
  std::stop_token stop;
};

// One statement with its parameters' texts.
struct Question {
  std::string sql;
  std::vector<std::string> values;
};

// The answers to several, in their order, up to the first that failed.
struct Answers {
  std::vector<Answer> given;
  std::optional<Error> failed;
};

// Not for use by two threads at once. A statement whose end was not waited for spoils the session.
class PostgresqlSession {
 public:
  // invalid: no connection string, one with a password, or no schema's name.
  static Status check(const PostgresqlPlace& place);
  // Connected, with settings that protect; no transaction yet. unavailable; invalid: a server that is too
  // old, or whose text is not UTF8.
  static Result<std::unique_ptr<PostgresqlSession>> open(const PostgresqlPlace& place);

  // A read-only transaction: a new snapshot, or one that another session exported. unavailable.
  Status begin(const std::string& snapshot);
  // A transaction that may write, as that role, when nobody else holds the lock of that name; and the answer
  // to `first`, a statement of our own, in the same round trip.
  Result<Answer> begin_work(const std::string& role, const std::string& lock, const std::string& first,
                            const Deadline& deadline);
  Status commit();
  // Until the transaction ends; empty: the role that logged in.
  Status become(const std::string& role, const Deadline& deadline);
  // The name by which others take this transaction's snapshot.
  Result<std::string> export_snapshot();

  // One statement, whole. The status is PGRES_TUPLES_OK; everything else is an error.
  Result<Answer> ask(const std::string& sql, const std::vector<std::string>& values,
                     const Deadline& deadline);
  // Several, in one round trip: none is run after one that failed. The time that is left is each one's.
  Answers ask_all(const std::vector<Question>& questions, const Deadline& deadline);
  // Its result columns' types, by OID, without running it.
  Result<std::vector<Oid>> describe(const std::string& sql, const Deadline& deadline);
  // Begins COPY (sql) TO STDOUT; then read lines until there are none: a line without its line feed, valid
  // until the next call.
  Status begin_copy(const std::string& sql, const Deadline& deadline);
  Result<std::optional<std::string_view>> line(const Deadline& deadline);
  // postgresql_bound.cpp. Whether the server keeps parameters' values out of its log, as far as its settings
  // say: refused when not.
  Status may_bind(const Deadline& deadline);
  // Begins a SELECT with values for $1, $2, …; line() then reads its rows, written as COPY writes them.
  Status begin_bound(const std::string& sql, const std::vector<std::string>& values,
                     const Deadline& deadline);

  [[nodiscard]] bool idle() const { return PQtransactionStatus(connection_.get()) == PQTRANS_INTRANS; }
  // Whether it is in no transaction, and its server is still there as far as can be seen without asking.
  [[nodiscard]] bool at_rest();
  // Ends a transaction that is open, undoing it. False when something runs, or the session is of no more use.
  bool undo();
  // Whether the line to the server is gone.
  [[nodiscard]] bool lost() const { return PQstatus(connection_.get()) != CONNECTION_OK; }
  // Since it was opened.
  [[nodiscard]] std::chrono::steady_clock::duration age() const {
    return std::chrono::steady_clock::now() - opened_;
  }
  // Asks the server to end what runs; after that the session is of no more use.
  void cancel();

 private:
  struct Row {
    void operator()(char* row) const { PQfreemem(row); }
  };

  explicit PostgresqlSession(PGconn* connection);
  Status set_up(const PostgresqlPlace& place);
  Result<Answer> finish(int sent, const Deadline& deadline);
  // All results of what was sent last, in pipeline mode of the statement whose turn it is: the last one, or
  // the first that is an error.
  Result<Answer> read_answer(const Deadline& deadline);
  Answers end_pipeline(Answers answers, const Deadline& deadline);
  // SET LOCAL statement_timeout to what is left, unless it was set so a moment ago. refused: nothing is.
  Status limit_time(const Deadline& deadline);
  // The words that set it, and that it was set.
  Result<std::string> limit_words(const Deadline& deadline) const;
  // Until something came, or a while passed.
  Status wait(const Deadline& deadline);
  Error failure(const PGresult* answer, const Deadline& deadline) const;
  Result<std::optional<std::string_view>> bound_line(const Deadline& deadline);

  Handle<PGconn, PQfinish> connection_;
  Handle<PGcancel, PQfreeCancel> cancel_;
  std::unique_ptr<char, Row> row_;
  bool bound_ = false;  // rows of begin_bound() are on their way
  std::string line_;    // of them, the one that was read
  const std::chrono::steady_clock::time_point opened_ = std::chrono::steady_clock::now();
  // Of the transaction: which end the server was told, and when.
  std::optional<std::pair<std::chrono::steady_clock::time_point, std::chrono::steady_clock::time_point>>
      limit_;
};

}  // namespace sceau::source
