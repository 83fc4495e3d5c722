#include "sceau/release/extraction.h"

#include <CppUTest/TestHarness.h>

#include "warehouse_fixture.h"

using namespace sceau;
using namespace sceau::release;
using test::Answer;
using test::Warehouse;
using Variant = Warehouse::Variant;

namespace {

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t found = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + what.size()))
    ++found;
  return found;
}

Answer aggregate(const std::string& sql) { return Warehouse::get().ask(Kind::aggregate, sql); }
Answer individual(const std::string& sql) { return Warehouse::get().ask(Kind::individual, sql); }

}  // namespace

TEST_GROUP(Aggregate){};

// The mutant that leaves the minimum cell out is caught here.
TEST(Aggregate, AGroupOfTenPeopleIsNotShown) {
  const Answer answer = aggregate(
      "SELECT BEN_RES_DPT, count(*) FROM IR_BEN_R WHERE BEN_NAI_ANN <> 1911 AND "
      "BEN_NIR_PSA NOT IN (SELECT BEN_NIR_PSA FROM IR_BEN_R WHERE BEN_RES_DPT = '098' AND BEN_NAI_ANN < "
      "1911) "
      "GROUP BY BEN_RES_DPT ORDER BY BEN_RES_DPT");
  CHECK_EQUAL(1U, count(answer.text, "098,11\r\n"));
  const Answer twelve = Warehouse::get().ask(
      Variant::original, Kind::aggregate, "SELECT BEN_RES_DPT, count(*) FROM IR_BEN_R GROUP BY BEN_RES_DPT",
      {13, 2, 85, 600, 1000});
  CHECK_EQUAL(0U, count(twelve.text, "098"));
  CHECK_EQUAL(1U, count(twelve.text, "\r\n013,") + count(twelve.text, "\r\n\"013\","));
}

TEST(Aggregate, AValueOfTooFewPeopleIsLeftEmptyAndSaid) {
  const Answer answer =
      aggregate("SELECT count(*), sum(CASE WHEN PRS_NAT_REF = 9999 THEN 1 ELSE 0 END) FROM ER_PRS_F");
  CHECK_EQUAL(1U, answer.outcome.masked_cells);
  CHECK_EQUAL(1U, count(answer.text, ",\r\n"));
  CHECK(answer.outcome.notices.back().find("withheld") != std::string::npos);
}

// Three to ten people with one line each: no two of them are most of it.
TEST(Aggregate, AValueOfFewPeopleWhoWeighTheSameIsLeftEmpty) {
  std::string year = Warehouse::get().directly(
      "SELECT min(y) FROM (SELECT BEN_NAI_ANN AS y FROM IR_BEN_R GROUP BY y HAVING count(*) BETWEEN 3 AND "
      "10)");
  year.resize(4);
  const Answer answer =
      aggregate("SELECT count(*), sum(CASE WHEN BEN_NAI_ANN = " + year + " THEN 1 ELSE 0 END) FROM IR_BEN_R");
  CHECK_EQUAL(1U, answer.outcome.masked_cells);
  CHECK_EQUAL(1U, count(answer.text, ",\r\n"));
}

TEST(Aggregate, AnEmptyGroupIsNotShownAsZero) {
  const Answer answer = aggregate("SELECT count(*) FROM IR_BEN_R WHERE BEN_NAI_ANN = 1700");
  CHECK_EQUAL(0U, answer.outcome.rows);
}

TEST(Aggregate, TwelvePeopleOfWhomOneSpendsNearlyAllAreNotSummed) {
  const Answer answer = aggregate(
      "SELECT count(DISTINCT BEN_NIR_PSA), sum(PRS_PAI_MNT) FROM ER_PRS_F WHERE BEN_RES_DPT = '098'");
  CHECK_EQUAL(1U, count(answer.text, "\r\n12,\r\n"));
}

TEST(Aggregate, WholeSumsStayWhole) {
  const Answer answer = aggregate("SELECT sum(BEN_SEX_COD) FROM IR_BEN_R");
  CHECK_EQUAL(Warehouse::get().directly("SELECT sum(BEN_SEX_COD) FROM IR_BEN_R"),
              answer.text.substr(answer.text.find("\r\n") + 2));
}

TEST_GROUP(Individual){};

TEST(Individual, PersonKeysComeOutAsPseudonymsOfTheProject) {
  const Answer answer = individual("SELECT BEN_NIR_PSA, BEN_NAI_ANN FROM IR_BEN_R WHERE BEN_NAI_ANN = 1911");
  CHECK_EQUAL(1U, answer.outcome.rows);
  CHECK(answer.text.starts_with("BEN_NIR_PSA,BEN_NAI_ANN\r\n"));
  // 26 characters, a dash, 5 characters
  CHECK_EQUAL('-', answer.text[answer.text.find("\r\n") + 2 + 26]);
  CHECK(answer.text.ends_with(",1911\r\n"));
}

