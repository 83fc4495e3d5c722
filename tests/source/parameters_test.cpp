// $1, $2, … in SQL: where they may stand, what they become, and what their values must be.
#include <CppUTest/TestHarness.h>

#include "one_table.h"
#include "sceau/source/query.h"

using namespace sceau;
using namespace sceau::source;

namespace {

const Catalogue& catalogue() {
  static const Catalogue made = test::one_table();
  return made;
}

std::string printed_of(const std::string& sql, std::size_t parameters, Engine engine = Engine::sqlite) {
  auto read = read_select(sql, catalogue(), parameters);
  if (!read) return "refused: " + read.error().message;
  auto printed = print(*read, catalogue(), engine);
  return printed ? printed->text() : "refused: " + printed.error().message;
}

void refused(const std::string& sql, std::size_t parameters, const std::string& why) {
  const std::string printed = printed_of(sql, parameters);
  if (!printed.starts_with("refused: ") || printed.find(why) == std::string::npos)
    FAIL((sql + " became " + printed).c_str());
}

CheckedSql checked(const std::string& sql, std::size_t parameters) {
  auto read = read_select(sql, catalogue(), parameters);
  CHECK_TEXT(read.ok(), read ? "" : read.error().message.c_str());
  return *print(*read, catalogue(), Engine::sqlite);
}

}  // namespace

TEST_GROUP(Parameters){};

TEST(Parameters, StandBesideAColumnInAComparison) {
  STRCMP_EQUAL(R"(SELECT "r1"."A" AS "A" FROM "T" AS "r1" WHERE ("r1"."K" = $1))",
               printed_of("SELECT A FROM T WHERE K = $1", 1).c_str());
  STRCMP_EQUAL(R"(SELECT "r1"."A" AS "A" FROM "T" AS "r1" WHERE ($1 <= "r1"."A"))",
               printed_of("SELECT A FROM T WHERE $1 <= A", 1).c_str());
  STRCMP_EQUAL(R"(SELECT "r1"."A" AS "A" FROM "T" AS "r1" WHERE ("r1"."K" IN ($1, $2)))",
               printed_of("SELECT A FROM T WHERE K = ANY (ARRAY[$1, $2])", 2).c_str());
  STRCMP_EQUAL(R"(SELECT "r1"."A" AS "A" FROM "T" AS "r1" WHERE ("r1"."R" BETWEEN $2 AND $1))",
               printed_of("SELECT A FROM T WHERE R BETWEEN $2 AND $1", 2).c_str());
}

TEST(Parameters, AreOfTheirColumnsTypeInPostgresql) {
  STRCMP_EQUAL(
      R"(SELECT "r1_1"."A" AS "A" FROM "T" AS "r1_1" WHERE (CAST("r1_1"."K" AS text) = CAST($1 AS text)))",
      printed_of("SELECT A FROM T WHERE K = $1", 1, Engine::postgresql).c_str());
  STRCMP_EQUAL(R"(SELECT "r1_1"."A" AS "A" FROM "T" AS "r1_1" WHERE ("r1_1"."A" IN (CAST($1 AS bigint), 3)))",
               printed_of("SELECT A FROM T WHERE A IN ($1, 3)", 1, Engine::postgresql).c_str());
  CHECK(printed_of("SELECT A FROM T WHERE R < $1", 1, Engine::postgresql).find("CAST($1 AS numeric)") !=
        std::string::npos);
}

TEST(Parameters, StandNowhereElse) {
  for (const char* sql : {"SELECT A + $1 AS x FROM T",
                          "SELECT $1 AS x FROM T",
                          "SELECT A FROM T WHERE A + $1 = 3",
                          "SELECT A FROM T WHERE A = $1 + 1",
                          "SELECT A FROM T WHERE B LIKE $1",
                          "SELECT A FROM T WHERE B ~ $1",
                          "SELECT A FROM T WHERE upper($1) = B",
                          "SELECT A FROM T WHERE B = upper($1)",
                          "SELECT A FROM T ORDER BY $1",
                          "SELECT A FROM T LIMIT $1",
                          "SELECT A FROM T GROUP BY A, $1",
                          "SELECT A FROM T WHERE $1 = $1",
                          "SELECT A FROM T WHERE upper(B) = $1",
                          "SELECT A FROM T WHERE 'x' = $1",
                          "SELECT A FROM T WHERE $1 IS NULL",
                          "SELECT A FROM T WHERE B = CAST($1 AS text)",
                          "SELECT A FROM T WHERE B = $1::text",
                          "SELECT CASE B WHEN $1 THEN 1 END AS x FROM T",
                          "SELECT A FROM T WHERE B IS DISTINCT FROM $1",
                          "SELECT A FROM T WHERE (A, B) = ($1, 'x')",
                          "SELECT A FROM T WHERE $1",
                          "SELECT A FROM T WHERE $1 IN (A)",
                          "SELECT A FROM T WHERE $1 BETWEEN A AND A",
                          "SELECT A FROM T WHERE B = ANY ($1)",
                          "SELECT count($1) AS x FROM T",
                          "SELECT sum(A) OVER (ORDER BY $1) AS x FROM T",
                          "SELECT A FROM T, (VALUES ($1)) AS v(x)",
                          "SELECT A FROM T WHERE EXISTS (SELECT $1 FROM T)",
                          "SELECT substr(B, $1) AS x FROM T",
                          "SELECT A FROM T WHERE K IN (SELECT $1 FROM T)"})
    CHECK_TEXT(printed_of(sql, 1).starts_with("refused: "),
               (std::string(sql) + ": " + printed_of(sql, 1)).c_str());
}

TEST(Parameters, AreAllUsedAndAllThere) {
  refused("SELECT A FROM T WHERE K = $1", 0, "has none");
  refused("SELECT A FROM T WHERE K = $2", 1, "$2 has no value");
  refused("SELECT A FROM T WHERE K = $0", 1, "$0");
  refused("SELECT A FROM T WHERE K = $1", 2, "$2 is sent and not used");
  refused("SELECT A FROM T", 1, "$1 is sent and not used");
  refused("SELECT A FROM T WHERE K = $1 AND A = $1", 1, "different types");
}

TEST(Parameters, TakeValuesOfTheirTypeAndNoMessageShowsOne) {
  const auto bound = [](const std::string& column, const std::string& value) {
    return checked("SELECT A FROM T WHERE " + column + " = $1", 1).bind({value});
  };
  CHECK(bound("K", "O'Brien").ok());
  CHECK(bound("K", "").ok());
  CHECK(bound("A", "-12").ok());
  CHECK(bound("R", "1.50").ok());
  for (const auto& [column, value] :
       std::initializer_list<std::pair<const char*, const char*>>{{"A", "secret"},
                                                                  {"A", ""},
                                                                  {"A", "1.5"},
                                                                  {"A", "99999999999999999999"},
                                                                  {"A", "1 OR 1=1"},
                                                                  {"R", "secret"},
                                                                  {"R", "."},
                                                                  {"R", "nan"},
                                                                  {"R", "1e3"},
                                                                  {"K", "secret\nline"}}) {
    const Status status = bound(column, value);
    CHECK_TEXT(!status.ok(), value);
    CHECK(status.error().message.find("secret") == std::string::npos);
  }
  CHECK_FALSE(checked("SELECT A FROM T WHERE K = $1", 1).bind({}).ok());
  CHECK_FALSE(checked("SELECT A FROM T WHERE K = $1", 1).bind({"a", "b"}).ok());
}
