#include "sceau/source/ways_round.h"

#include <map>

#include "postgresql.h"

namespace sceau::source {
namespace {

using Grade = WayRound::Grade;

class Look {
 public:
  Look(PostgresqlSession& session, std::string schema, std::string gate, const Catalogue& catalogue)
      : session_(session), schema_(std::move(schema)), gate_(std::move(gate)) {
    for (const Table& table : catalogue.tables())
      tables_ += (tables_.empty() ? "{" : ",") + quoted(table.name);
    tables_ += tables_.empty() ? "{}" : "}";
  }

  Status run() {
    for (const auto step : {&Look::superusers, &Look::powers, &Look::grants, &Look::views, &Look::functions,
                            &Look::log, &Look::host_rules}) {
      if (auto looked = (this->*step)(); !looked) return looked;
    }
    return {};
  }

  std::vector<WayRound> found;

 private:
  // In an array's text.
  static std::string quoted(const std::string& name) {
    std::string out = "\"";
    for (const char c : name) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    return out + "\"";
  }

  // Columns of all rows, as text.
  Result<std::vector<std::vector<std::string>>> rows(const std::string& sql,
                                                     const std::vector<std::string>& values) {
    const Deadline deadline{std::chrono::steady_clock::now() + std::chrono::minutes(1), {}};
    auto answer = session_.ask(sql, values, deadline);
    if (!answer) return answer.error();
    std::vector<std::vector<std::string>> all;
    for (int r = 0; r < PQntuples(answer->get()); ++r) {
      auto& row = all.emplace_back();
      for (int c = 0; c < PQnfields(answer->get()); ++c) row.emplace_back(PQgetvalue(answer->get(), r, c));
    }
    return all;
  }

  void closed(const std::string& about, const std::string& text) {
    found.push_back({Grade::closed, about, text, {}});
  }

  Status superusers() {
    auto some = rows("SELECT rolname FROM pg_roles WHERE rolsuper AND rolcanlogin ORDER BY 1", {});
    if (!some) return some.error();
    for (const auto& row : *some) {
      found.push_back(
          {Grade::open_to_few, "superusers",
           "superuser " + row[0] +
               " reads everything without the gate, and no rule of PostgreSQL holds "
               "it back",
           "keep one superuser, without a password, let in by peer on the server alone, and give its use "
           "to two people"});
    }
    return {};
  }

  // Attributes and PostgreSQL's own roles that read without a grant.
  Status powers() {
    auto some = rows(
        "SELECT r.rolname, CASE WHEN r.rolreplication THEN 'replication' WHEN r.rolbypassrls THEN 'bypassing "
        "row "
        "security' WHEN r.rolcreaterole THEN 'making roles' ELSE p.rolname END FROM pg_roles r LEFT JOIN "
        "pg_roles p "
        "ON p.rolname IN ('pg_read_all_data', 'pg_write_all_data', 'pg_read_server_files', "
        "'pg_write_server_files', "
        "'pg_execute_server_program') AND pg_has_role(r.oid, p.oid, 'MEMBER') WHERE r.rolcanlogin AND NOT "
        "r.rolsuper "
        "AND (r.rolreplication OR r.rolbypassrls OR r.rolcreaterole OR p.oid IS NOT NULL) ORDER BY 1, 2",
        {});
    if (!some) return some.error();
    for (const auto& row : *some) {
      found.push_back(
          {Grade::open, "roles",
           "role " + row[0] + " may log in and has " + row[1] + ", with which it can reach the tables",
           "take it away: ALTER ROLE or REVOKE"});
    }
    if (some->empty()) closed("roles", "no role but superusers has an attribute that reads past grants");
    return {};
  }

