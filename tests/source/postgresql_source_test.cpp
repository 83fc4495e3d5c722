// Under tests/with_postgresql: the source on a real server. Without one the test says so and does nothing.
#include <CppUTest/TestHarness.h>

#include <thread>

#include "postgresql_tables.h"
#include "sceau/source/query.h"

using namespace sceau;
using namespace sceau::source;
using test::administrate;

namespace {

constexpr const char* text_of_catalogue = R"(format = 1
[tables.T]
person = "K"
[tables.T.columns]
K = { type = "text", label = "person_key" }
A = { type = "integer", label = "measure" }
B = { type = "text", label = "measure" }
R = { type = "real", label = "measure" }
D = { type = "text", label = "measure" }
)";

}  // namespace

TEST_GROUP(PostgresqlSource) {
  Catalogue catalogue = *Catalogue::from_toml(text_of_catalogue);

  void setup() override {
    administrate(
        "DROP SCHEMA IF EXISTS s CASCADE; CREATE SCHEMA s; DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles "
        "WHERE rolname "
        "= 'gate') THEN CREATE ROLE gate LOGIN; END IF; END $$; ALTER ROLE gate NOCREATEDB; CREATE TABLE "
        "s.\"T\" (\"K\" "
        "text, \"A\" bigint, \"B\" text, \"R\" double precision, \"D\" date); INSERT INTO s.\"T\" SELECT "
        "'secret' || i, i, "
        "'b', i / 2.0, DATE '2021-12-31' + i FROM generate_series(1, 500) AS i; GRANT USAGE ON SCHEMA s TO "
        "gate; GRANT "
        "SELECT ON s.\"T\" TO gate");
  }
  std::unique_ptr<Source> open() const {
    auto source = open_postgresql(test::place_of("s"));
    CHECK_TEXT(source.ok(), source ? "" : source.error().message.c_str());
    return std::move(*source);
  }
  CheckedSql checked(const std::string& sql) const {
    auto read = read_select(sql, catalogue);
    CHECK_TEXT(read.ok(), read ? "" : read.error().message.c_str());
    auto printed = print(*read, catalogue, Engine::postgresql);
    CHECK_TEXT(printed.ok(), printed ? "" : printed.error().message.c_str());
    return *printed;
  }
  // Runs to the end: the rows as text, or the error.
  Result<std::string> all(const std::string& sql, const Limits& limits = {}) const {
    auto snapshot = open()->snapshot(limits);
    if (!snapshot) return snapshot.error();
    auto rows = (*snapshot)->run(checked(sql));
    if (!rows) return rows.error();
    std::string text;
    while (true) {
      auto more = (*rows)->next();
      if (!more) return more.error();
      if (!*more) return text;
      for (const Cell& cell : (*rows)->cells()) text += text_of(cell) + "|";
    }
  }
  static std::string text_of(const Cell& cell) {
    switch (cell.kind) {
      case Cell::Kind::null:
        return "NULL";
      case Cell::Kind::integer:
        return std::to_string(cell.integer);
      case Cell::Kind::real:
        return std::to_string(cell.real);
      default:
        return std::string(cell.text);
    }
  }
  void gives(const char* expected, const std::string& sql) const {
    auto got = all(sql);
    STRCMP_EQUAL(expected, got ? got->c_str() : got.error().message.c_str());
  }
  void refused(const std::string& sql, const char* why) const {
    auto got = all(sql);
    CHECK_FALSE(got.ok());
    STRCMP_CONTAINS(why, got.error().message.c_str());
    CHECK(got.error().message.find("secret") == std::string::npos);
  }
  std::string check() const {
    auto checked = open()->check(catalogue);
    return checked ? "" : checked.error().message;
  }
};

TEST(PostgresqlSource, GivesRowsAsTypedCells) {
  gives("3|b|1.500000|2022-01-03|NULL|", "SELECT A, B, R, D, NULL FROM T WHERE A = 3");
}

TEST(PostgresqlSource, TextsComeAsTheyAre) {
  administrate("UPDATE s.\"T\" SET \"B\" = E'a\\tb\\\\c\\nd\\re\\\\N|' WHERE \"A\" = 1");
  gives("a\tb\\c\nd\re\\N||", "SELECT B FROM T WHERE A = 1");
  administrate("UPDATE s.\"T\" SET \"B\" = '\\N' WHERE \"A\" = 1");
  gives("\\N|1|", "SELECT B, A FROM T WHERE A = 1");
}

