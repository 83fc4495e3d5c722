// Whole numbers that are copied from the catalogue keep their type in a workspace, which makes small tables
// cheap: and no other value may fail to go in beside them.
#include "work_session.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

using sceau::release::Kind;
using test::Answer;
using test::Warehouse;
using test::WorkSession;

TEST_GROUP(WorkNarrow) {
  WorkSession here{Warehouse::Variant::original, "narrow"};
  void setup() override {
    for (const char* name : {"t", "u"}) here.run("DROP TABLE IF EXISTS " + std::string(name));
    runs("CREATE TABLE t AS SELECT BEN_NIR_PSA, BEN_NAI_ANN FROM IR_BEN_R");
  }
  void runs(const std::string& sql) { STRCMP_EQUAL("", here.run(sql).c_str()); }
  std::vector<std::string> sent(const std::string& sql) {
    auto plan = sceau::release::plan(Warehouse::get().catalogue(), Kind::work, {sql}, {}, {},
                                     sceau::source::Engine::postgresql, here.workspace);
    if (!plan) FAIL(plan.error().message.c_str());
    return std::move(plan->sql_run);
  }
  // The statement makes the column wide first, runs, and has no need to when it comes again.
  void widens(const std::string& sql) {
    const auto script = sent(sql);
    LONGS_EQUAL(2, script.size());
    STRCMP_CONTAINS("ALTER COLUMN \"BEN_NAI_ANN\" TYPE numeric", script.front().c_str());
    runs(sql);
    LONGS_EQUAL(1, sent(sql).size());
    CHECK_FALSE(here.find("t")->columns[1].narrow);
  }
  // With a database: a row above any year has this value there.
  void holds(const char* value) {
    if (!Warehouse::has_database()) return;
    const Answer answer =
        here.leave(Kind::individual, "SELECT BEN_NIR_PSA, BEN_NAI_ANN FROM t WHERE BEN_NAI_ANN > 3000");
    STRCMP_CONTAINS((std::string(",") + value + "\r\n").c_str(), answer.text.c_str());
  }
};

TEST(WorkNarrow, CopiesKeepTheirTypeAndWhatIsComputedTakesAnyNumber) {
  STRCMP_CONTAINS("\"q\".\"c1\" AS \"y\", trim_scale(round(CAST(\"q\".\"c2\" AS numeric)",
                  sent("CREATE TABLE u AS SELECT r.BEN_NAI_ANN AS y, sum(r.BEN_SEX_COD) AS s FROM IR_BEN_R r "
                       "GROUP BY r.BEN_NAI_ANN")
                      .back()
                      .c_str());
  STRCMP_CONTAINS("\"q\".\"c1\" AS \"y\"",
                  sent("CREATE TABLE u AS SELECT BEN_NAI_ANN AS y FROM t").back().c_str());
  STRCMP_CONTAINS(
      "(CAST(\"q\".\"c1\" AS numeric)",
      sent("CREATE TABLE u AS SELECT BEN_NAI_ANN AS y FROM t UNION SELECT BEN_SEX_COD FROM IR_BEN_R")
          .back()
          .c_str());
}

// What they are copied from may have been made wider in the database since.
TEST(WorkNarrow, MoreCopiesMakeItWideFirst) {
  CHECK(here.find("t")->columns[1].narrow);
  widens("INSERT INTO t SELECT BEN_NIR_PSA, BEN_NAI_ANN FROM IR_BEN_R");
}

TEST(WorkNarrow, CopiesOfWhatIsWideAreWide) {
  runs("CREATE TABLE u AS SELECT BEN_NAI_ANN FROM t");
  CHECK(here.find("u")->columns[0].narrow);
  runs("UPDATE t SET BEN_NAI_ANN = 99999999999999999999");
  runs("DROP TABLE u");
  STRCMP_CONTAINS("CAST(\"q\".\"c1\" AS numeric)",
                  sent("CREATE TABLE u AS SELECT BEN_NAI_ANN FROM t").back().c_str());
  runs("CREATE TABLE u AS SELECT BEN_NAI_ANN FROM t");
  CHECK_FALSE(here.find("u")->columns[0].narrow);
}

TEST(WorkNarrow, ComputedValuesMakeItWideFirst) {
  widens("INSERT INTO t SELECT BEN_NIR_PSA, BEN_NAI_ANN * 0 + 123456789012345678901234 FROM IR_BEN_R");
  holds("1.2345678901234569e+23");
}

TEST(WorkNarrow, ConstantsMakeItWideFirst) {
  widens("INSERT INTO t VALUES (NULL, 99999999999999999999), (NULL, 1)");
}

TEST(WorkNarrow, AnotherColumnsCopiesMakeItWideFirst) {
  widens("INSERT INTO t SELECT BEN_NIR_PSA, BEN_SEX_COD FROM IR_BEN_R");
}

TEST(WorkNarrow, UpdatesMakeItWideFirst) {
  widens("UPDATE t SET BEN_NAI_ANN = 99999999999999999999.5 WHERE BEN_NAI_ANN > 1920");
  holds("1e+20");
}

TEST(WorkNarrow, ADefaultMakesItWideFirst) {
  const char* const otherwise = "ALTER TABLE t ALTER COLUMN BEN_NAI_ANN SET DEFAULT 99999999999999999999";
  LONGS_EQUAL(2, sent(otherwise).size());
  LONGS_EQUAL(1, sent("ALTER TABLE t ALTER COLUMN BEN_NAI_ANN DROP DEFAULT").size());
  runs(otherwise);
  runs("INSERT INTO t (BEN_NIR_PSA) SELECT BEN_NIR_PSA FROM IR_BEN_R");
  holds("1e+20");
}

// Its index is built anew with the column.
TEST(WorkNarrow, AnIndexedColumnIsMadeWideToo) {
  runs("CREATE INDEX ON t (BEN_NAI_ANN)");
  widens("INSERT INTO t VALUES (NULL, 99999999999999999999)");
}