  // By itself, as the owner, through PUBLIC, or by a role that it may become.
  Status grants() {
    auto some = rows(
        "SELECT r.rolname, string_agg(DISTINCT c.relname, ', ' ORDER BY c.relname), bool_or(c.relowner = "
        "r.oid) FROM "
        "pg_roles r CROSS JOIN pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 "
        "AND "
        "c.relname = ANY ($2::text[]) AND r.rolcanlogin AND NOT r.rolsuper AND r.rolname <> $3 AND EXISTS "
        "(SELECT FROM "
        "pg_roles g WHERE pg_has_role(r.oid, g.oid, 'MEMBER') AND NOT starts_with(g.rolname, 'pg_') AND "
        "(has_any_column_privilege(g.oid, c.oid, 'SELECT, INSERT, UPDATE') OR has_table_privilege(g.oid, "
        "c.oid, "
        "'DELETE, TRUNCATE, TRIGGER'))) GROUP BY r.rolname ORDER BY 1",
        {schema_, tables_, gate_});
    if (!some) return some.error();
    for (const auto& row : *some) {
      const bool owner = row[2] == "t";
      found.push_back(
          {Grade::open, "grants",
           "role " + row[0] + (owner ? ", the owner, may log in and" : " may") + " read or change " + row[1],
           owner ? "ALTER ROLE " + row[0] + " NOLOGIN, or give the tables to a role that cannot log in"
                 : "REVOKE ALL on them from it, and from the roles that it belongs to"});
    }
    if (some->empty())
      closed("grants", "of the roles that can log in, only " + gate_ + " may read the catalogue's tables");
    return {};
  }

  // A view, materialised or not, shows its owner's tables to whoever may read the view.
  Status views() {
    auto some = rows(
        "SELECT DISTINCT vn.nspname || '.' || v.relname, r.rolname FROM pg_depend d JOIN pg_rewrite w ON "
        "w.oid = "
        "d.objid JOIN pg_class v ON v.oid = w.ev_class JOIN pg_namespace vn ON vn.oid = v.relnamespace JOIN "
        "pg_class c "
        "ON c.oid = d.refobjid JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles r ON "
        "r.rolcanlogin AND NOT "
        "r.rolsuper AND has_any_column_privilege(r.oid, v.oid, 'SELECT') WHERE d.classid = "
        "'pg_rewrite'::regclass AND "
        "d.refclassid = 'pg_class'::regclass AND v.oid <> c.oid AND v.relkind IN ('v', 'm') AND n.nspname = "
        "$1 AND "
        "c.relname = ANY ($2::text[]) ORDER BY 1, 2",
        {schema_, tables_});
    if (!some) return some.error();
    for (const auto& row : *some) {
      found.push_back({Grade::open, "views", "view " + row[0] + " shows them to role " + row[1],
                       "drop it, or REVOKE SELECT on it"});
    }
    if (some->empty()) closed("views", "no view over them can be read by a role that can log in");
    return {};
  }

  // They read with the right of their owner; what they read, only their text says.
  Status functions() {
    auto some = rows(
        "SELECT n.nspname || '.' || p.proname, o.rolname FROM pg_proc p JOIN pg_namespace n ON n.oid = "
        "p.pronamespace "
        "JOIN pg_roles o ON o.oid = p.proowner WHERE p.prosecdef AND n.nspname NOT IN ('pg_catalog', "
        "'information_schema') AND (o.rolsuper OR EXISTS (SELECT FROM pg_class c JOIN pg_namespace s ON "
        "s.oid = "
        "c.relnamespace WHERE s.nspname = $1 AND c.relname = ANY ($2::text[]) AND "
        "has_any_column_privilege(o.oid, "
        "c.oid, 'SELECT'))) ORDER BY 1",
        {schema_, tables_});
    if (!some) return some.error();
    for (const auto& row : *some) {
      found.push_back(
          {Grade::open, "functions",
           "function " + row[0] + " runs with the rights of " + row[1] + ", who may read the tables",
           "make it SECURITY INVOKER, drop it, or REVOKE EXECUTE on it from PUBLIC"});
    }
    if (some->empty()) closed("functions", "no function lends its owner's right to read them");
    return {};
  }

  // What comparing PostgreSQL's own log with the ledger needs. Settings that the role may not see are
  // missing.
  Status log() {
    auto some = rows(
        "SELECT name, setting FROM pg_settings WHERE name IN ('log_statement', 'logging_collector', "
        "'log_destination', 'shared_preload_libraries', 'pgaudit.log')",
        {});
    if (!some) return some.error();
    std::map<std::string, std::string> is;
    for (const auto& row : *some) is[row[0]] = row[1];
    const auto has = [&](const char* name, const char* word) {
      return is[name].find(word) != std::string::npos;
    };
    const bool audits = has("shared_preload_libraries", "pgaudit") &&
                        (has("pgaudit.log", "read") || has("pgaudit.log", "all"));
    const bool kept = is["logging_collector"] == "on" &&
                      (has("log_destination", "csvlog") || has("log_destination", "jsonlog"));
    if (is["log_statement"] == "all" || audits) {
      closed("log",
             std::string("PostgreSQL logs who reads what: ") + (audits ? "pgaudit" : "log_statement = all"));
    } else {
      found.push_back({Grade::open, "log",
                       "PostgreSQL does not log what is read (log_statement = " + is["log_statement"] + ")",
                       "set log_statement = 'all', or load pgaudit with pgaudit.log = 'read'"});
    }
    if (!kept) {
      found.push_back({Grade::open_to_few, "log", "its log is not kept in a form that programs read",
                       "set logging_collector = on and log_destination = 'csvlog'"});
    }
    return {};
  }