// What fails for a value would tell the value.
TEST(PostgresqlSource, NoValueMakesAStatementFail) {
  administrate(
      "UPDATE s.\"T\" SET \"A\" = 9223372036854775807, \"B\" = 'no number', \"R\" = 1e308 WHERE \"A\" = 1; "
      "UPDATE s.\"T\" "
      "SET \"A\" = -9223372036854775808, \"B\" = '-12.5e3 ', \"R\" = 'NaN' WHERE \"A\" = 2; UPDATE s.\"T\" "
      "SET \"A\" = "
      "NULL, \"B\" = NULL, \"R\" = '-Infinity', \"D\" = NULL WHERE \"A\" = 3");
  for (const char* sql :
       {"SELECT A * A * A, A + A, -A, A / 0, A % 0, A / (A - A), abs(A) FROM T",
        "SELECT R * R * R, R / 0, R / (R - R), -R, abs(R), round(R, 2), floor(R), ceil(R) FROM T",
        "SELECT sum(A * A), avg(A), sum(R), avg(R * R), sum(A + R), count(DISTINCT B) FROM T",
        "SELECT CAST(B AS integer), CAST(B AS real), CAST(A AS text), CAST(R AS text), CAST(R AS integer) "
        "FROM T",
        "SELECT EXTRACT(YEAR FROM D), strftime('%m/%d', B), substr(D, 1, 4), length(B), upper(B) || D FROM T",
        "SELECT coalesce(D, B, 'x'), nullif(A, 5), CASE WHEN A > 3 THEN D ELSE B END FROM T",
        "SELECT count(*) / 1e-300, sum(CASE WHEN A > 3 THEN 1e300 ELSE 0 END) * 1e300, count(*) * 1e-300 / "
        "1e300 FROM T",
        "SELECT A FROM T WHERE R < (CASE WHEN A = 3 THEN 1 ELSE 0 END) / 1e-300 / 1e-300 OR R BETWEEN A * A "
        "AND 1e300 * R",
        "SELECT R / x / x / x / x / x / x / x / x / x FROM (SELECT R, y * y * y * y AS x FROM (SELECT R, "
        "1e-300 * 1e-300 * "
        "1e-300 * 1e-300 * 1e-300 * 1e-300 * 1e-300 AS y FROM T) q) q",
        "SELECT avg(v), sum(v), max(v) FROM (SELECT CASE WHEN A > 5 THEN 1e200 ELSE R END AS v FROM T) q",
        "SELECT A * 1e300 FROM T UNION ALL SELECT R FROM T",
        "SELECT A FROM T WHERE R IN (SELECT A * 1e300 * 1e10 FROM T)",
        "SELECT y * y FROM (SELECT x * x AS y FROM (SELECT R * R AS x FROM T) q) q"}) {
    auto got = all(sql);
    if (!got) FAIL((std::string(sql) + ": " + got.error().message).c_str());
  }
  gives("0|-12|NULL|",
        "SELECT CAST(B AS integer) FROM T WHERE B LIKE 'no%' OR B LIKE '-%' OR B IS NULL ORDER BY A DESC "
        "NULLS LAST");
}

TEST(PostgresqlSource, AgreesWithTheCatalogueOrSaysWhatIsMissing) {
  STRCMP_EQUAL("", check().c_str());
  administrate("ALTER TABLE s.\"T\" RENAME COLUMN \"B\" TO \"C\"");
  STRCMP_CONTAINS("s.T.B", check().c_str());
  administrate(
      "ALTER TABLE s.\"T\" RENAME COLUMN \"C\" TO \"B\"; ALTER TABLE s.\"T\" ALTER \"B\" TYPE integer USING "
      "1");
  STRCMP_CONTAINS("is not text", check().c_str());
  administrate("ALTER TABLE s.\"T\" ALTER \"B\" TYPE text; GRANT DELETE ON s.\"T\" TO gate");
  STRCMP_CONTAINS("may change s.T", check().c_str());
  administrate(
      "REVOKE DELETE ON s.\"T\" FROM gate; REVOKE SELECT ON s.\"T\" FROM gate; GRANT SELECT (\"K\", \"A\") "
      "ON "
      "s.\"T\" TO gate");
  STRCMP_CONTAINS("may not read it", check().c_str());
  refused("SELECT B FROM T", "grants the gate's role SELECT");
  administrate(
      "GRANT SELECT ON s.\"T\" TO gate; CREATE TABLE s.other (a int); GRANT INSERT ON s.other TO gate");
  STRCMP_CONTAINS("rights to s.other", check().c_str());
  administrate("DROP TABLE s.other; CREATE FUNCTION s.sum(bigint) RETURNS bigint LANGUAGE sql AS 'SELECT 1'");
  STRCMP_CONTAINS("functions or operators", check().c_str());
  administrate("DROP FUNCTION s.sum(bigint); GRANT CREATE ON SCHEMA s TO gate");
  STRCMP_CONTAINS("REVOKE CREATE", check().c_str());
  administrate("REVOKE CREATE ON SCHEMA s FROM gate; ALTER ROLE gate CREATEDB");
  STRCMP_CONTAINS("role may do more", check().c_str());
}

