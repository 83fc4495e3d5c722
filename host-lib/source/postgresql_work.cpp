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

// A session inside a transaction, as the workspace's role, with the workspace locked.
Result<std::unique_ptr<PostgresqlSession>> enter(SessionPool& database, const std::string& schema,
                                                 const Deadline& deadline) {
  return database.take([&](PostgresqlSession& session) {
    return session.begin_work(database.place().workspace, schema, deadline);
  });
}

// Whether both schemas are there, the role's own, and nobody else's to use.
Result<bool> is_prepared(PostgresqlSession& session, const Workspace& place, const Deadline& deadline) {
  auto owned = session.ask(
      "SELECT count(*) FROM pg_namespace WHERE nspname IN ($1, $2) AND pg_get_userbyid(nspowner) = "
      "current_user AND nspacl IS NULL",
      {record_schema, place.schema}, deadline);
  if (!owned) return owned.error();
  return std::string_view(PQgetvalue(owned->get(), 0, 0)) == "2";
}

// Makes the schemas that are missing. One that is somebody else's is refused.
Status prepare(PostgresqlSession& session, const std::string& role, const Workspace& place,
               const Deadline& deadline) {
  if (auto begun = session.begin_work(role, record_schema, deadline); !begun) return begun;
  const std::string record = record_schema;
  for (const std::string& sql :
       {"CREATE SCHEMA IF NOT EXISTS " + record,
        "CREATE TABLE IF NOT EXISTS " + record + ".committed (request text)",
        "CREATE INDEX IF NOT EXISTS committed_request ON " + record + ".committed (request)",
        "CREATE SCHEMA IF NOT EXISTS " + identifier(place.schema)}) {
    if (auto made = session.ask(sql, {}, deadline); !made) return made.error().within("making the workspace");
  }
  auto prepared = is_prepared(session, place, deadline);
  if (!prepared) return prepared.error();
  if (!*prepared)
    return Error{
        ErrorKind::unavailable,
        "making the workspace: its schema is another role's, or others may use it: tell the administrator"};
  return session.commit();
}

Status run_step(PostgresqlSession& session, const PostgresqlPlace& database, const CheckedWork& step,
                const Workspace& place, const Deadline& deadline) {
  if (step.reads()) {
    const Touched touched{database.schema, step.tables(), place.schema, step.workspace()};
    if (auto agreed = agree(session, step.text(), touched, deadline); !agreed) return agreed;
  }
  auto ran = session.ask(step.text(), {}, deadline);
  return ran ? Status{} : ran.error();
}

}  // namespace

Status run_work(SessionPool& database, const std::vector<CheckedWork>& steps, const Workspace& place,
                const std::function<Status()>& permit, const Limits& limits) {
  const Deadline deadline{std::chrono::steady_clock::now() + limits.time, limits.stop};
  const std::string& role = database.place().workspace;
  if (role.empty()) return no_workspace();
  auto taken = enter(database, place.schema, deadline);
  if (!taken) return taken.error();
  const PooledSession session(database, std::move(*taken));
  auto prepared = is_prepared(*session, place, deadline);
  if (!prepared) return prepared.error();
  if (!*prepared) {
    if (auto ended = session->commit(); !ended) return ended;
    if (auto made = prepare(*session, role, place, deadline); !made) return made;
    if (auto begun = session->begin_work(role, place.schema, deadline); !begun) return begun;
  }
  for (const CheckedWork& step : steps) {
    if (auto ran = run_step(*session, database.place(), step, place, deadline); !ran) {
      return Error{ran.error().kind, "statement " + std::to_string(step.number()) + " of the script: " +
                                         ran.error().message + "; nothing of the script was kept"};
    }
  }
  auto noted =
      session->ask("INSERT INTO sceau_work.committed (request) VALUES ($1)", {place.request}, deadline);
  if (!noted) return noted.error();
  if (auto permitted = permit(); !permitted) return permitted;
  return session->commit();
}

Result<bool> is_committed(SessionPool& database, const Workspace& place) {
  const Deadline deadline{std::chrono::steady_clock::now() + std::chrono::seconds(20), {}};
  if (database.place().workspace.empty()) return no_workspace();
  auto taken = enter(database, place.schema, deadline);
  if (!taken) return taken.error();
  const PooledSession session(database, std::move(*taken));
  auto known = session->ask("SELECT to_regclass('sceau_work.committed') IS NOT NULL", {}, deadline);
  if (!known) return known.error();
  if (std::string_view(PQgetvalue(known->get(), 0, 0)) != "t") return false;
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
