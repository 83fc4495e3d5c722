#include "query_fixture.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

using namespace sceau;
using namespace sceau::source;
using test::catalogue;
using test::printed_of;

namespace {

void expect_refused(const std::string& sql) {
  const std::string printed = printed_of(sql);
  if (!printed.starts_with("refused: ")) FAIL((sql + " became " + printed).c_str());
  CHECK(printed.find('\n') == std::string::npos);
}

}  // namespace

TEST_GROUP(Query){};

TEST(Query, QualifiesAndQuotesEveryName) {
  STRCMP_EQUAL(R"(SELECT "r1"."A" AS "A" FROM "T" AS "r1" WHERE ("r1"."B" = 'x'))",
               printed_of("select a from t where b = 'x'").c_str());
}

TEST(Query, NothingOfCommentsOrSpacingSurvives) {
  STRCMP_EQUAL(printed_of("SELECT A FROM T").c_str(),
               printed_of("select/**/ a -- from u\nfrom \t t /* /* */ */").c_str());
}

TEST(Query, PutsEveryOperationInParentheses) {
  STRCMP_EQUAL(
      R"(SELECT ("r1"."A" + ("r1"."A" * 2)) AS "x", ('a' || ('b' || "r1"."B")) AS "y" FROM "T" AS "r1")",
      printed_of("SELECT A + A * 2 AS x, 'a' || ('b' || B) AS y FROM T").c_str());
}

TEST(Query, WritesOutCtesStarsAndUsing) {
  STRCMP_EQUAL(
      R"(SELECT "r1"."c1" AS "K", "r1"."c2" AS "A", "r2"."C" AS "C" FROM ((SELECT "r3"."K" AS "c1", "r3"."A" AS "c2" FROM "T" AS "r3") AS "r1" JOIN "U" AS "r2" ON ("r1"."c1" = "r2"."K")))",
      printed_of("WITH w AS (SELECT K, A FROM T) SELECT * FROM w JOIN U USING (K)").c_str());
}

TEST(Query, TextsKeepTheirQuotes) {
  STRCMP_EQUAL(R"(SELECT 'it''s' AS "x" FROM "T" AS "r1")",
               printed_of("SELECT E'it\\'s' AS x FROM T").c_str());
}

TEST(Query, PrintedTextReadsBackAsItself) {
  for (const std::string sql :
       {"SELECT CASE A WHEN 1 THEN 'x' ELSE B END FROM T",
        "SELECT count(*), sum(A), avg(R) FROM T GROUP BY B HAVING count(*) > 1",
        "SELECT A FROM T UNION ALL SELECT C FROM U ORDER BY 1 LIMIT 5", "SELECT -A, - -A, -1.5e3, .5 FROM T",
        "SELECT CAST(R AS integer), CAST(A AS text), R::real, '7'::int FROM T",
        "SELECT A FROM T WHERE NOT (A IN (1, 2) OR B LIKE 'x%' OR R NOT BETWEEN 1 AND 2 OR B IS NULL)",
        "SELECT A FROM T WHERE K IN (SELECT K FROM U) AND EXISTS (SELECT 1 FROM U WHERE U.K = T.K)",
        "SELECT x.A FROM T x LEFT JOIN (U y JOIN T z ON y.K = z.K) ON x.K = y.K",
        "SELECT EXTRACT(MONTH FROM B), trim(B), substring(B FROM 1 FOR 2) FROM T",
        "SELECT nullif(A, 0), coalesce(R, 0) FROM T"}) {
    const std::string once = printed_of(sql);
    if (once.starts_with("refused: ")) FAIL((sql + ": " + once).c_str());
    STRCMP_EQUAL(once.c_str(), printed_of(once).c_str());
  }
}

TEST(Query, ListsExactlyTheColumnsRead) {
  auto read = read_select("SELECT t.A FROM T t JOIN U u ON t.K = u.K WHERE t.B = 'x'", catalogue());
  auto printed = print(*read, catalogue(), Engine::sqlite);
  const std::set<ColumnRead> expected = {{"T", "A"}, {"T", "B"}, {"T", "K"}, {"U", "K"}};
  CHECK(printed->reads() == expected);
}