TEST(PostgresqlSource, AViewInATablesPlaceIsRefusedByBothBarriers) {
  administrate(
      "ALTER TABLE s.\"T\" RENAME TO hidden; CREATE VIEW s.\"T\" AS SELECT \"K\", \"A\", \"K\" AS \"B\", "
      "\"R\", \"D\" FROM "
      "s.hidden; GRANT SELECT ON s.\"T\" TO gate");
  STRCMP_CONTAINS("not a table", check().c_str());
  refused("SELECT B FROM T", "would read s.hidden");
}

TEST(PostgresqlSource, NothingInAnotherSchemaStandsInFront) {
  administrate(
      "CREATE FUNCTION s.upper(text) RETURNS text LANGUAGE sql AS 'SELECT ''wrong'''; CREATE TABLE "
      "public.\"T\" (LIKE "
      "s.\"T\"); GRANT SELECT ON public.\"T\" TO gate");
  gives("B|", "SELECT upper(B) FROM T WHERE A = 1");
  administrate("DROP TABLE public.\"T\"");
}

TEST(PostgresqlSource, PartitionsBelongToTheirTable) {
  administrate(
      "DROP TABLE s.\"T\"; CREATE TABLE s.\"T\" (\"K\" text, \"A\" bigint, \"B\" text, \"R\" double "
      "precision, \"D\" date) "
      "PARTITION BY RANGE (\"D\"); CREATE TABLE s.t_2022 PARTITION OF s.\"T\" FOR VALUES FROM ('2022-01-01') "
      "TO "
      "('2023-01-01'); INSERT INTO s.\"T\" VALUES ('k', 1, 'b', 1, '2022-05-05'); GRANT SELECT ON s.\"T\" TO "
      "gate");
  STRCMP_EQUAL("", check().c_str());
  gives("1|", "SELECT A FROM T WHERE D >= '2022-01-01'");
}

TEST(PostgresqlSource, TimeEndsAStatementThatRunsTooLong) {
  Limits limits;
  limits.time = std::chrono::milliseconds(300);
  auto result = all("SELECT count(*) FROM T a, T b, T c, T d", limits);
  CHECK_FALSE(result.ok());
  CHECK(result.error().kind == ErrorKind::refused);
  STRCMP_CONTAINS("longer than policy allows", result.error().message.c_str());
}

TEST(PostgresqlSource, AStopEndsARunningStatement) {
  std::stop_source stop;
  Limits limits;
  limits.stop = stop.get_token();
  auto snapshot = open()->snapshot(limits);
  std::jthread stopper([&] { stop.request_stop(); });
  auto rows = (*snapshot)->run(checked("SELECT count(*) FROM T a, T b, T c, T d"));
  CHECK(rows.error().kind == ErrorKind::unavailable);
}

TEST(PostgresqlSource, AStopEndsAStreamThatNobodyReads) {
  std::stop_source stop;
  Limits limits;
  limits.stop = stop.get_token();
  auto snapshot = open()->snapshot(limits);
  auto rows = (*snapshot)->run(checked("SELECT a.A FROM T a, T b, T c, T d"));
  CHECK(*(*rows)->next());
  stop.request_stop();
  auto more = (*rows)->next();
  while (more && *more) more = (*rows)->next();
  CHECK(more.error().kind == ErrorKind::unavailable);
}

TEST(PostgresqlSource, BinaryDataCannotLeave) {
  administrate("ALTER TABLE s.\"T\" ALTER \"B\" TYPE bytea USING '\\x00ff'");
  STRCMP_CONTAINS("is not text", check().c_str());
  refused("SELECT B FROM T", "binary");
}

// Its sums could fail for a value.
TEST(PostgresqlSource, ADoubleIsNoWholeNumber) {
  administrate("ALTER TABLE s.\"T\" ALTER \"A\" TYPE numeric(12, 0)");
  STRCMP_EQUAL("", check().c_str());
  administrate("ALTER TABLE s.\"T\" ALTER \"A\" TYPE double precision");
  STRCMP_CONTAINS("is not integer", check().c_str());
}

