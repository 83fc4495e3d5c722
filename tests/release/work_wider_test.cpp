// Forms that statisticians write and that kind work follows where their outcome tells nothing: chance, texts
// put together, windows over groups, UPDATE by a SELECT, and what is left out with a notice.
#include "work_session.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

using sceau::release::Kind;
using sceau::release::Plan;
using sceau::source::Label;
using sceau::source::Sums;
using sceau::source::Table;
using test::Answer;
using test::Warehouse;
using test::WorkSession;

TEST_GROUP(WorkWider) {
  WorkSession here{Warehouse::Variant::original, "wider"};
  void setup() override {
    for (const char* name : {"t", "u", "v", "w"}) here.run("DROP TABLE IF EXISTS " + std::string(name));
  }
  void runs(const std::string& sql) { STRCMP_EQUAL("", here.run(sql).c_str()); }
  void refused(const std::string& sql, const char* why) { STRCMP_CONTAINS(why, here.run(sql).c_str()); }
  Plan planned(const std::string& sql) {
    auto plan = sceau::release::plan(Warehouse::get().catalogue(), Kind::work, {sql}, {}, {},
                                     sceau::source::Engine::postgresql, here.workspace);
    if (!plan) FAIL(plan.error().message.c_str());
    return std::move(*plan);
  }
  // Nothing leaves from the table, which is there.
  void stays(const std::string& table) {
    const Table* made = here.find(table);
    CHECK(made != nullptr && !made->untied.empty());
    CHECK(here.leave(Kind::aggregate, "SELECT count(*) AS n FROM " + table).refused);
    CHECK(here.leave(Kind::individual, "SELECT * FROM " + table).refused);
  }
  // The table's only value, when there is a database.
  void holds(const std::string& table, const std::string& expected) {
    if (!Warehouse::has_database()) return;
    const Answer answer = here.leave(Kind::individual, "SELECT * FROM " + table);
    STRCMP_CONTAINS(expected.c_str(), answer.text.c_str());
  }
};

TEST(WorkWider, WhoWasDrawnByChanceIsStillCounted) {
  runs(
      "CREATE TABLE t AS SELECT BEN_NIR_PSA, BEN_SEX_COD, random() AS alea FROM IR_BEN_R WHERE random() < "
      "0.95");
  STRCMP_EQUAL("BEN_NIR_PSA", here.find("t")->person.c_str());
  CHECK(here.find("t")->columns[2].sums == Sums::never);
  const Answer answer = here.leave(
      Kind::aggregate, "SELECT BEN_SEX_COD, count(DISTINCT BEN_NIR_PSA) AS n FROM t GROUP BY BEN_SEX_COD");
  CHECK_FALSE(answer.refused);
  CHECK(here.leave(Kind::aggregate, "SELECT sum(alea) AS s FROM t").refused);
  runs("UPDATE t SET alea = random()");
  runs("CREATE TABLE u AS SELECT BEN_NIR_PSA FROM t ORDER BY random() LIMIT 20");
  stays("u");
  runs("CREATE TABLE v AS SELECT BEN_NIR_PSA FROM ER_PRS_F TABLESAMPLE BERNOULLI (50)");
  STRCMP_EQUAL("BEN_NIR_PSA", here.find("v")->person.c_str());
}

TEST(WorkWider, NothingThatLeavesIsDrawnByChance) {
  for (const Kind kind : {Kind::aggregate, Kind::individual}) {
    for (const char* sql :
         {"SELECT BEN_SEX_COD FROM IR_BEN_R WHERE random() < 0.5",
          "SELECT BEN_SEX_COD FROM IR_BEN_R TABLESAMPLE BERNOULLI (50)",
          "SELECT BEN_SEX_COD, random() AS x FROM IR_BEN_R",
          "SELECT x.BEN_SEX_COD FROM (SELECT BEN_SEX_COD FROM IR_BEN_R WHERE random() < 0.5) x"})
      STRCMP_CONTAINS("random()", here.leave(kind, sql).text.c_str());
  }
  // The people that are counted would be others than those that are summed.
  runs("CREATE VIEW v AS SELECT BEN_NIR_PSA, BEN_SEX_COD FROM IR_BEN_R WHERE random() < 0.5");
  STRCMP_CONTAINS("random()",
                  here.leave(Kind::aggregate, "SELECT BEN_SEX_COD, count(*) AS n FROM v GROUP BY BEN_SEX_COD")
                      .text.c_str());
  runs("DROP VIEW v");
}

