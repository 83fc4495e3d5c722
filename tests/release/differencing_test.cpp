// Several answers of one project, held against each other.
#include <CppUTest/TestHarness.h>

#include "warehouse_fixture.h"

using namespace sceau;
using namespace sceau::release;
using test::Answer;
using test::Warehouse;

namespace {

const Warehouse& warehouse() { return Warehouse::get(); }

std::string rows_of(const Answer& answer) { return answer.text.substr(answer.text.find("\r\n") + 2); }

// No row, or a row whose only value is empty.
bool is_withheld(const Answer& answer) { return rows_of(answer).empty() || rows_of(answer) == "\r\n"; }

// The lines of an answer, without its header.
std::size_t lines_of(const Answer& answer) {
  return static_cast<std::size_t>(std::count(answer.text.begin(), answer.text.end(), '\n')) - 1;
}

// A year in which one to ten people of that sex were born, and at most ten of any.
std::string rare_year(int sex = 1) {
  std::string year = warehouse().directly(
      "SELECT min(y) FROM (SELECT BEN_NAI_ANN AS y FROM IR_BEN_R GROUP BY y HAVING count(*) BETWEEN 1 AND 10 "
      "AND sum(BEN_SEX_COD = " +
      std::to_string(sex) + ") > 0 AND y > 1940)");
  year.resize(4);
  return year;
}

const char* const people = "SELECT count(DISTINCT BEN_NIR_PSA) FROM IR_BEN_R";

}  // namespace

TEST_GROUP(Differencing) {
  MemoryHistory history{Secret(Bytes(16, 5))};
  Answer ask(const std::string& sql) { return warehouse().ask(history, sql); }
};

TEST(Differencing, PeopleUpToOneYearOlderAreNotShownWhenTheYearHasFew) {
  const std::string year = rare_year();
  const Answer first = ask(std::string(people) + " WHERE BEN_NAI_ANN <= " + year);
  CHECK_FALSE(is_withheld(first));
  const Answer second = ask(std::string(people) + " WHERE BEN_NAI_ANN < " + year);
  CHECK(is_withheld(second));
  CHECK(second.outcome.notices.back().find("was given before") != std::string::npos);
}

TEST(Differencing, TheOtherOrderIsNoWayRound) {
  const std::string year = rare_year();
  CHECK_FALSE(is_withheld(ask(std::string(people) + " WHERE BEN_NAI_ANN < " + year)));
  CHECK(is_withheld(ask(std::string(people) + " WHERE BEN_NAI_ANN <= " + year)));
}

TEST(Differencing, AnotherProjectHasItsOwnHistory) {
  const std::string year = rare_year();
  ask(std::string(people) + " WHERE BEN_NAI_ANN <= " + year);
  MemoryHistory other{Secret(Bytes(16, 6))};
  CHECK_FALSE(is_withheld(warehouse().ask(other, std::string(people) + " WHERE BEN_NAI_ANN < " + year)));
}

TEST(Differencing, TheSameQuestionGetsTheSameAnswer) {
  const std::string sql = "SELECT BEN_RES_DPT, count(*) FROM IR_BEN_R GROUP BY BEN_RES_DPT";
  const Answer first = ask(sql);
  CHECK(lines_of(first) >= 2);
  STRCMP_EQUAL(first.text.c_str(), ask(sql).text.c_str());
}

TEST(Differencing, MuchDifferentPeopleAreShown) {
  CHECK_FALSE(is_withheld(ask(std::string(people) + " WHERE BEN_NAI_ANN <= 1960")));
  CHECK_FALSE(is_withheld(ask(std::string(people) + " WHERE BEN_NAI_ANN <= 1990")));
  CHECK_FALSE(is_withheld(ask(people)));
}

