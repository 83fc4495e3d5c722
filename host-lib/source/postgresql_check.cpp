// That the database lets the gate do no more than it must.
#include "copy_row.h"
#include "postgresql_plan.h"

namespace sceau::source {
namespace {

Error not_so(const std::string& what) { return {ErrorKind::invalid, "checking the source: " + what}; }

// Who may do more than read the catalogue's tables is no role for a gate: no attribute, none of PostgreSQL's
// own roles, and no right to any other relation.
Status check_role(PostgresqlSession& session, const std::string& schema, const Catalogue& catalogue,
                  const Deadline& deadline) {
  const std::string mend =
      ": give it a role of its own, made by CREATE ROLE … LOGIN, with GRANT SELECT on the catalogue's tables "
      "alone";
  auto role = session.ask(
      "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls OR EXISTS (SELECT "
      "FROM pg_roles p "
      "WHERE starts_with(p.rolname, 'pg_') AND p.rolname <> 'pg_database_owner' AND "
      "pg_has_role(current_user, p.oid, "
      "'MEMBER')) FROM pg_roles WHERE rolname = current_user",
      {}, deadline);
  if (!role) return role.error();
  if (PQntuples(role->get()) != 1 || std::string_view(PQgetvalue(role->get(), 0, 0)) != "f")
    return not_so("the gate's role may do more than read the catalogue's tables" + mend);
  auto rights = session.ask(
      "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE "
      "c.relkind IN ('r', "
      "'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND "
      "(has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE') OR has_table_privilege(c.oid, 'DELETE, "
      "TRUNCATE')) AND NOT (starts_with(n.nspname, 'sceau_work') AND pg_get_userbyid(c.relowner) = "
      "current_user)",
      {}, deadline);
  if (!rights) return rights.error();
  for (int i = 0; i < PQntuples(rights->get()); ++i) {
    const std::string in = PQgetvalue(rights->get(), i, 0);
    const std::string name = PQgetvalue(rights->get(), i, 1);
    const Table* known = catalogue.find(name);
    if (in == schema && known != nullptr && known->name == name) continue;
    return not_so(std::string("the gate's role has rights to ").append(in).append(".").append(name) +
                  ", which is not in the catalogue" + mend);
  }
  return {};
}

// A function or operator whose types fit better than the built-in one's would run in its place.
Status check_schema(PostgresqlSession& session, const std::string& schema, const Deadline& deadline) {
  auto code = session.ask(
      "SELECT EXISTS (SELECT FROM pg_proc WHERE pronamespace = n.oid) OR EXISTS (SELECT FROM pg_operator "
      "WHERE "
      "oprnamespace = n.oid) OR has_schema_privilege(n.oid, 'CREATE') FROM pg_namespace n WHERE nspname = $1",
      {schema}, deadline);
  if (!code) return code.error();
  if (PQntuples(code->get()) == 1 && std::string_view(PQgetvalue(code->get(), 0, 0)) == "f") return {};
  return not_so(
      "schema " + schema +
      " is missing, holds functions or operators, or lets the gate's role create some: keep the catalogue's "
      "tables in a schema of their own, and REVOKE CREATE on it");
}

Status check_table(PostgresqlSession& session, const std::string& schema, const Table& table,
                   const Deadline& deadline) {
  auto found = session.ask(
      "SELECT c.oid, c.relkind IN ('r', 'p') AND NOT c.relhasrules, has_table_privilege(c.oid, 'INSERT') OR "
      "has_table_privilege(c.oid, 'UPDATE') OR has_table_privilege(c.oid, 'DELETE') OR "
      "has_table_privilege(c.oid, "
      "'TRUNCATE') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND "
      "c.relname = $2",
      {schema, table.name}, deadline);
  if (!found) return found.error();
  const std::string name = schema + "." + table.name;
  if (PQntuples(found->get()) != 1 || std::string_view(PQgetvalue(found->get(), 0, 1)) != "t")
    return not_so("table " + name +
                  " of the catalogue is not a table of the database, spelt like that: correct the catalogue");
  if (std::string_view(PQgetvalue(found->get(), 0, 2)) != "f")
    return not_so("the gate's role may change " + name +
                  ": revoke INSERT, UPDATE, DELETE and TRUNCATE from it");
  for (const Column& column : table.columns) {
    auto seen = session.ask(
        "SELECT atttypid, attgenerated = '' AND has_column_privilege(attrelid, attnum, 'SELECT') FROM "
        "pg_attribute WHERE "
        "attrelid = $1::oid AND attname = $2 AND attnum > 0 AND NOT attisdropped",
        {PQgetvalue(found->get(), 0, 0), column.name}, deadline);
    if (!seen) return seen.error();
    const std::string full = name + "." + column.name;
    if (PQntuples(seen->get()) != 1)
      return not_so("column " + full + " of the catalogue is not in the database: correct the catalogue");
    if (std::string_view(PQgetvalue(seen->get(), 0, 1)) != "t")
      return not_so("column " + full +
                    " is computed from others, or the gate's role may not read it: leave it out of the "
                    "catalogue, or GRANT "
                    "SELECT on it");
    const auto type = static_cast<unsigned>(std::stoul(PQgetvalue(seen->get(), 0, 0)));
    const auto kind = cell_kind(type);
    if (!kind || (*kind == Cell::Kind::text) != (column.type == Type::text) ||
        (column.type == Type::integer && is_floating_point(type)))
      return not_so("column " + full + " is not " + std::string(to_string(column.type)) +
                    " in the database: correct its type in the catalogue");
  }
  return {};
}

// The role that logs in may become the workspace's and nobody else, by saying so alone.
Status check_memberships(PostgresqlSession& session, const std::string& workspace, const Deadline& deadline) {
  auto odd = session.ask(
      "SELECT EXISTS (SELECT FROM pg_roles r WHERE pg_has_role(session_user, r.oid, 'MEMBER') AND r.rolname "
      "NOT IN "
      "(session_user, $1)) OR has_database_privilege(session_user, current_database(), 'CREATE') OR NOT "
      "EXISTS "
      "(SELECT FROM pg_roles g, pg_roles w WHERE g.rolname = session_user AND NOT g.rolinherit AND w.rolname "
      "= $1 AND "
      "NOT w.rolcanlogin AND w.rolname <> session_user AND pg_has_role(session_user, w.oid, 'MEMBER')) OR "
      "EXISTS "
      "(SELECT FROM pg_roles r, pg_roles w WHERE w.rolname = $1 AND r.rolname <> $1 AND pg_has_role(w.oid, "
      "r.oid, "
      "'MEMBER'))",
      {workspace}, deadline);
  if (!odd) return odd.error();
  if (PQntuples(odd->get()) == 1 && std::string_view(PQgetvalue(odd->get(), 0, 0)) == "f") return {};
  return not_so(
      "the workspace's role \"" + workspace +
      "\" is missing, logs in, is a member of another, or the gate's role inherits from it, may make schemas "
      "itself or belongs to others: run what 'sceau source workspace' prints");
}

Status check_rights(PostgresqlSession& session, const std::string& schema, const Catalogue& catalogue,
                    const Deadline& deadline) {
  if (auto checked = check_schema(session, schema, deadline); !checked) return checked;
  for (const Table& table : catalogue.tables()) {
    if (auto checked = check_table(session, schema, table, deadline); !checked) return checked;
  }
  return check_role(session, schema, catalogue, deadline);
}

}  // namespace

Status check_database(const PostgresqlPlace& place, const Catalogue& catalogue) {
  const Deadline deadline{std::chrono::steady_clock::now() + std::chrono::minutes(1), {}};
  auto session = PostgresqlSession::open(place);
  if (!session) return session.error();
  if (auto begun = (*session)->begin({}); !begun) return begun;
  if (auto checked = check_rights(**session, place.schema, catalogue, deadline);
      !checked || place.workspace.empty())
    return checked;
  if (auto checked = check_memberships(**session, place.workspace, deadline); !checked) return checked;
  if (auto became = (*session)->become(place.workspace, deadline); !became) return became;
  if (auto checked = check_rights(**session, place.schema, catalogue, deadline); !checked)
    return Error{checked.error().kind, checked.error().message + " (as the workspace's role)"};
  return {};
}

}  // namespace sceau::source