TEST(WorkWider, TextsPutTogetherAreLabelledAndBounded) {
  runs(
      "CREATE TABLE t AS SELECT BEN_NIR_PSA, count(*) AS n, string_agg(BEN_RES_COM, '>' ORDER BY "
      "EXE_SOI_DTD) AS s, "
      "string_agg(DISTINCT PSE_SPE_COD::text, '+') AS d FROM ER_PRS_F GROUP BY BEN_NIR_PSA");
  const Table& made = *here.find("t");
  STRCMP_EQUAL("BEN_NIR_PSA", made.person.c_str());
  CHECK(made.columns[2].label == Label::potential_identifier && made.columns[3].label == Label::measure);
  CHECK(made.columns[2].longest >= 80'000 && made.columns[2].longest <= 100'000);
  const Plan plan = planned("CREATE TABLE u AS SELECT string_agg(PHA_ATC_CLA, ',') AS s FROM IR_PHA_R");
  STRCMP_CONTAINS("at most 89 texts of a group", plan.notices.at(0).c_str());
  STRCMP_CONTAINS("octet_length(", plan.sql_run.back().c_str());
  for (const char* sql :
       {"SELECT string_agg(BEN_NIR_PSA, ',') AS s FROM IR_BEN_R",
        "SELECT BEN_SEX_COD, string_agg(BEN_RES_DPT, ',' ORDER BY BEN_NIR_ANO) AS s FROM IR_BEN_R "
        "GROUP BY BEN_SEX_COD",
        "SELECT string_agg(BEN_RES_DPT, ',') FILTER (WHERE BEN_NIR_PSA = 'x') AS s FROM IR_BEN_R"})
    refused("CREATE TABLE u AS " + std::string(sql), "identifiers may only be");
  runs(
      "CREATE TABLE u AS SELECT BEN_SEX_COD, string_agg(BEN_RES_COM, ',') AS s FROM IR_BEN_R GROUP BY "
      "BEN_SEX_COD");
  stays("u");
}

TEST(WorkWider, TextsPutTogetherAreThoseOfTheDatabase) {
  runs("CREATE TABLE v (k integer, a text, d integer)");
  runs("INSERT INTO v VALUES (1, 'b', 2), (1, 'a', 3), (1, 'b', 1), (1, NULL, 0), (2, 'c', 1)");
  runs(
      "CREATE TABLE t AS SELECT k, string_agg(a, ',' ORDER BY d) AS s, string_agg(DISTINCT a, '+' ORDER BY a "
      "DESC) "
      "AS u, string_agg(a, ',') FILTER (WHERE d > 1) AS f, count(*) AS n FROM v GROUP BY k");
  holds("t", "1,\"b,b,a\",b+a,\"a,b\",4");
}

TEST(WorkWider, WindowsOverGroupsAreWhatTheyAreInside) {
  runs(
      "CREATE TABLE t AS SELECT BEN_RES_DPT, sum(PRS_PAI_MNT) AS m, sum(sum(PRS_PAI_MNT)) OVER () AS s FROM "
      "ER_PRS_F GROUP BY BEN_RES_DPT");
  stays("t");
  runs(
      "CREATE TABLE u AS SELECT BEN_NIR_PSA, PRS_NAT_REF, count(*) AS n, rank() OVER (PARTITION BY "
      "BEN_NIR_PSA "
      "ORDER BY count(*) DESC) AS r FROM ER_PRS_F GROUP BY BEN_NIR_PSA, PRS_NAT_REF");
  STRCMP_EQUAL("BEN_NIR_PSA", here.find("u")->person.c_str());
  refused(
      "CREATE TABLE w AS SELECT BEN_SEX_COD, rank() OVER (ORDER BY max(BEN_NIR_ANO)) AS r FROM "
      "IR_BEN_R GROUP BY BEN_SEX_COD",
      "identifiers may only be");
}