// All of one answer's groups but a small one, then their total.
TEST(Differencing, ATotalThatTellsAWithheldGroupIsWithheld) {
  const std::string age = "CASE WHEN BEN_NAI_ANN = " + rare_year() + " THEN 0 ELSE BEN_SEX_COD END";
  const Answer parts = ask("SELECT " + age + ", count(*) FROM IR_BEN_R GROUP BY " + age);
  CHECK_EQUAL(2U, lines_of(parts));
  CHECK(is_withheld(ask("SELECT count(*) FROM IR_BEN_R")));
}

// The total first: then a second group is left out beside the small one.
TEST(Differencing, BesideATotalASecondGroupIsLeftOut) {
  CHECK_FALSE(is_withheld(ask("SELECT count(*) FROM IR_BEN_R")));
  const std::string age = "CASE WHEN BEN_NAI_ANN = " + rare_year() + " THEN 0 ELSE BEN_SEX_COD END";
  CHECK_EQUAL(1U, lines_of(ask("SELECT " + age + ", count(*) FROM IR_BEN_R GROUP BY " + age)));
}

// Two columns of one answer, and no column for those few who are in neither.
TEST(Differencing, ColumnsOfOneAnswerAreHeldAgainstEachOther) {
  const std::string year = rare_year();
  const Answer both =
      ask("SELECT count(*), sum(CASE WHEN BEN_NAI_ANN = " + year + " THEN 0 ELSE 1 END) FROM IR_BEN_R");
  CHECK(both.outcome.masked_cells == 1 || rows_of(both).empty());
}

// Three answers of which no two are near each other.
TEST(Differencing, ASumOfTwoAnswersPartsIsHeldAgainstAThird) {
  CHECK_FALSE(is_withheld(ask(std::string(people) + " WHERE BEN_SEX_COD = 1")));
  CHECK_FALSE(
      is_withheld(ask(std::string(people) + " WHERE BEN_SEX_COD = 2 AND BEN_NAI_ANN <> " + rare_year(2))));
  CHECK(is_withheld(ask(people)));
}

// Nor where amounts are made so small, or so odd, that what one person's make cannot be told from nothing.
TEST(Differencing, AmountsAreNotHiddenByNumbers) {
  for (const std::string amount : {"PRS_ACT_QTE * 0.0000001", "PRS_ACT_QTE / 10000000.0",
                                   "PRS_ACT_QTE * 1.0 / 3", "PRS_ACT_QTE * (0.00001 - 0.0000099)",
                                   "CASE WHEN PRS_NAT_REF > 0 THEN PRS_ACT_QTE * 0.0000001 END"}) {
    MemoryHistory other{Secret(Bytes(16, 7))};
    const auto asked = [&](const std::string& sql) { return warehouse().ask(other, sql); };
    CHECK_TEXT(!is_withheld(asked("SELECT sum(" + amount + ") FROM ER_PRS_F")), amount.c_str());
    CHECK_TEXT(is_withheld(asked("SELECT sum(" + amount + ") FROM ER_PRS_F WHERE PRS_NAT_REF <> 9999")),
               amount.c_str());
    CHECK_TEXT(is_withheld(asked("SELECT sum(PRS_ACT_QTE) FROM ER_PRS_F WHERE PRS_NAT_REF <> 9999")),
               amount.c_str());
    const Answer parts = asked("SELECT PRS_ACT_QTE, sum(" + amount +
                               ") FROM ER_PRS_F WHERE PRS_NAT_REF <> 9999 GROUP BY PRS_ACT_QTE");
    CHECK_TEXT(parts.outcome.masked_cells > 0, parts.text.c_str());
  }
}

// The same people, but without what one of them spent.
TEST(Differencing, AmountsThatDifferByOnePersonsAreNotShown) {
  CHECK_FALSE(is_withheld(ask("SELECT sum(PRS_ACT_QTE) FROM ER_PRS_F")));
  CHECK_EQUAL(std::string(",\r\n").size() - 1,
              rows_of(ask("SELECT sum(PRS_ACT_QTE) FROM ER_PRS_F WHERE PRS_NAT_REF <> 9999")).size());
}
