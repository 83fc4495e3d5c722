#include <CppUTest/TestHarness.h>
#include <sqlite3.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "sceau/source/query.h"
#include "sceau/source/source.h"

using namespace sceau;
using namespace sceau::source;

namespace {

constexpr const char* text_of_catalogue = R"(format = 1
[tables.T]
person = "K"
[tables.T.columns]
K = { type = "text", label = "person_key" }
A = { type = "integer", label = "measure" }
B = { type = "text", label = "measure" }
)";

}  // namespace

TEST_GROUP(SqliteSource) {
  std::filesystem::path folder;
  Catalogue catalogue = *Catalogue::from_toml(text_of_catalogue);

  void setup() override {
    std::string pattern = std::filesystem::temp_directory_path() / "sceau-source-XXXXXX";
    CHECK(mkdtemp(pattern.data()) != nullptr);
    folder = pattern;
    make("CREATE TABLE T (K TEXT, A INTEGER, B TEXT)");
    make(
        "INSERT INTO T WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) "
        "SELECT 'secret' || i, i, 'b' FROM n");
  }
  void teardown() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }
  std::filesystem::path file() const { return folder / "t.db"; }
  void make(const std::string& sql) const {
    sqlite3* db = nullptr;
    CHECK_EQUAL(SQLITE_OK, sqlite3_open(file().c_str(), &db));
    CHECK_EQUAL(SQLITE_OK, sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr));
    sqlite3_close_v2(db);
  }
  CheckedSql checked(const std::string& sql) const {
    auto read = read_select(sql, catalogue);
    CHECK(read.ok());
    auto printed = print(*read, catalogue, Engine::sqlite);
    CHECK(printed.ok());
    return *printed;
  }
  // Runs to the end: the number of rows, or the error.
  Result<int> count(const std::string& sql, const Limits& limits = {}) const {
    auto source = open_sqlite(file());
    if (!source) return source.error();
    auto snapshot = (*source)->snapshot(limits);
    if (!snapshot) return snapshot.error();
    auto rows = (*snapshot)->run(checked(sql));
    if (!rows) return rows.error();
    for (int n = 0;; ++n) {
      auto more = (*rows)->next();
      if (!more) return more.error();
      if (!*more) return n;
    }
  }
};

TEST(SqliteSource, GivesRowsAsTypedCells) {
  auto source = open_sqlite(file());
  auto snapshot = (*source)->snapshot({});
  auto rows = (*snapshot)->run(checked("SELECT A, B, A / 2.0, NULL FROM T WHERE A = 3"));
  CHECK(*(*rows)->next());
  const auto cells = (*rows)->cells();
  CHECK_EQUAL(4U, cells.size());
  CHECK_EQUAL(3, cells[0].integer);
  CHECK_EQUAL(std::string("b"), std::string(cells[1].text));
  DOUBLES_EQUAL(1.5, cells[2].real, 0);
  CHECK(cells[3].kind == Cell::Kind::null);
  CHECK_FALSE(*(*rows)->next());
}

TEST(SqliteSource, AgreesWithTheCatalogueOrSaysWhatIsMissing) {
  auto source = open_sqlite(file());
  CHECK((*source)->check(catalogue).ok());
  auto other =
      Catalogue::from_toml(std::string(text_of_catalogue) + "D = { type = \"text\", label = \"measure\" }\n");
  auto checked_other = (*source)->check(*other);
  STRCMP_CONTAINS("T.D", checked_other.error().message.c_str());
}

TEST(SqliteSource, AViewInATablesPlaceIsRefusedByBothBarriers) {
  make("ALTER TABLE T RENAME TO HIDDEN; CREATE VIEW T AS SELECT K, A, K AS B FROM HIDDEN");
  auto source = open_sqlite(file());
  CHECK_FALSE((*source)->check(catalogue).ok());
  CHECK_FALSE(count("SELECT B FROM T").ok());
}

TEST(SqliteSource, AColumnComputedFromAnotherIsRefused) {
  make("DROP TABLE T; CREATE TABLE T (K TEXT, A INTEGER, B TEXT GENERATED ALWAYS AS (lower(K)) VIRTUAL)");
  auto source = open_sqlite(file());
  auto computed = (*source)->check(catalogue);
  CHECK_FALSE(computed.ok());
  STRCMP_CONTAINS("computed", computed.error().message.c_str());
}

TEST(SqliteSource, ColumnNamesThatAreNotThereAreNoTexts) {
  make("DROP TABLE T; CREATE TABLE T (K TEXT, A INTEGER)");
  CHECK_FALSE(count("SELECT B FROM T").ok());
}

TEST(SqliteSource, TimeEndsAStatementThatRunsTooLong) {
  Limits limits;
  limits.time = std::chrono::milliseconds(50);
  auto result = count("SELECT count(*) FROM T a, T b, T c, T d", limits);
  CHECK_FALSE(result.ok());
  CHECK(result.error().kind == ErrorKind::refused);
  STRCMP_CONTAINS("longer than policy allows", result.error().message.c_str());
}

