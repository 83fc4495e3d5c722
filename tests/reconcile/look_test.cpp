// What a statement could have read, told from its text.
#include "sceau/reconcile/look.h"

#include <CppUTest/TestHarness.h>

using namespace sceau;
using namespace sceau::reconcile;
using Reach = Look::Reach;

namespace {

const Protected& tables() {
  static const Protected made{"public", {"IR_BEN_R", "er_prs_f"}, {"calendar"}, "db"};
  return made;
}

Reach reach(const std::string& sql) { return look(sql, tables()).reach; }

void check_all(Reach expected, std::initializer_list<const char*> statements) {
  for (const char* sql : statements) {
    const Look found = look(sql, tables());
    if (found.reach != expected)
      FAIL((std::string(sql) + " reaches " + std::to_string(static_cast<int>(found.reach)) +
            (found.why.empty() ? "" : ": " + found.why.front()))
               .c_str());
  }
}

}  // namespace

TEST_GROUP(Look){};

TEST(Look, SeesEveryWayToReadATable) {
  check_all(Reach::reads, {"SELECT * FROM \"IR_BEN_R\"",
                           "TABLE er_prs_f",
                           "COPY public.\"IR_BEN_R\" (a, b) TO stdout;",
                           "COPY (SELECT 1 FROM er_prs_f) TO STDOUT",
                           "EXPLAIN SELECT a FROM public.er_prs_f",
                           "PREPARE q AS SELECT 1 FROM er_prs_f",
                           "DECLARE c CURSOR FOR SELECT 1 FROM er_prs_f",
                           "CREATE TABLE x AS SELECT * FROM er_prs_f",
                           "SELECT * INTO x FROM er_prs_f",
                           "INSERT INTO calendar SELECT a FROM er_prs_f",
                           "DELETE FROM er_prs_f WHERE a = 1",
                           "UPDATE calendar SET a = (SELECT max(a) FROM er_prs_f)",
                           "CREATE VIEW v AS SELECT * FROM er_prs_f",
                           "WITH c AS (SELECT * FROM er_prs_f) SELECT * FROM c",
                           "SELECT 1; SELECT 2 FROM er_prs_f",
                           "SELECT (SELECT count(*) FROM er_prs_f)",
                           "SELECT 1 WHERE EXISTS (SELECT FROM er_prs_f)",
                           "GRANT SELECT ON er_prs_f TO mallory",
                           "ALTER TABLE er_prs_f RENAME TO x",
                           "INSERT INTO er_prs_f VALUES (1) RETURNING *",
                           "MERGE INTO calendar USING er_prs_f ON true WHEN MATCHED THEN DO NOTHING",
                           "SELECT * FROM sceau_work_ab.t",
                           "SELECT most_common_vals FROM pg_stats",
                           "SELECT * FROM pg_catalog.pg_statistic",
                           "SELECT * FROM pg_toast.pg_toast_16384",
                           "SELECT * FROM ONLY er_prs_f TABLESAMPLE system (1)",
                           "SELECT * FROM a.b, LATERAL (SELECT * FROM er_prs_f) l"});
}

TEST(Look, NeverTakesWhatIsWrittenToForACommonTableExpression) {
  check_all(
      Reach::reads,
      {"WITH er_prs_f AS (SELECT 1) DELETE FROM er_prs_f RETURNING *",
       "WITH er_prs_f AS (SELECT 1) UPDATE er_prs_f SET a = a RETURNING *",
       "WITH er_prs_f AS (SELECT 1) INSERT INTO er_prs_f VALUES (1) RETURNING *",
       "WITH er_prs_f AS (SELECT 1) MERGE INTO er_prs_f USING calendar ON true WHEN MATCHED THEN DELETE",
       "WITH er_prs_f AS (SELECT 1), x AS (DELETE FROM er_prs_f RETURNING *) SELECT * FROM x"});
  check_all(Reach::nothing,
            {"WITH c AS (SELECT 1 AS a) DELETE FROM calendar USING c WHERE calendar.a = c.a"});
  check_all(Reach::touches, {"WITH er_prs_f AS (SELECT 1 AS a) INSERT INTO er_prs_f SELECT a FROM er_prs_f"});
}

TEST(Look, SeesWhoCopiesOrRenamesTheDatabase) {
  check_all(Reach::reads,
            {"CREATE DATABASE x TEMPLATE db", "CREATE DATABASE x WITH OWNER me TEMPLATE = \"db\""});
  check_all(Reach::unknown, {"ALTER DATABASE db RENAME TO x", "ALTER DATABASE x RENAME TO db"});
  check_all(Reach::nothing,
            {"CREATE DATABASE x", "CREATE DATABASE db TEMPLATE template0", "ALTER DATABASE x RENAME TO y"});
  const Protected any{"public", {}, {}, {}};
  CHECK(look("CREATE DATABASE x TEMPLATE y", any).reach == Reach::unknown);
  CHECK(look("CREATE DATABASE x", any).reach == Reach::nothing);
}

TEST(Look, DoesNotRelyOnWhereAConstantEnds) {
  check_all(Reach::unknown, {R"(SELECT '\', (SELECT max(a) FROM v), ' --')", R"(SELECT N'\' || 'x')"});
  check_all(Reach::nothing, {R"(SELECT E'it\'s', '\d+', $$\'$$)"});
}

