// Forms that are written out with others: stars, windows over groups, texts put together, chance.
#include "query_fixture.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

using namespace sceau::source;
using test::catalogue;
using test::printed_of;

TEST_GROUP(QueryWider){
    static void refused(const std::string& sql){const std::string printed = printed_of(sql);
if (!printed.starts_with("refused: ")) FAIL((sql + " became " + printed).c_str());
CHECK(printed.find('\n') == std::string::npos);
}
}
;

TEST(QueryWider, AStarHasItsColumnsInTheDatabasesOrder) {
  const auto names = [](const std::string& sql) {
    auto read = read_select(sql, catalogue());
    if (!read) return read.error().message;
    std::string all;
    for (const Output& output : read->outputs) all += (all.empty() ? "" : " ") + output.name;
    return all;
  };
  STRCMP_EQUAL("K A B R C", names("SELECT * FROM T JOIN U USING (K)").c_str());
  STRCMP_EQUAL("K C A B R", names("SELECT * FROM U RIGHT JOIN T USING (K)").c_str());
  STRCMP_EQUAL("K C K A B R", names("SELECT * FROM U u RIGHT JOIN T t ON u.K = t.K").c_str());
  STRCMP_EQUAL("A K B R C", names("SELECT * FROM T JOIN (SELECT C, C AS A FROM U) V USING (A)").c_str());
  STRCMP_EQUAL("K B A R C",
               names("SELECT * FROM T JOIN (SELECT K, 'x' AS B, C FROM U) V USING (K, B)").c_str());
  STRCMP_EQUAL("K A B R C",
               names("SELECT * FROM T NATURAL JOIN (SELECT C, A, T.K FROM T JOIN U USING (K)) V").c_str());
  STRCMP_EQUAL(
      "A K C B R",
      names("SELECT * FROM (SELECT A, K, C FROM T JOIN U USING (K)) V NATURAL RIGHT JOIN T").c_str());
  STRCMP_EQUAL("A K B R C x", names("SELECT * FROM T JOIN U USING (K) JOIN (SELECT A, 1 AS x FROM T) V "
                                    "USING (A)")
                                  .c_str());
  STRCMP_EQUAL("K A B R K C", names("SELECT T.*, U.* FROM T JOIN U USING (K)").c_str());
  STRCMP_EQUAL(
      "K A B R n",
      names("SELECT * FROM T CROSS JOIN LATERAL (SELECT count(*) AS n FROM U WHERE U.K = T.K) x").c_str());
  // Of the two that are one, the side whose rows are all there.
  STRCMP_CONTAINS(R"(SELECT "r1"."K" AS "K", "r2"."C" AS "C", "r1"."A" AS "A")",
                  printed_of("SELECT * FROM U RIGHT JOIN T USING (K)").c_str());
}

TEST(QueryWider, WindowsBesideGroupsLookAtTheGroups) {
  STRCMP_EQUAL(
      R"(SELECT "r1"."c1" AS "B", "r1"."c2" AS "n", sum("r1"."c2") OVER () AS "s" FROM (SELECT "r2"."B" AS "c1", count(*) AS "c2" FROM "T" AS "r2" GROUP BY "r2"."B" HAVING (count(*) > 1)) AS "r1")",
      printed_of("SELECT B, count(*) AS n, sum(count(*)) OVER () AS s FROM T GROUP BY B HAVING count(*) > 1")
          .c_str());
  STRCMP_CONTAINS(
      R"(rank() OVER (ORDER BY "r1"."c2" DESC NULLS FIRST))",
      printed_of("SELECT B, rank() OVER (ORDER BY count(*) DESC) AS r FROM T GROUP BY B").c_str());
  for (const std::string sql :
       {"SELECT A % 2 AS a, 100.0 * sum(R) / sum(sum(R)) OVER (PARTITION BY A % 2) AS p FROM T GROUP BY A % "
        "2, B",
        "SELECT DISTINCT ON (B) B, A, count(*) AS n FROM T GROUP BY B, A ORDER BY B, count(*) DESC, A",
        "SELECT B, sum(A) OVER (ORDER BY R ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING) FROM T",
        "SELECT count(*) OVER (PARTITION BY B ORDER BY A ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) "
        "FROM T",
        "SELECT lag(A, 1, 0) OVER (ORDER BY B), cume_dist() OVER (ORDER BY A) FROM T"}) {
    const std::string once = printed_of(sql);
    if (once.starts_with("refused: ")) FAIL((sql + ": " + once).c_str());
    STRCMP_EQUAL(once.c_str(), printed_of(once).c_str());
  }
  for (const char* sql :
       {"SELECT B, sum(A) OVER () FROM T GROUP BY B", "SELECT B, rank() OVER (ORDER BY A) FROM T GROUP BY B",
        "SELECT B FROM T GROUP BY B HAVING rank() OVER (ORDER BY count(*)) = 1",
        "SELECT B, sum(sum(A) OVER ()) OVER () FROM T GROUP BY B", "SELECT sum(count(*) OVER ()) FROM T",
        "SELECT B, count(*) OVER () FROM T GROUP BY ROLLUP (B)",
        "SELECT sum(A) OVER (ORDER BY B ROWS BETWEEN 1 FOLLOWING AND 1 PRECEDING) FROM T",
        "SELECT sum(A) OVER (ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) FROM T",
        "SELECT lag(A, 1, C) OVER (ORDER BY B) FROM T, U WHERE T.K = U.K"})
    refused(sql);
}