TEST(PostgresqlSource, TwoStatementsSeeTheSameDataWhileOthersWrite) {
  auto snapshot = open()->snapshot({});
  auto first = (*snapshot)->run(checked("SELECT A FROM T"));
  CHECK(*(*first)->next());
  administrate("DELETE FROM s.\"T\"");
  auto second = (*snapshot)->run(checked("SELECT count(*) FROM T"));
  CHECK(*(*second)->next());
  CHECK_EQUAL(500, (*second)->cells()[0].integer);
  int rest = 0;
  while (*(*first)->next()) ++rest;
  CHECK_EQUAL(499, rest);
}

TEST(PostgresqlSource, AServerThatGoesMidStreamIsSaidAndTheNextStatementWorks) {
  auto source = open();
  auto snapshot = source->snapshot({});
  auto rows = (*snapshot)->run(checked("SELECT a.A, b.B FROM T a, T b, T c"));
  CHECK(*(*rows)->next());
  administrate(
      "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'sceaud'");
  auto more = (*rows)->next();
  while (more && *more) more = (*rows)->next();
  CHECK_FALSE(more.ok());
  CHECK(more.error().kind == ErrorKind::unavailable);
  CHECK(source->snapshot({}).ok());
}

// Sessions are kept between snapshots, whose data is none of the next one's, and who ends them is not
// noticed.
TEST(PostgresqlSource, AKeptSessionSeesNewDataAndIsReplacedWhenItIsGone) {
  const auto source = open();
  const auto count = [&] {
    auto snapshot = source->snapshot({});
    CHECK(snapshot.ok());
    auto rows = (*snapshot)->run(checked("SELECT count(*) AS n FROM T"));
    CHECK(rows.ok());
    CHECK(*(*rows)->next());
    const auto counted = (*rows)->cells()[0].integer;
    CHECK_FALSE(*(*rows)->next());  // to the end: only then is the session of use
    return counted;
  };
  CHECK_EQUAL(500, count());
  administrate("INSERT INTO s.\"T\" SELECT * FROM s.\"T\" LIMIT 1");
  CHECK_EQUAL(501, count());
  administrate(
      "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'sceaud'");
  CHECK_EQUAL(501, count());
}

TEST(PostgresqlSource, PlacesWithoutAServerOrWithAPasswordAreSaid) {
  auto nobody = (*open_postgresql({"host=/nowhere user=gate", "s"}))->snapshot({});
  CHECK(nobody.error().kind == ErrorKind::unavailable);
  STRCMP_CONTAINS("does not let the gate in", nobody.error().message.c_str());
  auto secret = open_postgresql({"host=/nowhere password=hunter2", "s"});
  CHECK(secret.error().kind == ErrorKind::invalid);
  STRCMP_CONTAINS("passfile", secret.error().message.c_str());
  CHECK(secret.error().message.find("hunter2") == std::string::npos);
  auto mistyped = open_postgresql({"host=/nowhere password=hunter2 sslmode", "s"});
  CHECK(mistyped.error().kind == ErrorKind::invalid);
  CHECK(mistyped.error().message.find("hunter2") == std::string::npos);
}

TEST(PostgresqlSource, SaysHowManyRowsItExpectsWithoutRunning) {
  administrate("ANALYZE s.\"T\"");
  auto snapshot = open()->snapshot({});
  CHECK_EQUAL(500U, (*snapshot)->expected_rows(checked("SELECT A FROM T"), 9).value().value().rows);
  CHECK((*snapshot)->expected_rows(checked("SELECT a.A FROM T a, T b, T c, T d"), 9).value().value().rows >
        1000000000U);
  CHECK((*snapshot)->run(checked("SELECT A FROM T")).ok());
}

TEST(PostgresqlSource, AStatementForTheOtherEngineDoesNotRun) {
  auto read = read_select("SELECT A FROM T", catalogue);
  auto snapshot = open()->snapshot({});
  CHECK((*snapshot)->run(*print(*read, catalogue, Engine::sqlite)).error().kind == ErrorKind::internal);
}