TEST(Look, TakesWhatReadsNothingOfThemForHarmless) {
  check_all(
      Reach::nothing,
      {"SELECT 1", ";", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT 'x'",
       "SET LOCAL statement_timeout = 100", "SELECT relname FROM pg_class c JOIN pg_namespace n ON true",
       "SELECT pg_catalog.pg_get_userbyid(1), a OPERATOR(pg_catalog.=) b FROM pg_catalog.pg_proc",
       "SELECT pg_catalog.pg_export_snapshot()", "SELECT * FROM calendar", "SELECT * FROM public.calendar",
       "INSERT INTO sceau_work.committed (request) VALUES ($1)", "SHOW log_statement",
       "SELECT * FROM information_schema.tables", "WITH c AS (SELECT 1) SELECT * FROM c",
       "WITH RECURSIVE c AS (SELECT 1 UNION SELECT * FROM c) SELECT * FROM c FOR UPDATE OF c",
       "CREATE TABLE t (a int)", "LISTEN x", "SELECT pg_catalog.set_config('search_path', '', false)"});
  check_all(Reach::touches, {"COPY er_prs_f FROM STDIN", "INSERT INTO er_prs_f VALUES (1)", "VACUUM er_prs_f",
                             "CREATE INDEX ON er_prs_f (a)", "LOCK TABLE er_prs_f", "TRUNCATE er_prs_f"});
}

TEST(Look, NeverTakesWhatItDoesNotKnowForHarmless) {
  check_all(Reach::unknown, {"SELECT * FROM v",
                             "SELECT f()",
                             "SELECT evil.lower('x')",
                             "DO $$ BEGIN PERFORM 1; END $$",
                             "CALL p()",
                             "SELECT sel ect from",
                             "SELECT query_to_xml('SELECT 1', true, true, '')",
                             "SELECT pg_catalog.query_to_xml($1, true, true, '')",
                             "SELECT pg_read_file('base/1/2')",
                             "COPY t FROM PROGRAM 'cat x'",
                             "COPY calendar FROM '/etc/x'",
                             "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
                             "SELECT a OPERATOR(evil.+) b FROM calendar",
                             "SELECT set_config(name, '', false) FROM pg_settings",
                             "WITH v AS (SELECT * FROM v) SELECT * FROM v",
                             "SELECT * FROM other.\"IR_BEN_R\"",
                             "SELECT * FROM pg_class_of_mine",
                             "LOAD 'x'",
                             "SELECT dblink('dbname=x', 'SELECT 1')",
                             "SELECT lo_get(1)",
                             "IMPORT FOREIGN SCHEMA a FROM SERVER b INTO c",
                             "REFRESH MATERIALIZED VIEW v"});
  CHECK(reach(std::string("SELECT 1\0FROM x", 15)) == Reach::unknown);
  std::string deep = "SELECT 1";
  for (int i = 0; i < 20000; ++i) deep += "+1";
  CHECK(reach(deep) == Reach::unknown);
  CHECK(look_elsewhere("SELECT * FROM \"IR_BEN_R\", f()", "db").reach == Reach::nothing);
  CHECK(look_elsewhere("SELECT pg_read_file('x')", "db").reach == Reach::unknown);
}

TEST(Look, SeesWhoQuietsTheLog) {
  for (const char* sql :
       {"SET log_statement = none", "SET LOCAL log_statement TO 'ddl'", "RESET log_statement",
        "ALTER SYSTEM SET log_statement = 'none'", "ALTER ROLE bob SET log_statement = 'none'",
        "ALTER DATABASE d SET log_min_messages = panic", "ALTER SYSTEM RESET ALL",
        "SELECT set_config('log_statement', 'none', false)", "SELECT pg_reload_conf()",
        "UPDATE pg_settings SET setting = 'none' WHERE name = 'log_statement'", "SET pgaudit.log = 'none'",
        "ALTER SYSTEM SET log_directory = '/tmp'", "SET lc_messages = 'fr_FR.UTF-8'"})
    if (look(sql, tables()).quiets.empty()) FAIL(sql);
  for (const char* sql :
       {"SET log_statement = 'all'", "SET search_path = x", "SET log_duration = on", "RESET ALL"})
    if (!look(sql, tables()).quiets.empty()) FAIL(sql);
}

TEST(Look, ShowsNoConstantsUnlessAsked) {
  const std::string sql =
      "SELECT * /* Dupont */ FROM t WHERE a = '2 75 01' AND b IN (17, 1.5) -- x\n AND c = $$q$$";
  STRCMP_EQUAL("SELECT * FROM t WHERE a = $1 AND b IN ($2, $3) AND c = $4", shortened(sql, false).c_str());
  CHECK(shortened(sql, true).find("2 75 01") != std::string::npos);
  STRCMP_EQUAL("SELECT … (16 bytes)", shortened("SELECT 'Dupont x", false).c_str());
  STRCMP_EQUAL("SELECT a…", shortened("SELECT abc", false, 8).c_str());
}

TEST(Look, ReadsRelationsAsPgauditNamesThem) {
  CHECK(look_at_relation("public.\"IR_BEN_R\"", tables()).reach == Reach::reads);
  CHECK(look_at_relation("public.er_prs_f", tables()).reach == Reach::reads);
  CHECK(look_at_relation("pg_catalog.pg_class", tables()).reach == Reach::nothing);
}
