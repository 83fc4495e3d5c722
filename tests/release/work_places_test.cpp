// What is stored, and what a name or a place means, is what was checked: combinations, views, stars, and
// texts made of numbers.
#include "work_session.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

using sceau::release::Kind;
using test::Answer;
using test::WorkSession;

namespace {

// All that the database would get for that script.
std::string sent(const WorkSession& here, const std::string& sql) {
  const auto planned = sceau::release::plan(test::Warehouse::get().catalogue(), Kind::work, {sql}, {}, {},
                                            sceau::source::Engine::postgresql, here.workspace);
  if (!planned) return planned.error().message;
  std::string all;
  for (const std::string& one : planned->sql_run) all += one + "\n";
  return all;
}

}  // namespace

TEST_GROUP(WorkPlaces) {
  WorkSession here{test::Warehouse::Variant::original, "places"};
  void setup() override {
    STRCMP_EQUAL("",
                 here.work({"DROP TABLE IF EXISTS t", "DROP TABLE IF EXISTS a", "DROP TABLE IF EXISTS b",
                            "CREATE TABLE t (sex text, who text)", "CREATE TABLE a (p integer, k integer)",
                            "CREATE TABLE b (k integer, q integer)"})
                     .c_str());
  }
  void runs(const std::string& sql) { STRCMP_EQUAL("", here.run(sql).c_str()); }
  void refused(const std::string& sql, const char* why) { STRCMP_CONTAINS(why, here.run(sql).c_str()); }
};

TEST(WorkPlaces, NamesWithinACombinationDoNotChooseWhatIsStored) {
  runs(
      "INSERT INTO t (sex, who) SELECT CAST(BEN_SEX_COD AS text) AS c2, BEN_NIR_PSA AS c1 FROM IR_BEN_R "
      "UNION SELECT CAST(BEN_SEX_COD AS text), BEN_NIR_PSA FROM IR_BEN_R");
  const Answer answer =
      here.leave(Kind::aggregate, "SELECT sex, count(DISTINCT who) AS n FROM t GROUP BY sex ORDER BY sex");
  CHECK_FALSE(answer.refused);
  if (!answer.text.empty()) STRCMP_CONTAINS("\n1,", answer.text.c_str());
  const std::string text =
      sent(here,
           "INSERT INTO t (sex, who) SELECT CAST(BEN_SEX_COD AS text) AS c2, BEN_NIR_PSA AS c1 "
           "FROM IR_BEN_R UNION SELECT CAST(BEN_SEX_COD AS text), BEN_NIR_PSA FROM IR_BEN_R");
  STRCMP_CONTAINS("AS \"q\"(\"c1\", \"c2\")", text.c_str());
  CHECK(text.find("AS \"c2\", ") == std::string::npos);
}

TEST(WorkPlaces, CombinationsAreStoredWithoutNamesOfTheirOwn) {
  runs(
      "INSERT INTO t SELECT CAST(BEN_SEX_COD AS text), BEN_NIR_PSA FROM IR_BEN_R UNION ALL SELECT "
      "BEN_RES_DPT, BEN_NIR_PSA FROM IR_BEN_R");
  runs(
      "CREATE TABLE sums AS SELECT BEN_SEX_COD, BEN_RES_DPT, count(*) AS n FROM IR_BEN_R GROUP BY "
      "ROLLUP(BEN_SEX_COD, BEN_RES_DPT)");
  runs("DROP TABLE sums");
}

TEST(WorkPlaces, AViewsNamesAreThoseOfAllItsParts) {
  runs("CREATE VIEW v (x, y) AS SELECT p, k FROM a UNION ALL SELECT p, k FROM a");
  STRCMP_CONTAINS("\"c1\" AS \"x\"", sent(here, "CREATE TABLE w AS SELECT x FROM v").c_str());
  runs("CREATE OR REPLACE VIEW v (p, k) AS SELECT k, p FROM a UNION ALL SELECT k, p FROM a");
  // Its p is the first result, whatever that was named in its parts.
  STRCMP_CONTAINS("\"c1\" AS \"p\"", sent(here, "CREATE TABLE w AS SELECT p FROM v").c_str());
  runs("DROP VIEW v");
}

TEST(WorkPlaces, StarsHaveTheirColumnsWhereTheDatabaseHasThem) {
  const auto columns = [&](const std::string& from) {
    runs("CREATE TABLE d AS SELECT * FROM " + from);
    std::string names;
    for (const auto& column : here.find("d")->columns) names += column.name + " ";
    runs("DROP TABLE d");
    return names;
  };
  STRCMP_EQUAL("k p q ", columns("a NATURAL JOIN b").c_str());
  STRCMP_EQUAL("k p q ", columns("a JOIN b USING (k)").c_str());
  STRCMP_EQUAL("k q p ", columns("b JOIN (SELECT k, p FROM a) x USING (k)").c_str());
  STRCMP_EQUAL("p k k2 q ", columns("a x RIGHT JOIN (SELECT k AS k2, q FROM b) y ON x.k = y.k2").c_str());
  STRCMP_EQUAL("k p q ", columns("a RIGHT JOIN b USING (k)").c_str());
  // Whatever their places are, each keeps its label.
  runs(
      "CREATE TABLE d AS SELECT * FROM (SELECT BEN_SEX_COD AS n, BEN_NIR_ANO AS x FROM IR_BEN_R) i RIGHT "
      "JOIN "
      "(SELECT k, k AS n FROM b) j USING (n)");
  const auto* made = here.find("d");
  CHECK(made != nullptr && made->columns[1].name == "x" &&
        made->columns[1].label == sceau::source::Label::direct_identifier);
  runs("DROP TABLE d");
}

TEST(WorkPlaces, LateralsConditionIsKept) {
  const std::string text =
      sent(here,
           "CREATE TABLE d AS SELECT a.k, s.q FROM a JOIN LATERAL (SELECT b.q FROM b WHERE b.k = "
           "a.k) s ON 1 <> s.q");
  STRCMP_CONTAINS("(1 <> ", text.c_str());
  refused(
      "CREATE TABLE d AS SELECT a.p FROM a CROSS JOIN LATERAL (SELECT max(b.q) AS m FROM b WHERE b.k = a.k) "
      "s NATURAL JOIN (SELECT k, q AS m FROM b) c",
      "write ON");
}

TEST(WorkPlaces, ATextOfANumberHasAnEnd) {
  const std::string text =
      sent(here, "CREATE TABLE d AS SELECT CAST(p * 0.123456789 AS text) AS x, 'n' || (p * k) AS y FROM a");
  STRCMP_CONTAINS("left(CAST(", text.c_str());
  runs("CREATE TABLE d AS SELECT CAST(p * 0.123456789 AS text) AS x FROM a");
  const auto* made = here.find("d");
  CHECK(made != nullptr && made->columns[0].longest >= 411);
  runs("DROP TABLE d");
}

TEST(WorkPlaces, ConditionsThatAreWrittenManyTimesAreRefusedBeforeTheyAre) {
  std::string condition = "p IN (SELECT k FROM b)";
  for (int depth = 0; depth < 10; ++depth)
    condition = "p IN (SELECT k FROM b WHERE (" + condition + ") IS DISTINCT FROM (1 = 1))";
  refused("CREATE TABLE d AS SELECT p FROM a WHERE " + condition, "written out too long");
}