TEST(PostgresqlSource, TheWorkspacesRoleMayDoWhatItsSqlGrantsAndNoMore) {
  const PostgresqlPlace place{test::postgresql() + " user=worker", "s", "workspaces"};
  const auto checked = [&] {
    const auto source = open_postgresql(place);
    const auto status = (*source)->check(catalogue);
    return status ? std::string() : status.error().message;
  };
  std::string sql = workspace_sql(place, "worker", catalogue);
  // psql's own word for: run what this gives.
  const std::string database =
      "SELECT format('GRANT CREATE ON DATABASE %I TO %I', current_database(), 'workspaces') \\gexec";
  sql.replace(sql.find(database), database.size(), "GRANT CREATE ON DATABASE postgres TO workspaces;");
  administrate(
      "DROP ROLE IF EXISTS worker; CREATE ROLE worker LOGIN; GRANT USAGE ON SCHEMA s TO worker; GRANT SELECT "
      "ON s.\"T\" TO worker");
  STRCMP_CONTAINS("the workspace's role \"workspaces\" is missing", checked().c_str());
  administrate(sql);
  STRCMP_EQUAL("", checked().c_str());
  administrate("CREATE TABLE s.gone (a int); GRANT SELECT (a) ON s.gone TO workspaces");
  STRCMP_CONTAINS("rights to s.gone", checked().c_str());
  administrate(sql);  // again, for a new catalogue
  STRCMP_EQUAL("", checked().c_str());
  administrate("DROP TABLE s.gone");
  administrate("GRANT INSERT ON s.\"T\" TO workspaces");
  STRCMP_CONTAINS("may change s.T", checked().c_str());
  administrate(
      "REVOKE INSERT ON s.\"T\" FROM workspaces; CREATE TABLE s.other (a int); GRANT SELECT ON s.other TO "
      "workspaces");
  STRCMP_CONTAINS("rights to s.other", checked().c_str());
  administrate("DROP TABLE s.other; ALTER ROLE worker INHERIT");
  STRCMP_CONTAINS("inherits from it", checked().c_str());
  administrate("ALTER ROLE worker NOINHERIT; CREATE ROLE third; GRANT third TO worker");
  STRCMP_CONTAINS("belongs to others", checked().c_str());
  administrate("DROP ROLE third; ALTER ROLE workspaces LOGIN");
  STRCMP_CONTAINS("logs in", checked().c_str());
  administrate("ALTER ROLE workspaces NOLOGIN CREATEROLE");
  STRCMP_CONTAINS("may do more", checked().c_str());
  administrate("DROP OWNED BY workspaces, worker; DROP ROLE workspaces, worker");
}

TEST(PostgresqlSource, ParametersAreBoundAndNeverText) {
  const auto found = [this](const std::string& sql, const std::vector<std::string>& values) -> std::string {
    auto statement = *print(*read_select(sql, catalogue, values.size()), catalogue, Engine::postgresql);
    CHECK(statement.bind(values).ok());
    auto snapshot = *open()->snapshot({});
    auto rows = snapshot->run(statement);
    if (!rows) return rows.error().message;
    std::string text;
    while (*(*rows)->next()) {
      for (const Cell& cell : (*rows)->cells()) text += text_of(cell) + "|";
    }
    return text;
  };
  administrate("INSERT INTO s.\"T\" VALUES (E'a\\\\b\\tc', 7000, NULL, NULL, NULL)");
  STRCMP_EQUAL("77|38.500000|", found("SELECT A, R FROM T WHERE K = $1", {"secret77"}).c_str());
  STRCMP_EQUAL("77|78|",
               found("SELECT A FROM T WHERE K IN ($2, $1) ORDER BY A", {"secret77", "secret78"}).c_str());
  STRCMP_EQUAL("", found("SELECT A FROM T WHERE K = $1", {"x' OR 'x' = 'x"}).c_str());
  STRCMP_EQUAL("a\\b\tc|NULL|", found("SELECT K, B FROM T WHERE A = $1", {"7000"}).c_str());
  STRCMP_EQUAL("2|", found("SELECT A FROM T WHERE D = $1", {"2022-01-02"}).c_str());
  STRCMP_EQUAL("", found("SELECT A FROM T WHERE D = $1", {"no date, and no failure"}).c_str());
  STRCMP_EQUAL("3|", found("SELECT A FROM T WHERE R = $1", {"1.5"}).c_str());
  STRCMP_EQUAL("", found("SELECT A FROM T WHERE A = $1", {"-9223372036854775808"}).c_str());
}

TEST(PostgresqlSource, AServerThatLogsValuesGetsNone) {
  auto statement =
      *print(*read_select("SELECT A FROM T WHERE K = $1", catalogue, 1), catalogue, Engine::postgresql);
  CHECK(statement.bind({"secret77"}).ok());
  administrate("ALTER ROLE gate SET log_statement = 'all'");
  const auto refused = (*open()->snapshot({}))->run(statement);
  administrate("ALTER ROLE gate SET log_parameter_max_length = 0");
  const bool quiet = (*open()->snapshot({}))->run(statement).ok();
  administrate("ALTER ROLE gate RESET ALL");
  CHECK_FALSE(refused.ok());
  CHECK(refused.error().message.find("log_parameter_max_length") != std::string::npos);
  CHECK(quiet);
}