TEST(SqliteSource, SaysHowManyRowsAStatementWouldGive) {
  auto source = open_sqlite(file());
  auto snapshot = (*source)->snapshot({});
  const ExpectedRows all =
      (*snapshot)->expected_rows(checked("SELECT A FROM T WHERE A > 100"), 401).value().value();
  CHECK_EQUAL(400U, all.rows);
  CHECK_FALSE(all.or_more);
  const ExpectedRows many =
      (*snapshot)->expected_rows(checked("SELECT a.A FROM T a, T b, T c, T d"), 11).value().value();
  CHECK_EQUAL(11U, many.rows);
  CHECK(many.or_more);
  CHECK((*snapshot)->run(checked("SELECT A FROM T")).ok());
}

TEST(SqliteSource, SaysNoRowsWhereCountingWouldTakeTooLong) {
  Limits limits;
  limits.time = std::chrono::milliseconds(50);
  auto source = open_sqlite(file());
  auto snapshot = (*source)->snapshot(limits);
  const auto unknown = (*snapshot)->expected_rows(checked("SELECT count(*) FROM T a, T b, T c, T d"), 11);
  CHECK_FALSE(unknown.value().has_value());
  CHECK_FALSE((*snapshot)->run(checked("SELECT count(*) FROM T a, T b, T c, T d")).value()->next().ok());
}

TEST(SqliteSource, AStopEndsARunningStatement) {
  std::stop_source stop;
  Limits limits;
  limits.stop = stop.get_token();
  std::jthread stopper([&] { stop.request_stop(); });
  auto result = count("SELECT count(*) FROM T a, T b, T c, T d", limits);
  CHECK_FALSE(result.ok());
  CHECK(result.error().kind == ErrorKind::unavailable);
}

TEST(SqliteSource, BinaryDataCannotLeave) {
  make("INSERT INTO T VALUES ('k', 0, x'00FF')");
  auto result = count("SELECT B FROM T");
  CHECK_FALSE(result.ok());
  STRCMP_CONTAINS("binary", result.error().message.c_str());
}

TEST(SqliteSource, ErrorsHoldNoData) {
  make(
      "INSERT INTO T VALUES ('secretkey', 9223372036854775807, 'b'), ('secretkey', 9223372036854775807, "
      "'b')");
  auto result = count("SELECT sum(A) FROM T");
  CHECK_FALSE(result.ok());
  CHECK(result.error().message.find("secret") == std::string::npos);
  CHECK(result.error().message.find("922337") == std::string::npos);
}

TEST(SqliteSource, LikeTellsCasesApart) {
  auto upper = count("SELECT A FROM T WHERE B LIKE 'B%'");
  CHECK_EQUAL(0, *upper);
  auto lower = count("SELECT A FROM T WHERE B LIKE 'b%'");
  CHECK_EQUAL(500, *lower);
}

TEST(SqliteSource, TwoStatementsSeeTheSameDataWhileOthersWrite) {
  make("PRAGMA journal_mode = WAL");
  auto source = open_sqlite(file());
  auto snapshot = (*source)->snapshot({});
  auto first = (*snapshot)->run(checked("SELECT A FROM T"));
  CHECK(*(*first)->next());
  make("DELETE FROM T");
  auto second = (*snapshot)->run(checked("SELECT count(*) FROM T"));
  CHECK(*(*second)->next());
  CHECK_EQUAL(500, (*second)->cells()[0].integer);
}

TEST(SqliteSource, NothingIsWritten) {
  const auto before = std::filesystem::last_write_time(file());
  const auto size = std::filesystem::file_size(file());
  CHECK(count("SELECT A FROM T ORDER BY B, A").ok());
  CHECK(before == std::filesystem::last_write_time(file()));
  CHECK_EQUAL(size, std::filesystem::file_size(file()));
}

TEST(SqliteSource, AMissingOrBrokenFileIsSaid) {
  CHECK(open_sqlite(folder / "none.db").error().kind == ErrorKind::not_found);
  std::ofstream(folder / "bad.db") << std::string(5000, 'x');
  auto bad = open_sqlite(folder / "bad.db");
  if (bad) {
    CHECK_FALSE((*bad)->check(catalogue).ok());
    CHECK_FALSE((*bad)->snapshot({}).ok());
  }
}

TEST(SqliteSource, ParametersAreBoundAndNeverText) {
  const auto found = [this](const std::string& sql, const std::vector<std::string>& values) {
    auto read = read_select(sql, catalogue, values.size());
    auto statement = *print(*read, catalogue, Engine::sqlite);
    CHECK(statement.bind(values).ok());
    for (const std::string& value : values) CHECK(statement.text().find(value) == std::string::npos);
    auto source = *open_sqlite(file());
    auto snapshot = *source->snapshot({});
    auto rows = *snapshot->run(statement);
    int count = 0;
    while (*rows->next()) ++count;
    return count;
  };
  LONGS_EQUAL(1, found("SELECT A FROM T WHERE K = $1", {"secret77"}));
  LONGS_EQUAL(2, found("SELECT A FROM T WHERE K IN ($2, $1)", {"secret77", "secret78"}));
  LONGS_EQUAL(0, found("SELECT A FROM T WHERE K = $1", {"x' OR 'x' = 'x"}));
  LONGS_EQUAL(400, found("SELECT B FROM T WHERE A > $1", {"100"}));
}

TEST(SqliteSource, WithoutItsValuesNothingRuns) {
  auto statement =
      *print(*read_select("SELECT A FROM T WHERE K = $1", catalogue, 1), catalogue, Engine::sqlite);
  auto source = *open_sqlite(file());
  CHECK_FALSE((*source->snapshot({}))->run(statement).ok());
}
