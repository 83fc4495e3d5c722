#include "postgresql.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "writer.h"

namespace sceau::source {
namespace {

constexpr int oldest_server = 140000;  // numeric knows infinity since then

using Options = Handle<PQconninfoOption, PQconninfoFree>;

// For what takes no time at a server that answers.
Deadline soon() { return {std::chrono::steady_clock::now() + std::chrono::seconds(20), {}}; }

// The first of an SQLSTATE's classes that fits (PostgreSQL's manual, appendix A).
Error failure_of(std::string_view state, const Deadline& deadline) {
  const std::string doing = "running the SQL: ";
  if (deadline.stop.stop_requested()) return {ErrorKind::unavailable, doing + "it was stopped"};
  if (state == "57014")
    return {ErrorKind::refused, doing + "it took longer than policy allows: narrow it, or split it by month"};
  if (state.starts_with("53") || state.starts_with("54"))
    return {ErrorKind::refused, doing + "it needs more memory or disk than it may have: narrow it"};
  if (state == "42501" || state == "25006")
    return {ErrorKind::refused, doing +
                                    "the database refused what the gate had admitted: its operator grants "
                                    "the gate's role SELECT on the "
                                    "catalogue's tables"};
  if (state == "55P03" || state.starts_with("40"))
    return {ErrorKind::unavailable, doing + "the database is being changed: ask again later"};
  if (state.starts_with("22") || state.starts_with("42"))
    return {ErrorKind::refused,
            doing + "the database could not compute it: check types and tables against the catalogue"};
  return {ErrorKind::unavailable, doing + "the database cannot be read (SQLSTATE " +
                                      (state.empty() ? "none: the connection is gone" : std::string(state)) +
                                      "): tell the administrator"};
}

}  // namespace

// No password may stand in a configuration file that is no secret.
Status PostgresqlSession::check(const PostgresqlPlace& place) {
  const std::string doing = "opening the source: ";
  char* problem = nullptr;
  const Options options(PQconninfoParse(place.place.c_str(), &problem));
  const Handle<char, PQfreemem> owned(problem);
  if (!options)
    return Error{ErrorKind::invalid,
                 doing +
                     "its connection string cannot be read: write host=… dbname=… user=… (PostgreSQL's "
                     "manual, 34.1.1)"};
  for (const PQconninfoOption* one = options.get(); one->keyword != nullptr; ++one) {
    if (std::string_view(one->keyword) == "password" && one->val != nullptr)
      return Error{
          ErrorKind::invalid,
          doing +
              "its connection string holds a password: put it into a passfile (PostgreSQL's manual, 34.16)"};
  }
  if (place.schema.empty() || place.schema.size() > 63 || place.schema.find('\0') != std::string::npos)
    return Error{ErrorKind::invalid,
                 doing + "\"" + place.schema + "\" is no schema's name: name one, such as public"};
  return {};
}

PostgresqlSession::PostgresqlSession(PGconn* connection) : connection_(connection) {}

Result<std::unique_ptr<PostgresqlSession>> PostgresqlSession::open(const PostgresqlPlace& place) {
  if (auto checked = check(place); !checked) return checked.error();
  // Later words win over earlier ones; the place itself may name a time-out.
  const std::array<const char*, 5> words{"connect_timeout", "dbname", "fallback_application_name",
                                         "client_encoding", nullptr};
  const std::array<const char*, 5> values{"10", place.place.c_str(), "sceaud", "UTF8", nullptr};
  std::unique_ptr<PostgresqlSession> session(
      new PostgresqlSession(PQconnectdbParams(words.data(), values.data(), 1)));
  if (PQstatus(session->connection_.get()) != CONNECTION_OK)
    return Error{ErrorKind::unavailable,
                 "opening the source: the database does not let the gate in: check the server, the "
                 "connection string and "
                 "the role's rights with psql"};
  if (auto ready = session->set_up(place); !ready) return ready.error();
  return session;
}

Status PostgresqlSession::set_up(const PostgresqlPlace& place) {
  PGconn* const connection = connection_.get();
  // Its notices can hold data, too.
  PQsetNoticeReceiver(
      connection, [](void*, const PGresult*) {}, nullptr);
  const char* encoding = PQparameterStatus(connection, "server_encoding");
  if (PQserverVersion(connection) < oldest_server || encoding == nullptr ||
      std::string_view(encoding) != "UTF8")
    return Error{
        ErrorKind::invalid,
        "opening the source: it needs PostgreSQL 14 or later with a database in UTF8: use another database"};
  cancel_.reset(PQgetCancel(connection));
  // pg_catalog first and pg_temp last: no relation can stand in front of another's name. A function or an
  // operator still could, by types that fit better: check() refuses a schema that has any.
  const std::string settings =
      "SET search_path = pg_catalog, " + identifier(place.schema) +
      ", pg_temp; SET default_transaction_read_only = on; SET standard_conforming_strings = on; SET "
      "datestyle = 'ISO, "
      "YMD'; SET intervalstyle = 'iso_8601'; SET timezone = 'UTC'; SET extra_float_digits = 1; SET "
      "bytea_output = 'hex'; "
      "SET lock_timeout = '5s'; SET client_min_messages = 'error'; SET row_security = on; SET "
      "idle_session_timeout = '60s'";
  auto answer = finish(PQsendQuery(connection, settings.c_str()), soon());
  return answer ? Status{} : answer.error();
}

// The statement's last answer, waited for no longer than until its end.
Result<Answer> PostgresqlSession::finish(int sent, const Deadline& deadline) {
  if (sent != 1) return failure(nullptr, deadline);
  return read_answer(deadline);
}

Result<Answer> PostgresqlSession::read_answer(const Deadline& deadline) {
  Answer last;
  while (true) {
    while (PQisBusy(connection_.get()) != 0) {
      if (auto come = wait(deadline); !come) return come.error();
    }
    Answer answer(PQgetResult(connection_.get()));
    if (!answer) break;
    const auto status = PQresultStatus(last.get());
    if (!last || status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) last = std::move(answer);
  }
  const auto status = PQresultStatus(last.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) return failure(last.get(), deadline);
  return last;
}

Error PostgresqlSession::failure(const PGresult* answer, const Deadline& deadline) const {
  const char* state = answer == nullptr ? nullptr : PQresultErrorField(answer, PG_DIAG_SQLSTATE);
  return failure_of(state == nullptr ? "" : state, deadline);
}

bool PostgresqlSession::at_rest() {
  pollfd socket{PQsocket(connection_.get()), POLLIN, 0};
  // Nothing was asked: whatever can be read is the server's farewell.
  return PQtransactionStatus(connection_.get()) == PQTRANS_IDLE && ::poll(&socket, 1, 0) == 0;
}

bool PostgresqlSession::undo() {
  limit_.reset();
  if (!cancel_) return false;
  const auto status = PQtransactionStatus(connection_.get());
  if (status == PQTRANS_INTRANS || status == PQTRANS_INERROR) {
    if (auto undone = finish(PQsendQuery(connection_.get(), "ROLLBACK"), soon()); !undone) return false;
  }
  return PQtransactionStatus(connection_.get()) == PQTRANS_IDLE;
}

Status PostgresqlSession::begin(const std::string& snapshot) {
  limit_.reset();
  std::string sql = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
  if (!snapshot.empty()) {
    char* const literal = PQescapeLiteral(connection_.get(), snapshot.data(), snapshot.size());
    const Handle<char, PQfreemem> owned(literal);
    sql += std::string("; SET TRANSACTION SNAPSHOT ") + (literal == nullptr ? "''" : literal);
  }
  auto answer = finish(PQsendQuery(connection_.get(), sql.c_str()), soon());
  return answer ? Status{} : answer.error();
}

Result<Answer> PostgresqlSession::begin_work(const std::string& role, const std::string& lock,
                                             const std::string& first, const Deadline& deadline) {
  limit_.reset();
  auto limit = limit_words(deadline);
  if (!limit) return limit.error();
  char* const literal = PQescapeLiteral(connection_.get(), lock.data(), lock.size());
  const Handle<char, PQfreemem> owned(literal);
  const std::string sql = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL ROLE " +
                          identifier(role) + "; " + *limit +
                          "; SELECT pg_advisory_xact_lock(hashtextextended(" +
                          (literal == nullptr ? "NULL" : literal) + ", 0)); " + first;
  const auto now = std::chrono::steady_clock::now();
  auto answer = finish(PQsendQuery(connection_.get(), sql.c_str()), deadline);
  if (!answer) return answer.error();
  limit_ = {deadline.end, now};
  return answer;
}

Status PostgresqlSession::commit() {
  limit_.reset();
  auto answer = finish(PQsendQuery(connection_.get(), "COMMIT"), soon());
  if (!answer) return answer.error();
  // A COMMIT of a transaction that failed is answered by ROLLBACK.
  if (std::string_view(PQcmdStatus(answer->get())) == "COMMIT") return {};
  return Error{ErrorKind::unavailable, "running the SQL: the database undid it: ask again later"};
}

Status PostgresqlSession::become(const std::string& role, const Deadline& deadline) {
  auto answer = finish(PQsendQuery(connection_.get(),
                                   ("SET LOCAL ROLE " + (role.empty() ? "NONE" : identifier(role))).c_str()),
                       deadline);
  return answer ? Status{} : answer.error();
}

Result<std::string> PostgresqlSession::export_snapshot() {
  auto answer = finish(PQsendQuery(connection_.get(), "SELECT pg_catalog.pg_export_snapshot()"), soon());
  if (!answer) return answer.error();
  return std::string(PQgetvalue(answer->get(), 0, 0));
}

Result<std::string> PostgresqlSession::limit_words(const Deadline& deadline) const {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(deadline.end - std::chrono::steady_clock::now());
  if (deadline.stop.stop_requested() || left.count() <= 0) return failure_of("57014", deadline);
  return "SET LOCAL statement_timeout = " + std::to_string(std::min<std::int64_t>(left.count(), INT32_MAX));
}

Status PostgresqlSession::limit_time(const Deadline& deadline) {
  constexpr std::chrono::milliseconds moment{100};
  const auto now = std::chrono::steady_clock::now();
  auto words = limit_words(deadline);
  if (!words) return words.error();
  if (limit_ && limit_->first == deadline.end && now - limit_->second < moment && deadline.end - now > moment)
    return {};
  auto answer = finish(PQsendQuery(connection_.get(), words->c_str()), deadline);
  if (!answer) return answer.error();
  limit_ = {deadline.end, now};
  return {};
}

Result<Answer> PostgresqlSession::ask(const std::string& sql, const std::vector<std::string>& values,
                                      const Deadline& deadline) {
  if (auto limited = limit_time(deadline); !limited) return limited.error();
  std::vector<const char*> texts;
  texts.reserve(values.size());
  for (const std::string& value : values) texts.push_back(value.c_str());
  return finish(PQsendQueryParams(connection_.get(), sql.c_str(), static_cast<int>(texts.size()), nullptr,
                                  texts.data(), nullptr, nullptr, 0),
                deadline);
}

Answers PostgresqlSession::ask_all(const std::vector<Question>& questions, const Deadline& deadline) {
  Answers answers;
  const auto lose = [&] {
    answers.failed = failure(nullptr, deadline);
    return std::move(answers);
  };
  if (auto limited = limit_time(deadline); !limited) {
    answers.failed = limited.error();
    return answers;
  }
  if (PQenterPipelineMode(connection_.get()) != 1) return lose();
  for (const Question& question : questions) {
    std::vector<const char*> texts;
    texts.reserve(question.values.size());
    for (const std::string& value : question.values) texts.push_back(value.c_str());
    if (PQsendQueryParams(connection_.get(), question.sql.c_str(), static_cast<int>(texts.size()), nullptr,
                          texts.data(), nullptr, nullptr, 0) != 1)
      return lose();
  }
  if (PQpipelineSync(connection_.get()) != 1) return lose();
  for (std::size_t i = 0; i < questions.size(); ++i) {
    auto answer = read_answer(deadline);
    if (answers.failed) continue;  // what follows an error is not run
    if (answer) {
      answers.given.push_back(std::move(*answer));
    } else {
      answers.failed = answer.error();
    }
  }
  return end_pipeline(std::move(answers), deadline);
}

// The server says that it has seen everything; what it did not say leaves the session of no more use.
Answers PostgresqlSession::end_pipeline(Answers answers, const Deadline& deadline) {
  while (PQisBusy(connection_.get()) != 0) {
    if (auto come = wait(deadline); !come) {
      if (!answers.failed) answers.failed = come.error();
      return answers;
    }
  }
  const Answer synchronised(PQgetResult(connection_.get()));
  const bool whole = PQresultStatus(synchronised.get()) == PGRES_PIPELINE_SYNC;
  if ((!whole || PQexitPipelineMode(connection_.get()) != 1) && !answers.failed)
    answers.failed = failure(nullptr, deadline);
  return answers;
}

Result<std::vector<Oid>> PostgresqlSession::describe(const std::string& sql, const Deadline& deadline) {
  if (auto limited = limit_time(deadline); !limited) return limited.error();
  auto prepared = finish(PQsendPrepare(connection_.get(), "", sql.c_str(), 0, nullptr), deadline);
  if (!prepared) return prepared.error();
  auto described = finish(PQsendDescribePrepared(connection_.get(), ""), deadline);
  if (!described) return described.error();
  std::vector<Oid> types;
  const int count = PQnfields(described->get());
  types.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) types.push_back(PQftype(described->get(), i));
  return types;
}