TEST(WorkWider, AnUpdateByASelectGivesAllRowsTheirValue) {
  runs("CREATE TABLE v (k integer, x integer)");
  runs("INSERT INTO v VALUES (1, 10), (1, 20), (3, 5)");
  runs("CREATE TABLE t (k integer, m integer, n integer)");
  runs("INSERT INTO t VALUES (1, 7, 7), (2, 7, 7), (4, 7, 7)");
  runs("UPDATE t SET m = (SELECT max(v.x) FROM v WHERE v.k = t.k) WHERE k < 4");
  runs("UPDATE t SET n = 100 + (SELECT count(*) FROM v WHERE v.k = t.k)");
  holds("t", "1,20,102");
  holds("t", "2,,100");
  holds("t", "4,7,100");
  LONGS_EQUAL(2, planned("UPDATE t SET m = (SELECT max(v.x) FROM v WHERE v.k = t.k)").sql_run.size());
  for (const char* sql :
       {"UPDATE t SET m = m + (SELECT max(v.x) FROM v WHERE v.k = t.k)",
        "UPDATE t SET m = (SELECT max(v.x) FROM v WHERE v.k = t.m)",
        "UPDATE t SET m = (SELECT max(v.x) FROM v WHERE v.k = t.k) WHERE m IS NULL",
        "UPDATE t SET n = 1 WHERE m < (SELECT max(v.x) FROM v WHERE v.k = t.k)",
        "UPDATE t SET m = (SELECT max(x) FROM v WHERE v.k = t.k), n = (SELECT min(x) FROM v WHERE "
        "v.k = t.k)",
        "UPDATE t SET m = (SELECT v.x FROM v WHERE v.k = t.k ORDER BY v.x LIMIT 1)"})
    refused(sql, "write UPDATE … FROM");
  runs("CREATE TABLE u AS SELECT BEN_NIR_PSA, 0 AS paid FROM IR_BEN_R");
  runs("UPDATE u SET paid = (SELECT max(p.PRS_PAI_MNT) FROM ER_PRS_F p WHERE p.BEN_NIR_PSA = u.BEN_NIR_PSA)");
  STRCMP_EQUAL("BEN_NIR_PSA", here.find("u")->person.c_str());
  CHECK(here.find("u")->columns[1].sums == Sums::never);
  runs("CREATE TABLE w AS SELECT BEN_NIR_PSA, BEN_RES_DPT, 0 AS paid FROM IR_BEN_R");
  runs("UPDATE w SET paid = (SELECT max(p.PRS_PAI_MNT) FROM ER_PRS_F p WHERE p.BEN_RES_DPT = w.BEN_RES_DPT)");
  stays("w");
}

TEST(WorkWider, TheFirstPeopleByTheirKeyStayIn) {
  runs("CREATE TABLE t AS SELECT BEN_NIR_PSA, BEN_SEX_COD FROM IR_BEN_R ORDER BY BEN_NIR_PSA LIMIT 20");
  stays("t");
  runs(
      "CREATE TABLE u AS SELECT b.BEN_NIR_PSA, b.BEN_SEX_COD FROM IR_BEN_R b JOIN (SELECT BEN_NIR_PSA FROM "
      "IR_BEN_R "
      "ORDER BY BEN_NIR_PSA DESC LIMIT 20) x ON x.BEN_NIR_PSA = b.BEN_NIR_PSA");
  stays("u");
  runs(
      "CREATE TABLE v AS SELECT BEN_NIR_PSA, BEN_SEX_COD FROM IR_BEN_R WHERE BEN_NIR_PSA IN (SELECT "
      "BEN_NIR_PSA FROM "
      "t)");
  stays("v");
  runs(
      "CREATE TABLE w AS SELECT BEN_NIR_PSA, row_number() OVER (PARTITION BY BEN_NIR_PSA ORDER BY "
      "BEN_NIR_PSA, "
      "EXE_SOI_DTD) AS n FROM ER_PRS_F");
  STRCMP_EQUAL("BEN_NIR_PSA", here.find("w")->person.c_str());
  runs("DROP TABLE w");
  for (const char* sql :
       {"SELECT BEN_SEX_COD FROM IR_BEN_R ORDER BY BEN_NIR_ANO LIMIT 1",
        "SELECT BEN_SEX_COD, row_number() OVER (ORDER BY BEN_NIR_PSA) AS n FROM IR_BEN_R",
        "SELECT BEN_SEX_COD, row_number() OVER (PARTITION BY BEN_NIR_PSA ORDER BY PFS_EXE_NUM) AS n "
        "FROM ER_PRS_F",
        "SELECT DISTINCT ON (BEN_RES_DPT) BEN_SEX_COD FROM IR_BEN_R ORDER BY BEN_RES_DPT, "
        "BEN_NIR_PSA",
        "SELECT BEN_SEX_COD FROM IR_BEN_R ORDER BY upper(BEN_NIR_PSA) LIMIT 1"})
    refused("CREATE TABLE w AS " + std::string(sql), "identifiers may only be");
  for (const Kind kind : {Kind::aggregate, Kind::individual})
    CHECK(here.leave(kind, "SELECT BEN_SEX_COD FROM IR_BEN_R ORDER BY BEN_NIR_PSA LIMIT 1").refused);
}