TEST(Individual, TheSamePersonHasTheSamePseudonymInEveryTable) {
  const Answer person = individual("SELECT BEN_NIR_PSA FROM IR_BEN_R WHERE BEN_NAI_ANN = 1911");
  const Answer care = individual("SELECT DISTINCT BEN_NIR_PSA FROM ER_PRS_F WHERE BEN_NAI_ANN = 1911");
  CHECK_EQUAL(person.text, care.text);
}

TEST(Individual, OneRowMoreThanOrderedIsRefused) {
  const std::string sql = "SELECT BEN_NIR_PSA FROM IR_BEN_R";
  CHECK_FALSE(Warehouse::get().ask(Variant::original, Kind::individual, sql, {}, 401).refused);
  const Answer answer = Warehouse::get().ask(Variant::original, Kind::individual, sql, {}, 400);
  CHECK(answer.refused);
  CHECK(answer.text.find("400 rows that may leave") != std::string::npos);
}

TEST(Individual, TheOutcomeIsTheDigestOfWhatWasGiven) {
  const Answer answer = individual("SELECT BEN_NIR_PSA FROM IR_BEN_R");
  CHECK_EQUAL(answer.text.size(), answer.outcome.bytes);
  CHECK(answer.outcome.sha256 == sha256(as_bytes(answer.text)));
}

TEST_GROUP(Plan){};

TEST(Plan, WorkIsRefusedWithItsReason) {
  auto planned =
      plan(Warehouse::get().catalogue(), Kind::work, {"SELECT 1"}, {}, {}, sceau::source::Engine::sqlite);
  CHECK_FALSE(planned.ok());
  CHECK(planned.error().message.find("workspace") != std::string::npos);
}

TEST(Plan, TwoStatementsWhereOneIsMeantAreRefused) {
  const std::vector<std::string> two = {"SELECT count(*) FROM IR_BEN_R", "SELECT count(*) FROM IR_BEN_R"};
  CHECK_FALSE(
      plan(Warehouse::get().catalogue(), Kind::aggregate, two, {}, {}, sceau::source::Engine::sqlite).ok());
  CHECK_FALSE(
      plan(Warehouse::get().catalogue(), Kind::aggregate, {}, {}, {}, sceau::source::Engine::sqlite).ok());
}

TEST(Plan, TablesAndColumnsOutsideTheProjectAreRefusedByName) {
  ProjectRules rules;
  rules.tables = {"IR_BEN_R"};
  auto table = plan(Warehouse::get().catalogue(), Kind::aggregate, {"SELECT count(*) FROM ER_PRS_F"}, {},
                    rules, sceau::source::Engine::sqlite);
  CHECK_FALSE(table.ok());
  CHECK(table.error().message.find("ER_PRS_F") != std::string::npos);
  rules.columns = {"IR_BEN_R.BEN_SEX_COD"};
  auto column = plan(Warehouse::get().catalogue(), Kind::aggregate, {"SELECT avg(BEN_NAI_ANN) FROM IR_BEN_R"},
                     {}, rules, sceau::source::Engine::sqlite);
  CHECK_FALSE(column.ok());
  CHECK(column.error().message.find("IR_BEN_R.BEN_NAI_ANN") != std::string::npos);
  // The gate's own count of people needs the person key, whatever the project may read.
  CHECK(plan(Warehouse::get().catalogue(), Kind::aggregate,
             {"SELECT BEN_SEX_COD, count(*) FROM IR_BEN_R GROUP BY 1"}, {}, rules,
             sceau::source::Engine::sqlite)
            .ok());
}

TEST(Plan, IsTheSameEveryTime) {
  const std::vector<std::string> sql = {"SELECT BEN_SEX_COD, avg(BEN_NAI_ANN) FROM IR_BEN_R GROUP BY 1"};
  auto first =
      plan(Warehouse::get().catalogue(), Kind::aggregate, sql, {}, {}, sceau::source::Engine::sqlite);
  auto second =
      plan(Warehouse::get().catalogue(), Kind::aggregate, sql, {}, {}, sceau::source::Engine::sqlite);
  CHECK(first->sql_run == second->sql_run);
  CHECK_EQUAL(2U, first->sql_run.size());
}

TEST(Plan, APolicyWeakerThanTheFloorIsRefused) {
  Policy weak;
  weak.minimum_people = 10;
  CHECK_FALSE(check(weak).ok());
  weak = {};
  weak.dominance_percent = 86;
  CHECK_FALSE(check(weak).ok());
  weak = {};
  weak.dominance_people = 1;
  CHECK_FALSE(check(weak).ok());
  CHECK_FALSE(plan(Warehouse::get().catalogue(), Kind::aggregate, {"SELECT count(*) FROM IR_BEN_R"}, weak, {},
                   sceau::source::Engine::sqlite)
                  .ok());
  CHECK(check(Policy{}).ok());
}