TEST(Query, RefusesWhatSqliteReadsDifferently) {
  for (const char* sql :
       {"SELECT A FROM T WHERE B", "SELECT A + B FROM T", "SELECT A FROM T WHERE A = 'x'",
        "SELECT A FROM T WHERE B = 1", "SELECT R || 'x' FROM T", "SELECT A FROM T WHERE B LIKE 'a\\%'",
        "SELECT A FROM T WHERE B LIKE B", "SELECT X'00' FROM T", "SELECT B'01' FROM T",
        "SELECT greatest(A, 1, 2, 3, 4, 5, 6) FROM T", "SELECT A ^ 2 FROM T", "SELECT now() FROM T",
        "SELECT CURRENT_DATE FROM T", "SELECT substr(B, -2) FROM T", "SELECT strftime('%s', B) FROM T"}) {
    expect_refused(sql);
  }
}

TEST(Query, RefusesWhatIsAmbiguousOrMissing) {
  for (const char* sql :
       {"SELECT K FROM T, U", "SELECT A FROM T, T", "SELECT X FROM T", "SELECT u.A FROM T", "SELECT A FROM V",
        "SELECT A FROM public.T", "SELECT public.T.A FROM T", "SELECT a", "SELECT FROM T",
        "SELECT A, count(*) FROM T", "SELECT * FROM T GROUP BY A", "SELECT A FROM T GROUP BY B",
        "SELECT sum(count(*)) FROM T", "SELECT A FROM T WHERE count(*) > 1", "SELECT A FROM T GROUP BY 2",
        "SELECT A FROM T ORDER BY 3", "WITH w AS (SELECT A FROM T) SELECT C FROM U",
        "SELECT A FROM T UNION ALL SELECT B FROM T", "SELECT A FROM T UNION SELECT A, R FROM T"}) {
    expect_refused(sql);
  }
}

