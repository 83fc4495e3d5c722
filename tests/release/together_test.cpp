// Profiles: which potential identifiers may leave in one answer.
#include <CppUTest/TestHarness.h>

#include "sceau/release/extraction.h"

using namespace sceau;
using namespace sceau::release;

namespace {

constexpr const char* kCatalogue = R"(format = 1
[tables.PEOPLE]
person = "ID"
[tables.PEOPLE.columns]
ID = { type = "text", label = "person_key" }
TOWN = { type = "text", label = "potential_identifier" }
BORN = { type = "text", label = "potential_identifier" }
SEX = { type = "integer", label = "potential_identifier" }
PAID = { type = "real", label = "measure" }
)";

}  // namespace

TEST_GROUP(Together) {
  source::Catalogue catalogue = source::Catalogue::from_toml(kCatalogue).value();
  ProjectRules rules{{}, {}, {{"standard", {"PEOPLE.SEX"}, {{"PEOPLE.TOWN"}, {"PEOPLE.BORN"}}}}};

  std::string why(const std::string& sql, Kind kind = Kind::individual) {
    auto planned = plan(catalogue, kind, {sql}, {}, rules, source::Engine::sqlite);
    return planned ? std::string() : planned.error().message;
  }
};

#define CHECK_LEAVES(sql) STRCMP_EQUAL("", why(sql).c_str())
#define CHECK_STAYS(sql) \
  STRCMP_CONTAINS("PEOPLE.BORN, PEOPLE.TOWN identify people together, and profile standard", why(sql).c_str())

TEST(Together, OneByOneTheyLeave) {
  CHECK_LEAVES("SELECT ID, TOWN, SEX, PAID FROM PEOPLE");
  CHECK_LEAVES("SELECT BORN, SEX FROM PEOPLE");
  CHECK_LEAVES("SELECT PAID FROM PEOPLE");
  STRCMP_EQUAL(
      "",
      why("SELECT TOWN, SEX, count(DISTINCT ID) FROM PEOPLE GROUP BY TOWN, SEX", Kind::aggregate).c_str());
}

TEST(Together, TwoOfThemDoNot) {
  CHECK_STAYS("SELECT TOWN, BORN FROM PEOPLE");
  STRCMP_CONTAINS(
      "profile standard",
      why("SELECT TOWN, BORN, count(*) FROM PEOPLE GROUP BY TOWN, BORN", Kind::aggregate).c_str());
}

TEST(Together, NotByAnyOtherWayEither) {
  STRCMP_CONTAINS("PEOPLE.BORN, PEOPLE.SEX, PEOPLE.TOWN identify people together",
                  why("SELECT * FROM PEOPLE").c_str());
  CHECK_STAYS("SELECT TOWN || BORN AS a FROM PEOPLE");
  CHECK_STAYS("SELECT a, b FROM (SELECT TOWN AS a, substr(BORN, 1, 4) AS b FROM PEOPLE) q");
  CHECK_STAYS(
      "WITH q AS (SELECT ID, BORN AS b FROM PEOPLE) SELECT p.TOWN, q.b FROM PEOPLE p JOIN q ON p.ID = q.ID");
  CHECK_STAYS("SELECT TOWN FROM PEOPLE UNION ALL SELECT BORN FROM PEOPLE");
  CHECK_STAYS("SELECT a FROM (SELECT TOWN AS a FROM PEOPLE UNION ALL SELECT BORN FROM PEOPLE) q");
  CHECK_STAYS("SELECT CASE WHEN BORN = '2000-01' THEN TOWN ELSE '' END AS a FROM PEOPLE");
}

TEST(Together, WhatARequestHoldsAtOneValueCounts) {
  CHECK_STAYS("SELECT BORN FROM PEOPLE WHERE TOWN = '29232'");
  CHECK_STAYS("SELECT BORN FROM PEOPLE WHERE PAID > 3 AND '29232' = TOWN");
  CHECK_STAYS("SELECT BORN FROM PEOPLE WHERE TOWN IN ('29232')");
  CHECK_STAYS("SELECT b FROM (SELECT BORN AS b FROM PEOPLE WHERE TOWN = '29232') q");
  CHECK_LEAVES("SELECT TOWN FROM PEOPLE WHERE BORN >= '1990-01' AND BORN < '2000-01'");
}

