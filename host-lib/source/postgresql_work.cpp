// Scripts of kind work: one transaction, as the workspace's role.
//
// What was committed is written into sceau_work.committed in the same transaction, so that after a crash, or
// when the line breaks during COMMIT, it can be told. A lock on the workspace's name, held until the
// transaction ends, makes whoever asks wait for one that is still ending.
#include "postgresql_plan.h"
#include "sceau/source/work.h"
#include "writer.h"

namespace sceau::source {
namespace {

constexpr const char* record_schema = "sceau_work";

Error no_workspace() {
  return {ErrorKind::unavailable,
          "running the script: the gate's sceau.toml names no workspace for this source: its operator adds "
          "workspace = \"ROLE\", made by what 'sceau source workspace' prints"};
}

// A session inside a transaction, as the workspace's role, with the workspace locked, that has answered
// `first`.
struct Entered {
  std::unique_ptr<PostgresqlSession> session;
  Answer answer;
};
Result<Entered> enter(SessionPool& database, const std::string& schema, const std::string& first,
                      const Deadline& deadline) {
  Answer answered;
  auto session = database.take([&](PostgresqlSession& taken) -> Status {
    auto begun = taken.begin_work(database.place().workspace, schema, first, deadline);
    if (!begun) return begun.error();
    answered = std::move(*begun);
    return {};
  });
  if (!session) return session.error();
  return Entered{std::move(*session), std::move(answered)};
}

// Asks whether both schemas are there, the role's own, and nobody else's to use.
std::string whether_prepared(const Workspace& place) {
  return "SELECT count(*) FROM pg_namespace WHERE nspname IN (" + literal(record_schema) + ", " +
         literal(place.schema) + ") AND pg_get_userbyid(nspowner) = current_user AND nspacl IS NULL";
}
bool is_prepared(const Answer& answer) { return std::string_view(PQgetvalue(answer.get(), 0, 0)) == "2"; }

// Makes the schemas that are missing. One that is somebody else's is refused.
Status prepare(PostgresqlSession& session, const std::string& role, const Workspace& place,
               const Deadline& deadline) {
  const std::string record = record_schema;
  auto begun = session.begin_work(role, record, "CREATE SCHEMA IF NOT EXISTS " + record, deadline);
  if (!begun) return begun.error();
  auto made = session.ask_all(
      {{"CREATE TABLE IF NOT EXISTS " + record + ".committed (request text)", {}},
       {"CREATE INDEX IF NOT EXISTS committed_request ON " + record + ".committed (request)", {}},
       {"CREATE SCHEMA IF NOT EXISTS " + identifier(place.schema), {}},
       {whether_prepared(place), {}}},
      deadline);
  if (made.failed) return made.failed->within("making the workspace");
  if (!is_prepared(made.given.back()))
    return Error{
        ErrorKind::unavailable,
        "making the workspace: its schema is another role's, or others may use it: tell the administrator"};
  return session.commit();
}

// A script's steps on their way: what needs no answer waits, and goes with what does in one round trip.
class Steps {
 public:
  Steps(PostgresqlSession& session, const PostgresqlPlace& database, const Workspace& place,
        const Deadline& deadline)
      : session_(session), database_(database), place_(place), deadline_(deadline) {}

  Status run(const CheckedWork& step) {
    if (step.reads()) {
      add(explain(step.text()), step.number());
      auto explained = ask();
      if (!explained) return explained.error();
      const Touched touched{database_.schema, step.tables(), place_.schema, step.workspace()};
      if (auto agreed = agree(session_, *explained, touched, deadline_); !agreed)
        return because(agreed.error(), step.number());
    }
    add({step.text(), {}}, step.number());
    return {};
  }

  // That the script is whole, told by the transaction itself.
  Status note() {
    add({"INSERT INTO sceau_work.committed (request) VALUES ($1)", {place_.request}}, 0);
    auto noted = ask();
    return noted ? Status{} : noted.error();
  }

 private:
  void add(Question question, std::size_t number) {
    waiting_.push_back(std::move(question));
    numbers_.push_back(number);
  }

  // The answer to the newest.
  Result<Answer> ask() {
    auto answers = session_.ask_all(waiting_, deadline_);
    const auto numbers = std::exchange(numbers_, {});
    waiting_.clear();
    if (answers.failed)
      return because(*answers.failed, numbers.at(std::min(answers.given.size(), numbers.size() - 1)));
    return std::move(answers.given.back());
  }