// The server ends a statement at its time; this notices a server that does not answer at all. Who stops is
// not made to wait for the server: this session asks it to end, once.
Status PostgresqlSession::wait(const Deadline& deadline) {
  constexpr int look_again = 200;  // milliseconds
  constexpr std::chrono::seconds grace{10};
  pollfd socket{PQsocket(connection_.get()), POLLIN, 0};
  const int ready = ::poll(&socket, 1, look_again);
  if (ready < 0 && errno != EINTR) return failure(nullptr, deadline);
  if (deadline.stop.stop_requested()) {
    cancel();
    return failure(nullptr, deadline);
  }
  if (std::chrono::steady_clock::now() > deadline.end + grace) return failure_of("57014", deadline);
  if (ready > 0 && PQconsumeInput(connection_.get()) == 0) return failure(nullptr, deadline);
  return {};
}

// Its beginning is announced with the first row, which can take long.
Status PostgresqlSession::begin_copy(const std::string& sql, const Deadline& deadline) {
  if (auto limited = limit_time(deadline); !limited) return limited;
  if (PQsendQuery(connection_.get(), ("COPY (" + sql + ") TO STDOUT").c_str()) != 1)
    return failure(nullptr, deadline);
  while (PQisBusy(connection_.get()) != 0) {
    if (auto come = wait(deadline); !come) return come;
  }
  const Answer answer(PQgetResult(connection_.get()));
  if (PQresultStatus(answer.get()) != PGRES_COPY_OUT) return failure(answer.get(), deadline);
  return {};
}

Result<std::optional<std::string_view>> PostgresqlSession::line(const Deadline& deadline) {
  if (bound_) return bound_line(deadline);
  if (deadline.stop.stop_requested()) {
    cancel();
    return failure(nullptr, deadline);
  }
  char* got = nullptr;
  int size = 0;
  while ((size = PQgetCopyData(connection_.get(), &got, 1)) == 0) {
    if (auto come = wait(deadline); !come) return come.error();
  }
  row_.reset(got);
  if (size > 0) return std::optional(std::string_view(got, static_cast<std::size_t>(size) - 1));
  if (size == -2) return failure(nullptr, deadline);
  std::optional<Error> failed;
  for (Answer answer(PQgetResult(connection_.get())); answer; answer.reset(PQgetResult(connection_.get()))) {
    if (PQresultStatus(answer.get()) != PGRES_COMMAND_OK && !failed) failed = failure(answer.get(), deadline);
  }
  if (failed) return *failed;
  return std::optional<std::string_view>();
}

void PostgresqlSession::cancel() {
  std::array<char, 256> ignored{};
  if (cancel_) PQcancel(cancel_.get(), ignored.data(), ignored.size());
  cancel_.reset();
}

}  // namespace sceau::source