TEST(QueryWider, TextsPutTogetherHaveAnEnd) {
  STRCMP_EQUAL(
      R"(SELECT "r1"."c1" AS "A", string_agg(CASE WHEN ("r1"."c2" <= 89) THEN "r1"."c3" ELSE NULL END, ',' ORDER BY "r1"."c4" ASC NULLS LAST) AS "s" FROM (SELECT "r2"."A" AS "c1", row_number() OVER (PARTITION BY "r2"."A" ORDER BY "r2"."R" ASC NULLS LAST) AS "c2", "r2"."B" AS "c3", "r2"."R" AS "c4" FROM "T" AS "r2") AS "r1" GROUP BY "r1"."c1")",
      printed_of("SELECT A, string_agg(B, ',' ORDER BY R) AS s FROM T GROUP BY A").c_str());
  STRCMP_CONTAINS("dense_rank() OVER (PARTITION BY",
                  printed_of("SELECT A, string_agg(DISTINCT B, ',') AS s FROM T GROUP BY A").c_str());
  for (const std::string sql :
       {"SELECT A, count(*), sum(R), string_agg(B, '-' ORDER BY R DESC, K2.C) AS s FROM T JOIN U K2 ON K2.K "
        "= T.K "
        "WHERE R > 1 GROUP BY A HAVING count(*) > 2",
        "SELECT string_agg(A::text, '') FILTER (WHERE R > 1) AS s FROM T",
        "SELECT A % 2 AS a, string_agg(DISTINCT substr(B, 1, 3), '+' ORDER BY substr(B, 1, 3) DESC) AS s "
        "FROM T "
        "GROUP BY A % 2",
        "SELECT array_to_string(array_agg(DISTINCT B ORDER BY B), ',') AS s FROM T GROUP BY A"}) {
    const std::string once = printed_of(sql);
    if (once.starts_with("refused: ")) FAIL((sql + ": " + once).c_str());
    STRCMP_EQUAL(once.c_str(), printed_of(once).c_str());
  }
  for (const char* sql : {"SELECT string_agg(A, ',') FROM T", "SELECT string_agg(B, B) FROM T",
                          "SELECT string_agg('x', ',') FROM T", "SELECT string_agg(B, '12345678901') FROM T",
                          "SELECT string_agg(DISTINCT B, ',' ORDER BY R) FROM T",
                          "SELECT A, string_agg(B, ','), rank() OVER (ORDER BY count(*)) FROM T GROUP BY A",
                          "SELECT string_agg(B, ',') || string_agg(B, ',') FROM T",
                          "SELECT array_agg(B) FROM T", "SELECT string_agg(B, ',') OVER (ORDER BY A) FROM T"})
    refused(sql);
  // What is numbered otherwise than by its groups is numbered anew.
  const std::string bounded =
      "SELECT x, string_agg(CASE WHEN n <= 50 THEN B END, ',' ORDER BY B) AS s FROM (SELECT A AS x, B, "
      "row_number() "
      "OVER (PARTITION BY A ORDER BY B) AS n FROM T) q GROUP BY x";
  CHECK(printed_of(bounded).find("89") == std::string::npos);
  for (const auto& [from, to] : {std::pair<std::string, std::string>{"PARTITION BY A", "PARTITION BY A, R"},
                                 {"n <= 50", "n <= 5000"},
                                 {"FROM T) q", "FROM T) q JOIN U ON U.K = q.B"}}) {
    std::string other = bounded;
    other.replace(other.find(from), from.size(), to);
    STRCMP_CONTAINS("row_number() OVER (PARTITION BY \"r2\".\"c1\"", printed_of(other).c_str());
  }
}

TEST(QueryWider, DrawsByChanceWhereNothingWritesItTwice) {
  for (const std::string sql :
       {"SELECT K, random() AS alea FROM T WHERE random() < 0.1", "SELECT K FROM T ORDER BY random() LIMIT 5",
        "SELECT row_number() OVER (PARTITION BY B ORDER BY random()) AS n FROM T",
        "SELECT CASE WHEN random() < 0.5 THEN 'A' ELSE 'B' END AS arm FROM T",
        "SELECT A FROM T TABLESAMPLE BERNOULLI (12.5)"}) {
    const std::string once = printed_of(sql);
    if (once.starts_with("refused: ")) FAIL((sql + ": " + once).c_str());
    STRCMP_EQUAL(once.c_str(), printed_of(once).c_str());
  }
  STRCMP_CONTAINS("(random() < 0.125", printed_of("SELECT A FROM T TABLESAMPLE BERNOULLI (12.5)").c_str());
  for (const char* sql :
       {"SELECT random() * 10 FROM T", "SELECT A FROM T WHERE random() < R",
        "SELECT (random() < 0.5)::int FROM T", "SELECT abs(random()) FROM T", "SELECT random(1) FROM T",
        "SELECT A FROM T WHERE random() < random()",
        "WITH w AS (SELECT K FROM T WHERE random() < 0.5) SELECT a.K FROM w a JOIN w b ON a.K = b.K",
        "SELECT B, count(*) FROM T WHERE random() < 0.5 GROUP BY ROLLUP (B)",
        "SELECT A FROM T TABLESAMPLE SYSTEM (10)",
        "SELECT A FROM T TABLESAMPLE BERNOULLI (10) REPEATABLE (1)",
        "SELECT A FROM T TABLESAMPLE BERNOULLI (110)", "SELECT setseed(0.5)"})
    refused(sql);
}