  static Error because(const Error& error, std::size_t number) {
    if (number == 0) return error;
    return {error.kind, "statement " + std::to_string(number) + " of the script: " + error.message +
                            "; nothing of the script was kept"};
  }

  PostgresqlSession& session_;
  const PostgresqlPlace& database_;
  const Workspace& place_;
  const Deadline& deadline_;
  std::vector<Question> waiting_;
  std::vector<std::size_t> numbers_;  // of the steps that those are; 0: of none
};

}  // namespace

Status run_work(SessionPool& database, const std::vector<CheckedWork>& steps, const Workspace& place,
                const std::function<Status()>& permit, const Limits& limits) {
  const Deadline deadline{std::chrono::steady_clock::now() + limits.time, limits.stop};
  const std::string& role = database.place().workspace;
  if (role.empty()) return no_workspace();
  auto entered = enter(database, place.schema, whether_prepared(place), deadline);
  if (!entered) return entered.error();
  const PooledSession session(database, std::move(entered->session));
  if (!is_prepared(entered->answer)) {
    if (auto ended = session->commit(); !ended) return ended;
    if (auto made = prepare(*session, role, place, deadline); !made) return made;
    if (auto begun = session->begin_work(role, place.schema, "SELECT", deadline); !begun)
      return begun.error();
  }
  Steps running(*session, database.place(), place, deadline);
  for (const CheckedWork& step : steps) {
    if (auto ran = running.run(step); !ran) return ran;
  }
  if (auto noted = running.note(); !noted) return noted;
  if (auto permitted = permit(); !permitted) return permitted;
  return session->commit();
}

Result<bool> is_committed(SessionPool& database, const Workspace& place) {
  const Deadline deadline{std::chrono::steady_clock::now() + std::chrono::seconds(20), {}};
  if (database.place().workspace.empty()) return no_workspace();
  auto entered =
      enter(database, place.schema, "SELECT to_regclass('sceau_work.committed') IS NOT NULL", deadline);
  if (!entered) return entered.error();
  const PooledSession session(database, std::move(entered->session));
  if (std::string_view(PQgetvalue(entered->answer.get(), 0, 0)) != "t") return false;
  auto found = session->ask("SELECT EXISTS (SELECT FROM sceau_work.committed WHERE request = $1)",
                            {place.request}, deadline);
  if (!found) return found.error();
  return std::string_view(PQgetvalue(found->get(), 0, 0)) == "t";
}

std::string workspace_sql(const PostgresqlPlace& place, const std::string& gate, const Catalogue& catalogue) {
  const std::string role = identifier(place.workspace);
  const std::string schema = identifier(place.schema);
  std::string sql =
      "-- One role for all workspaces: it reads the catalogue's columns and makes a schema for each of "
      "them.\n"
      "BEGIN;\nDO $$ BEGIN CREATE ROLE " +
      role +
      " NOLOGIN NOINHERIT; EXCEPTION WHEN duplicate_object THEN NULL; END $$;\n"
      "SELECT format('GRANT CREATE ON DATABASE %I TO %I', current_database(), '" +
      place.workspace + "') \\gexec\n" + "GRANT USAGE ON SCHEMA " + schema + " TO " + role + ";\n" +
      "-- Nothing stays of what an earlier catalogue had.\nREVOKE ALL ON ALL TABLES IN SCHEMA " + schema +
      " FROM " + role + ";\n";
  for (const Table& table : catalogue.tables()) {
    std::string columns;
    for (const Column& column : table.columns) {
      if (!columns.empty()) columns += ", ";
      columns += identifier(column.name);
    }
    sql.append("GRANT SELECT (")
        .append(columns)
        .append(") ON ")
        .append(schema)
        .append(".")
        .append(identifier(table.name));
    sql.append(" TO ").append(role).append(";\n");
  }
  sql.append("-- The gate's role becomes it for work alone, and says so each time.\nALTER ROLE ")
      .append(identifier(gate));
  sql.append(" NOINHERIT;\nGRANT ")
      .append(role)
      .append(" TO ")
      .append(identifier(gate))
      .append(";\nCOMMIT;\n");
  return sql;
}

}  // namespace sceau::source