TEST(WorkWider, WhatIsLeftOutIsSaid) {
  runs("CREATE TABLE t (a text DEFAULT 'x', n integer)");
  const auto said = [&](const std::string& sql, const char* what) {
    STRCMP_CONTAINS(what, planned(sql).notices.at(0).c_str());
    runs(sql);
  };
  said("INSERT INTO t SELECT 'a', 1 FROM IR_PHA_R ON CONFLICT (a) DO NOTHING",
       "ON CONFLICT DO NOTHING is left out");
  said("CREATE INDEX ON t (lower(a))", "no index is made on table \"t\"");
  said("CREATE INDEX ON t (a) WHERE n = 1", "no index is made on table \"t\"");
  said("CREATE INDEX ON t USING gin (a)", "no index is made on table \"t\"");
  said("BEGIN", "kept whole or not at all");
  said("COMMIT", "kept whole or not at all");
  said("CREATE MATERIALIZED VIEW u AS SELECT a FROM t", "made as a table");
  runs("CREATE INDEX CONCURRENTLY t_a ON t (a) INCLUDE (n)");
  runs("ANALYZE t (a)");
  runs("INSERT INTO t VALUES (DEFAULT, 5), ('y', DEFAULT)");
  runs("UPDATE t SET (a, n) = (u.a, 3) FROM u WHERE u.a = t.a");
  refused("INSERT INTO t VALUES ('a', 1) ON CONFLICT (a) DO UPDATE SET n = 2", "write UPDATE … FROM");
  refused("ROLLBACK", "kept whole or not at all");
  refused("SAVEPOINT s", "kept whole or not at all");
  refused("UPDATE t SET (a, n) = (SELECT a, 1 FROM u LIMIT 1)", "write UPDATE … FROM");
  refused("CREATE INDEX ON IR_BEN_R (lower(BEN_NIR_ANO))", "table of the catalogue");
}

TEST(WorkWider, TextsAreStoredNoLongerThanTheyAreTakenToBe) {
  STRCMP_CONTAINS("octet_length(CAST(\"q\".\"c1\" AS text)) > 1000",
                  planned("CREATE TABLE t AS SELECT BEN_RES_COM FROM IR_BEN_R").sql_run.back().c_str());
  STRCMP_CONTAINS("octet_length(CAST(\"q\".\"c1\" AS text)) > 2000",
                  planned("CREATE TABLE t AS SELECT BEN_RES_COM || BEN_RES_DPT AS x FROM IR_BEN_R")
                      .sql_run.back()
                      .c_str());
  // What is certainly short is stored as it is.
  CHECK(planned(
            "CREATE TABLE t AS SELECT substr(BEN_RES_COM, 1, 3) AS x, EXE_SOI_DTD::date AS d, 'a' AS a FROM "
            "ER_PRS_F")
            .sql_run.back()
            .find("octet_length") == std::string::npos);
  runs("CREATE TABLE t AS SELECT BEN_RES_COM FROM IR_BEN_R");
  STRCMP_CONTAINS("octet_length(",
                  planned("INSERT INTO t SELECT PHA_ATC_LIB FROM IR_PHA_R").sql_run.back().c_str());
  STRCMP_CONTAINS("octet_length(", planned("UPDATE t SET BEN_RES_COM = r.PHA_ATC_LIB FROM IR_PHA_R r WHERE "
                                           "r.PHA_ATC_CLA = t.BEN_RES_COM")
                                       .sql_run.back()
                                       .c_str());
  CHECK(planned("CREATE TABLE u AS SELECT BEN_RES_COM FROM t").sql_run.back().find("octet_length") ==
        std::string::npos);
}