TEST(Together, WhereverTheConditionStands) {
  CHECK_STAYS(
      "SELECT b FROM (SELECT BORN AS b, CASE WHEN TOWN = '29232' THEN 1 END AS f FROM PEOPLE) q WHERE f > 0");
  CHECK_STAYS(
      "SELECT b FROM (SELECT BORN AS b FROM PEOPLE WHERE TOWN = '29232' UNION ALL SELECT BORN FROM PEOPLE "
      "UNION ALL "
      "SELECT BORN FROM PEOPLE) q");
  CHECK_STAYS("SELECT BORN FROM PEOPLE WHERE ID NOT IN (SELECT ID FROM PEOPLE WHERE TOWN <> '29232')");
  CHECK_STAYS(
      "SELECT BORN FROM PEOPLE p JOIN (SELECT ID, '29232' AS code FROM PEOPLE) c ON c.ID = p.ID AND c.code = "
      "p.TOWN");
  STRCMP_CONTAINS(
      "PEOPLE.BORN, PEOPLE.TOWN identify",
      why("SELECT BORN, count(CASE WHEN TOWN = '29232' THEN 1 END) AS n FROM PEOPLE GROUP BY BORN",
          Kind::aggregate)
          .c_str());
  CHECK_STAYS("SELECT BORN FROM PEOPLE EXCEPT SELECT BORN FROM PEOPLE WHERE TOWN <> '29232'");
  CHECK_LEAVES("SELECT BORN FROM PEOPLE WHERE ID NOT IN (SELECT ID FROM PEOPLE WHERE TOWN = '29232')");
}

TEST(Together, OneValueIsOneHoweverItIsWritten) {
  for (const char* condition :
       {"TOWN IN ('29232', '29232')", "TOWN BETWEEN '29232' AND '29232'",
        "TOWN = ANY (ARRAY['29232', '29232'])", "TOWN >= '29232' AND '29232' >= TOWN",
        "NOT (TOWN < '29232' OR TOWN > '29232')", "NOT (TOWN <> '29232')", "NOT (TOWN NOT IN ('29232'))",
        "NOT (TOWN NOT BETWEEN '29232' AND '29232')", "TOWN LIKE '29232'",
        "TOWN BETWEEN '1' AND '29232' AND TOWN >= '29232'", "CASE WHEN TOWN <> '29232' THEN 0 ELSE 1 END = 1",
        "TOWN IS NOT DISTINCT FROM '29232'", "ID IN (SELECT ID FROM PEOPLE WHERE TOWN = '29232')",
        "ID IN (SELECT ID FROM PEOPLE WHERE TOWN IN ('29232', '29232'))",
        "TOWN BETWEEN SYMMETRIC '29232' AND '29232'"})
    CHECK_STAYS(("SELECT BORN FROM PEOPLE WHERE " + std::string(condition)).c_str());
  rules.together[0].always = {"PEOPLE.TOWN"};
  CHECK_LEAVES("SELECT BORN FROM PEOPLE WHERE SEX BETWEEN 1 AND 2");
  for (const char* condition : {"SEX BETWEEN 1 AND 1.0", "SEX IN (1, 1.0)", "SEX BETWEEN 1 AND 2 - 1"})
    STRCMP_CONTAINS("PEOPLE.BORN, PEOPLE.SEX identify people together",
                    why("SELECT BORN FROM PEOPLE WHERE " + std::string(condition)).c_str());
}

TEST(Together, SeveralValuesAreNotOne) {
  for (const char* condition : {"TOWN IN ('29232', '29019')", "TOWN BETWEEN '29000' AND '29999'",
                                "TOWN <> '29232'", "TOWN NOT IN ('29232')", "TOWN LIKE '29%'",
                                "TOWN >= '29000' AND TOWN < '30000'", "NOT (TOWN IN ('29232', '29019'))"})
    CHECK_LEAVES("SELECT BORN FROM PEOPLE WHERE " + std::string(condition));
}

TEST(Together, EveryProfileMustAllowIt) {
  rules.together.push_back({"narrow", {}, {{"PEOPLE.TOWN"}}});
  CHECK_LEAVES("SELECT TOWN FROM PEOPLE");
  STRCMP_CONTAINS("PEOPLE.BORN identifies people, and profile narrow",
                  why("SELECT BORN FROM PEOPLE").c_str());
}

TEST(Together, AndColumnsOutsideTheProjectAreNotRead) {
  rules = {{"PEOPLE"}, {"PEOPLE.ID", "PEOPLE.PAID"}, {}};
  CHECK_LEAVES("SELECT ID, PAID FROM PEOPLE");
  STRCMP_CONTAINS("column PEOPLE.TOWN is outside the project",
                  why("SELECT ID FROM PEOPLE WHERE TOWN <> '29232'").c_str());
  rules.columns = {"PEOPLE.*"};
  CHECK_LEAVES("SELECT TOWN, ID FROM PEOPLE");
}