TEST(QueryWider, TakesTextsApartAndPutsThemTogether) {
  for (const std::string sql :
       {"SELECT regexp_replace(B, '[^0-9]', '', 'g'), substring(B FROM '^[A-Z]\\d{2}') FROM T",
        "SELECT to_char(A, 'FM0000'), to_char(R, '999,990.00'), translate(B, 'abc', 'x') FROM T",
        "SELECT concat_ws('_', A, B, R), format('%s/%s 100%%', A, B) FROM T",
        "SELECT width_bucket(R, 0, 100, 10), log(R), div(A, 10), round(R, -2), greatest(A, 1, R) FROM T",
        "SELECT A FROM T WHERE starts_with(B, 'N05') AND B ~ '^0?97\\d{1,3}$'",
        "SELECT A FROM T WHERE A = ANY (SELECT C FROM U) AND A <> ALL (SELECT C FROM U)",
        "SELECT A FROM T EXCEPT (SELECT C FROM U UNION SELECT A FROM T)",
        "(SELECT A FROM T UNION SELECT C FROM U) INTERSECT SELECT A FROM T",
        "(SELECT A FROM T ORDER BY A LIMIT 1) UNION ALL (SELECT A FROM T ORDER BY A DESC LIMIT 1)",
        "SELECT c, g, i FROM unnest(ARRAY['a', 'b'], ARRAY[1]) WITH ORDINALITY AS v(c, g, i)",
        "SELECT B::date + A * INTERVAL '30 days', B::date - INTERVAL '1 week' * A FROM T",
        "SELECT CASE WHEN grouping(B) = 1 THEN 'all' ELSE B END AS b, count(*) FROM T GROUP BY ROLLUP (B)",
        "SELECT corr(A, R), sum(DISTINCT A) FROM T", "SELECT ltrim(B, '0'), trim(BOTH 'x' FROM B) FROM T"}) {
    const std::string once = printed_of(sql);
    if (once.starts_with("refused: ")) FAIL((sql + ": " + once).c_str());
    STRCMP_EQUAL(once.c_str(), printed_of(once).c_str());
  }
  STRCMP_CONTAINS(
      "CASE WHEN (1 = 1) THEN 'all'",
      printed_of("SELECT CASE WHEN grouping(B) = 1 THEN 'all' ELSE B END AS b, count(*) FROM T GROUP BY "
                 "ROLLUP (B)")
          .c_str());
  STRCMP_CONTAINS("an empty ARRAY", printed_of("SELECT unnest(ARRAY[]) AS a").c_str());
  for (const char* sql : {"SELECT regexp_replace(B, '(a)', '\\1') FROM T",
                          "SELECT regexp_replace(B, '[', '') FROM T",
                          "SELECT regexp_replace(B, 'a', 'b', 'x') FROM T",
                          "SELECT substring(B FROM B) FROM T",
                          "SELECT A FROM T WHERE B ~ '(a{20}){20}'",
                          "SELECT A FROM T WHERE B ~ 'a{21}'",
                          "SELECT A FROM T WHERE B ~ 'a{3,2}'",
                          "SELECT A FROM T WHERE B ~ 'a\\'",
                          "SELECT A FROM T WHERE B SIMILAR TO 'a\\d'",
                          "SELECT to_char(A, 'RN') FROM T",
                          "SELECT to_char(A, B) FROM T",
                          "SELECT format('%I', B) FROM T",
                          "SELECT format('%s') FROM T",
                          "SELECT format(B, A) FROM T",
                          "SELECT width_bucket(R, 10, 0, 5) FROM T",
                          "SELECT width_bucket(R, 0, A, 5) FROM T",
                          "SELECT A FROM T WHERE A <> ANY (SELECT C FROM U)",
                          "SELECT A FROM T WHERE A = ALL (SELECT C FROM U)",
                          "SELECT grouping(A), count(*) FROM T GROUP BY ROLLUP (B)",
                          "SELECT A FROM T WHERE grouping(A) = 1",
                          "SELECT x FROM unnest(ARRAY[1], B) AS v(x) JOIN T ON true",
                          "SELECT B::date + A * INTERVAL '1 month' FROM T",
                          "SELECT translate(B, B, 'x') FROM T",
                          "SELECT ltrim(B, B) FROM T",
                          "SELECT concat_ws(B, A) FROM T",
                          "SELECT corr(A) FROM T"})
    refused(sql);
}