  Status host_rules() {
    auto may = rows(
        "SELECT has_table_privilege('pg_hba_file_rules', 'SELECT') AND "
        "has_function_privilege('pg_hba_file_rules()', 'EXECUTE')",
        {});
    if (!may) return may.error();
    if (may->front()[0] != "t") {
      found.push_back({Grade::open_to_few, "pg_hba",
                       "who is let in was not looked at: this role may not see it",
                       "look again as a superuser, with --database"});
      return {};
    }
    auto some = rows(
        "SELECT line_number::text, type, array_to_string(database, ','), array_to_string(user_name, ','), "
        "coalesce(address, ''), auth_method, coalesce(error, '') FROM pg_hba_file_rules WHERE error IS NOT "
        "NULL OR "
        "database && ARRAY['all', current_database()::text] ORDER BY pg_hba_file_rules.line_number",
        {});
    if (!some) return some.error();
    for (const auto& row : *some) host_rule(row);
    return {};
  }

  void host_rule(const std::vector<std::string>& row) {
    const std::string where = "line " + row[0] + " of pg_hba.conf";
    const std::string rule =
        row[1] + " " + row[2] + " " + row[3] + (row[4].empty() ? "" : " " + row[4]) + " " + row[5];
    if (!row[6].empty()) {
      found.push_back({Grade::open, "pg_hba", where + " is wrong: " + row[6], "mend it, and reload"});
    } else if (row[5] == "reject") {
      return;
    } else if (row[5] == "trust") {
      found.push_back({Grade::open, "pg_hba", where + " lets people in without asking who they are: " + rule,
                       "write peer, scram-sha-256 or cert in the place of trust"});
    } else if ((row[5] == "password" || row[5] == "md5") && row[1] != "local") {
      found.push_back({Grade::open, "pg_hba", where + " takes passwords that can be read or guessed: " + rule,
                       "write scram-sha-256 or cert, on a line hostssl"});
    } else if (row[3] != gate_) {
      found.push_back({Grade::open_to_few, "pg_hba", where + " lets in others than the gate: " + rule,
                       "name the roles that must get in, and from where"});
    } else {
      closed("pg_hba", where + " lets the gate in: " + rule);
    }
  }

  PostgresqlSession& session_;
  std::string schema_, gate_;
  std::string tables_;
};

}  // namespace

Result<std::vector<WayRound>> ways_round(const PostgresqlPlace& place, const std::string& gate,
                                         const Catalogue& catalogue) {
  auto session = PostgresqlSession::open(place);
  if (!session) return session.error();
  if (auto begun = (*session)->begin({}); !begun) return begun.error();
  Look look(**session, place.schema, gate, catalogue);
  if (auto looked = look.run(); !looked) return looked.error();
  return std::move(look.found);
}

NamedPlace named_by(const PostgresqlPlace& place) {
  NamedPlace named;
  const Handle<PQconninfoOption, PQconninfoFree> options(PQconninfoParse(place.place.c_str(), nullptr));
  for (const PQconninfoOption* one = options.get(); one != nullptr && one->keyword != nullptr; ++one) {
    const std::string_view keyword = one->keyword;
    if (one->val == nullptr) continue;
    if (keyword == "user") named.role = one->val;
    if (keyword == "dbname") named.database = one->val;
  }
  return named;
}

Result<std::string> role_of(const PostgresqlPlace& place) {
  auto session = PostgresqlSession::open(place);
  if (!session) return session.error();
  if (auto begun = (*session)->begin({}); !begun) return begun.error();
  const Deadline deadline{std::chrono::steady_clock::now() + std::chrono::minutes(1), {}};
  auto answer = (*session)->ask("SELECT current_user", {}, deadline);
  if (!answer) return answer.error();
  return std::string(PQgetvalue(answer->get(), 0, 0));
}

}  // namespace sceau::source