TEST(Query, BombsAreRefusedBeforeTheyGrow) {
  std::string sum = "SELECT a";
  for (int i = 0; i < 20'000; ++i) sum += "+1";
  expect_refused(sum + " FROM T");
  expect_refused("SELECT " + std::string(3'000, '(') + "A" + std::string(3'000, ')') +
                 " FROM T WHERE nothing");
  std::string calls = "A";
  for (int i = 0; i < 400; ++i) calls = "abs(" + calls + ")";
  expect_refused("SELECT " + calls + " FROM T");
  std::string ctes = "WITH w0 AS (SELECT A FROM T)";
  for (int i = 1; i < 30; ++i) {
    const std::string before = "w" + std::to_string(i - 1);
    ctes += ", w" + std::to_string(i) + " AS (SELECT a.A FROM " + before + " a, " + before + " b)";
  }
  expect_refused(ctes + " SELECT A FROM w29");
  std::string nested = "SELECT A FROM T";
  for (int i = 0; i < 200; ++i) nested = "SELECT A FROM (" + nested + ") x";
  expect_refused(nested);
  expect_refused("SELECT A FROM T WHERE B = '" + std::string(70'000, 'x') + "'");
}

TEST(Query, RefusesBytesThatNoSqlHolds) {
  using namespace std::string_literals;
  expect_refused("SELECT A FROM T\0 UNION SELECT K FROM T"s);
  expect_refused("SELECT A\x01 FROM T");
  expect_refused("");
  expect_refused(";");
  expect_refused("SELECT A FROM T WHERE B = E'a\\nb'");
}

TEST(Query, ComputesWithDatesThatAreTexts) {
  STRCMP_EQUAL(R"(SELECT strftime('%Y-%m', "r1"."B") AS "strftime" FROM "T" AS "r1")",
               printed_of("SELECT to_char(B, 'YYYY-MM') FROM T").c_str());
  STRCMP_EQUAL(R"(SELECT (strftime('%Y-%m', "r1"."B") || '-01') AS "column" FROM "T" AS "r1")",
               printed_of("SELECT date_trunc('month', B) FROM T").c_str());
  STRCMP_CONTAINS(R"(round((julianday(strftime('%Y-%m-%d', "r1"."B")) - julianday('2022-01-01'))))",
                  printed_of("SELECT B::date - DATE '2022-01-01' AS days FROM T").c_str());
  expect_refused("SELECT to_char(B, 'Day') FROM T");
  expect_refused("SELECT julianday('now') FROM T");
  expect_refused("SELECT julianday(B) FROM T");
}

TEST(Query, MovesDatesByDaysAndMonths) {
  STRCMP_EQUAL(R"(SELECT days_after(strftime('%Y-%m-%d', "r1"."B"), (-3)) AS "days_after" FROM "T" AS "r1")",
               printed_of("SELECT B::date - 3 FROM T").c_str());
  STRCMP_EQUAL(R"(SELECT days_after(months_after('2022-01-31', 14), 7) AS "days_after" FROM "T" AS "r1")",
               printed_of("SELECT DATE '2022-01-31' + INTERVAL '1 year 2 months 1 week' FROM T").c_str());
  // PostgreSQL would fail at these, and only where a row is looked at.
  for (const char* sql :
       {"SELECT B::date - DATE '2022-13-45' FROM T", "SELECT DATE '0000-01-01' + 1 FROM T",
        "SELECT B::date + INTERVAL '1 hour' FROM T", "SELECT B::date + INTERVAL '9999999 days' FROM T",
        "SELECT to_date(B, 'Day') FROM T", "SELECT EXTRACT(epoch FROM B::date) FROM T",
        "SELECT B::date + B FROM T", "SELECT B::date - 99999999999999999999999 FROM T",
        "SELECT months_after(DATE '2020-01-01', .5) FROM T",
        "SELECT days_after(DATE '2020-01-01', .5) FROM T"})
    expect_refused(sql);
}

TEST(Query, SaysConditionsWithTheWordsThatItHas) {
  STRCMP_CONTAINS(R"(CASE WHEN ("r1"."A" > 5) THEN 1 WHEN (NOT ("r1"."A" > 5)) THEN 0 ELSE NULL END)",
                  printed_of("SELECT (A > 5)::int FROM T").c_str());
  STRCMP_CONTAINS(R"(WHERE (("r1"."K" = "r2"."K") AND ("r1"."A" = 5)))",
                  printed_of("SELECT t.A FROM T t, U u WHERE (t.K, t.A) = (u.K, 5)").c_str());
  STRCMP_CONTAINS(R"(WHERE ("r1"."A" NOT IN (1, 2)))",
                  printed_of("SELECT A FROM T WHERE A <> ALL (ARRAY[1, 2])").c_str());
  STRCMP_CONTAINS(
      R"(JOIN (VALUES (1, 'a'), (2, NULL)) AS "r2" ON ("r2"."column1" = "r1"."A"))",
      printed_of("SELECT t.A FROM T t JOIN (VALUES (1, 'a'), (2, NULL)) v(x, y) ON v.x = t.A").c_str());
  STRCMP_CONTAINS(
      R"((VALUES ('2022-01-31'), ('2022-02-28'), ('2022-03-28')) AS)",
      printed_of("SELECT m FROM generate_series(DATE '2022-01-31', DATE '2022-03-31', INTERVAL '1 month') m")
          .c_str());
  // A pattern that PostgreSQL refuses would fail only where a row is looked at.
  for (const char* sql :
       {"SELECT A FROM T WHERE B ~ '['", "SELECT A FROM T WHERE B ~ '(a'", "SELECT A FROM T WHERE B ~ 'a**'",
        "SELECT A FROM T WHERE B ~ '[z-a]'", "SELECT A FROM T WHERE B ~ '(a)\\1'",
        "SELECT A FROM T WHERE B ~ B", "SELECT A FROM T WHERE B ~ ''", "SELECT A FROM T WHERE B ~ 'a{1000}'",
        "SELECT A FROM T WHERE B ~ '(?=a)'", "SELECT A FROM T WHERE (A, B) < (1, 'x')",
        "SELECT A FROM T WHERE A = ANY ('{1,2}')"})
    expect_refused(sql);
}

TEST(Query, WritesOutWhatWouldGrowBeyondMeasure) {
  std::string flags = "A = 1";
  for (int i = 0; i < 25; ++i) flags = "(" + flags + ") = true";
  expect_refused(("SELECT " + flags + " FROM T").c_str());
}

TEST(Query, TurnsRightJoinsAround) {
  STRCMP_CONTAINS(R"(FROM ("U" AS "r2" LEFT JOIN "T" AS "r1" ON)",
                  printed_of("SELECT t.A FROM T t RIGHT JOIN U u ON t.K = u.K").c_str());
  STRCMP_EQUAL(R"(SELECT "r1"."K" AS "K" FROM ("U" AS "r1" LEFT JOIN "T" AS "r2" ON ("r1"."K" = "r2"."K")))",
               printed_of("SELECT K FROM T RIGHT JOIN U USING (K)").c_str());
}

TEST(Query, WritesConstantsAndDatesOut) {
  STRCMP_EQUAL(R"(SELECT "r1"."column1" AS "code" FROM (VALUES ('A'), ('B')) AS "r1")",
               printed_of("SELECT unnest(ARRAY['A', 'B']) AS code").c_str());
  STRCMP_EQUAL(R"(SELECT "r1"."column1" AS "x", "r1"."column2" AS "column2" FROM (VALUES ('A', 1)) AS "r1")",
               printed_of("SELECT 'A' AS x, 1").c_str());
  STRCMP_CONTAINS(R"(WHERE (("r1"."B" LIKE 'N05%') OR ("r1"."B" LIKE 'N06%')))",
                  printed_of("SELECT A FROM T WHERE B LIKE ANY (ARRAY['N05%', 'N06%'])").c_str());
  STRCMP_CONTAINS(
      "ROWS BETWEEN 2 PRECEDING AND CURRENT ROW",
      printed_of("SELECT sum(A) OVER (PARTITION BY K ORDER BY B ROWS 2 PRECEDING) AS n FROM T").c_str());
  STRCMP_CONTAINS(
      "/ 10000)",
      printed_of("SELECT extract(year FROM age(B::date, make_date(A, 1, 31))) AS n FROM T").c_str());
  STRCMP_CONTAINS(
      "(20221231 - CAST(strftime('%Y%m%d', ",
      printed_of("SELECT extract(year FROM age('2022-12-31'::date, B::date)) AS n FROM T").c_str());
  for (const char* sql :
       {"SELECT extract(year FROM age(B::date)) AS n FROM T", "SELECT make_date(B, 1, 1) AS d FROM T",
        "SELECT make_date(A, 1) AS d FROM T", "SELECT unnest(ARRAY[K]) FROM T", "SELECT 1 WHERE 1 = 1",
        "SELECT pg_sleep(1)", "SELECT B LIKE ANY (ARRAY[B]) FROM T", "SELECT DISTINCT 1",
        "SELECT sum(A) OVER (ORDER BY B ROWS A PRECEDING) FROM T", "SELECT count(*)"})
    expect_refused(sql);
}

TEST(Query, WritesJoinsOutAsTheyAre) {
  STRCMP_EQUAL(
      R"(SELECT coalesce("r1"."K", "r2"."K") AS "k" FROM ("T" AS "r1" FULL JOIN "U" AS "r2" ON ("r1"."K" = "r2"."K")))",
      printed_of("SELECT K FROM T FULL JOIN U USING (K)").c_str());
  STRCMP_EQUAL(printed_of("SELECT A FROM T JOIN U USING (K)").c_str(),
               printed_of("SELECT A FROM T NATURAL JOIN U").c_str());
  for (const char* sql :
       {"SELECT T.A FROM T FULL JOIN U ON T.K = U.K OR T.A = 1", "SELECT T.A FROM T FULL JOIN U ON T.K = 'x'",
        "SELECT T.A FROM T FULL JOIN U ON 1 = 1", "SELECT T.A FROM T FULL JOIN U ON T.K = T.B",
        "SELECT A FROM T NATURAL JOIN (SELECT 1 AS nothing FROM U) AS V",
        "SELECT K FROM T FULL JOIN U USING (K) JOIN U AS V USING (K)"})
    expect_refused(sql);
}

TEST(Query, WritesSelectsAsValuesOutAsJoins) {
  STRCMP_EQUAL(
      R"(SELECT "r1"."A" AS "A", "r2"."c1" AS "max" FROM "T" AS "r1", (SELECT max("r3"."C") AS "c1" FROM "U" AS "r3") AS "r2")",
      printed_of("SELECT A, (SELECT max(C) FROM U) FROM T").c_str());
  STRCMP_EQUAL(
      R"(SELECT "r1"."A" AS "A", coalesce("r2"."c1", 0) AS "n" FROM ("T" AS "r1" LEFT JOIN (SELECT count(*) AS "c1", "r3"."K" AS "c2" FROM "U" AS "r3" GROUP BY "r3"."K") AS "r2" ON ("r2"."c2" = "r1"."K")))",
      printed_of("SELECT A, (SELECT count(*) FROM U WHERE U.K = T.K) AS n FROM T").c_str());
  STRCMP_EQUAL(
      printed_of("SELECT A, (SELECT count(*) FROM U WHERE U.K = T.K) AS n FROM T").c_str(),
      printed_of("SELECT A, x.n FROM T CROSS JOIN LATERAL (SELECT count(*) AS n FROM U WHERE U.K = T.K) x")
          .c_str());
  STRCMP_CONTAINS(
      "row_number() OVER (PARTITION BY",
      printed_of("SELECT A, x.K FROM T JOIN LATERAL (SELECT U.K FROM U WHERE U.K = T.K ORDER BY U.K DESC "
                 "LIMIT 2) x ON true")
          .c_str());
  STRCMP_CONTAINS("max(\"r2\".\"c1\")",
                  printed_of("SELECT A, count(*) * (SELECT count(*) FROM U) AS n FROM T GROUP BY A").c_str());
}

TEST(Query, RefusesSelectsAsValuesThatMayHaveManyRowsOrLookElsewhere) {
  for (const char* sql :
       {"SELECT A, (SELECT C FROM U) FROM T",
        "SELECT A, (SELECT max(C) FROM U GROUP BY K) FROM T",
        "SELECT A, (SELECT max(C) FROM U HAVING count(*) > 1) FROM T",
        "SELECT A, (SELECT 1 FROM U) FROM T",
        "SELECT A, (SELECT max(T.A) FROM U) FROM T",
        "SELECT A, (SELECT T.A FROM U HAVING count(*) > 1) FROM T",
        "SELECT A, (SELECT max(C), min(C) FROM U) FROM T",
        "SELECT A, (SELECT max(C) FROM U LIMIT 0) FROM T",
        "SELECT A, (SELECT max(C) FROM U WHERE U.K > T.K) FROM T",
        "SELECT A, (SELECT max(C) FROM U WHERE U.K = T.K OR U.K = 'x') FROM T",
        "SELECT A, (SELECT max(C) FROM U WHERE U.K = lower(T.K)) FROM T",
        "SELECT A, (SELECT C FROM U WHERE U.K = T.K LIMIT 1) FROM T",
        "SELECT count(*), (SELECT count(*) FROM U) FROM T",
        "SELECT count(*), (SELECT count(*) FROM U WHERE U.K = T.K) FROM T GROUP BY A",
        "SELECT T.A FROM T JOIN U ON T.K = (SELECT max(C) FROM U)",
        "SELECT A FROM T ORDER BY A LIMIT (SELECT count(*) FROM U)",
        "SELECT A FROM T GROUP BY ROLLUP ((SELECT max(C) FROM U), A)",
        "SELECT DISTINCT ON (A) A FROM T ORDER BY A, (SELECT max(C) FROM U)",
        "SELECT A, x.K FROM T JOIN LATERAL (SELECT C FROM U WHERE U.K = T.K LIMIT 1) x ON true",
        "SELECT x.K FROM T JOIN LATERAL (SELECT rank() OVER (ORDER BY K) FROM U WHERE U.K = T.K) x ON true",
        "SELECT A, x.n FROM T LEFT JOIN LATERAL (SELECT count(*) n FROM U WHERE U.K = T.K) x ON x.n > 1",
        "SELECT A, x.n FROM T FULL JOIN LATERAL (SELECT count(*) n FROM U) x ON true",
        "SELECT A FROM LATERAL (SELECT count(*) n FROM U) x, T WHERE EXISTS (SELECT 1 FROM U WHERE K = x.z)",
        "SELECT A, x.c2 FROM T CROSS JOIN LATERAL (SELECT count(*) AS n FROM U WHERE U.K = T.K) x",
        "SELECT A, x.\"\" FROM T CROSS JOIN LATERAL (SELECT count(*) AS n FROM U WHERE U.K = T.K) x"})
    expect_refused(sql);
  STRCMP_CONTAINS("UNION ALL",
                  printed_of("SELECT count(*) FROM T GROUP BY ROLLUP (CASE WHEN A IN (SELECT C FROM U) "
                             "THEN 1 ELSE 0 END)")
                      .c_str());
  for (const char* other : {"SELECT z FROM U", "SELECT C, K FROM U", "SELECT C FROM T2 U"})
    expect_refused("SELECT count(*) FROM T GROUP BY GROUPING SETS ((A), (CASE WHEN A IN (" +
                   std::string(other) + ") THEN 1 ELSE 0 END))");
  for (const char* sql : {"SELECT K, count(*) FROM T GROUP BY ROLLUP (K)",
                          "SELECT coalesce(K, 'all'), count(*) FROM T GROUP BY GROUPING SETS ((K), ())"})
    STRCMP_CONTAINS("which GROUPING SETS, ROLLUP and CUBE cannot leave out", printed_of(sql).c_str());
  STRCMP_CONTAINS("that is an identifier", printed_of("SELECT A, (SELECT max(K) FROM U) FROM T").c_str());
  STRCMP_CONTAINS("that is an identifier",
                  printed_of("SELECT A FROM T WHERE T.K = (SELECT K FROM U ORDER BY C LIMIT 1)").c_str());
}

TEST(Query, ReadsWindowsAndFilters) {
  STRCMP_EQUAL(
      R"(SELECT row_number() OVER (PARTITION BY "r1"."K" ORDER BY "r1"."A" DESC NULLS FIRST) AS "n" FROM "T" AS "r1")",
      printed_of("SELECT row_number() OVER (PARTITION BY K ORDER BY A DESC) AS n FROM T").c_str());
  STRCMP_EQUAL(
      R"(SELECT sum(CASE WHEN ("r1"."B" = 'x') THEN "r1"."A" ELSE NULL END) AS "s" FROM "T" AS "r1")",
      printed_of("SELECT sum(A) FILTER (WHERE B = 'x') AS s FROM T").c_str());
  expect_refused("SELECT row_number() OVER () FROM T");
  expect_refused("SELECT A FROM T WHERE row_number() OVER (ORDER BY A) = 1");
  expect_refused("SELECT B, sum(A) OVER (PARTITION BY B), count(*) FROM T GROUP BY B");
  expect_refused("SELECT sum(A) OVER (ORDER BY A ROWS 0 PRECEDING) FROM T");
  expect_refused("SELECT pg_sleep(1) OVER (ORDER BY A) FROM T");
}
