// Profiles, and the tables of a workspace: what they were made with counts in what leaves from them.
#include "sceau/release/extraction.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

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
DIED = { type = "text", label = "potential_identifier" }
PAID = { type = "real", label = "measure" }
[tables.TOWNS]
reference = true
[tables.TOWNS.columns]
CODE = { type = "text", label = "measure" }
REGION = { type = "text", label = "measure" }
)";

}  // namespace

TEST_GROUP(TogetherWork) {
  source::Catalogue catalogue = source::Catalogue::from_toml(kCatalogue).value();
  ProjectRules rules{{}, {}, {{"standard", {}, {{"PEOPLE.TOWN"}, {"PEOPLE.BORN"}, {"PEOPLE.DIED"}}}}};
  Workspace workspace{"sceau_work_0", {}};

  void runs(const std::string& sql) {
    auto planned = plan(catalogue, Kind::work, {sql}, {}, rules, source::Engine::postgresql, workspace);
    if (!planned) FAIL((planned.error().message + ": " + sql).c_str());
    const auto drop = [this](const std::string& name) {
      std::erase_if(workspace.tables, [&](const auto& table) { return table->name == name; });
    };
    for (const std::string& name : planned->change.dropped) drop(name);
    for (const source::Table& made : planned->change.made) {
      drop(made.name);
      workspace.tables.push_back(std::make_shared<source::Table>(made));
    }
  }
  std::string why(const std::string& sql) {
    auto planned = plan(catalogue, Kind::aggregate, {sql}, {}, rules, source::Engine::postgresql, workspace);
    return planned ? std::string() : planned.error().message;
  }
  // By day of death.
  std::string deaths_in(const std::string& table) {
    return why("SELECT DIED, count(DISTINCT ID) AS n FROM " + table + " GROUP BY DIED");
  }
  void leaves(const std::string& said) { STRCMP_EQUAL("", said.c_str()); }
  void stays(const std::string& said,
             const char* names = "PEOPLE.DIED, PEOPLE.TOWN identify people together") {
    STRCMP_CONTAINS(names, said.c_str());
  }
  // A table of everybody, to be changed.
  void everybody(const std::string& name) {
    runs("DROP TABLE IF EXISTS " + name);
    runs("CREATE TABLE " + name + " AS SELECT ID, DIED, PAID FROM PEOPLE");
    leaves(deaths_in(name));
  }
};

TEST(TogetherWork, WhatATableWasMadeWithCounts) {
  runs("CREATE TABLE t AS SELECT ID, DIED FROM PEOPLE WHERE TOWN = '29232' AND BORN = '1950-01'");
  stays(deaths_in("t"),
        "PEOPLE.BORN, PEOPLE.DIED, PEOPLE.TOWN identify people together, and profile standard");
  STRCMP_CONTAINS("tables of the workspace were made with", deaths_in("t").c_str());
  rules.together[0].together.push_back({"PEOPLE.BORN", "PEOPLE.DIED", "PEOPLE.TOWN"});
  leaves(deaths_in("t"));
}

TEST(TogetherWork, HoweverTheConditionIsWritten) {
  for (const char* condition :
       {"TOWN IN ('29232', '29232')", "TOWN >= '29232' AND TOWN <= '29232'", "TOWN ~ '^29232$'",
        "NOT (TOWN <> '29232')", "nullif(TOWN, '29232') IS NULL",
        "ID IN (SELECT ID FROM PEOPLE WHERE TOWN = '29232')",
        "ID NOT IN (SELECT ID FROM PEOPLE WHERE TOWN <> '29232')",
        "CASE WHEN TOWN = '29232' THEN 2 ELSE 1 END >= 2",
        "ID IN (SELECT ID FROM PEOPLE GROUP BY ID HAVING count(CASE WHEN TOWN = '29232' THEN 1 END) > 0)"}) {
    runs("CREATE TABLE t AS SELECT ID, DIED FROM PEOPLE WHERE " + std::string(condition));
    stays(deaths_in("t"));
    runs("DROP TABLE t");
  }
}

TEST(TogetherWork, TablesMadeOfItHaveIt) {
  runs("CREATE TABLE t AS SELECT ID FROM PEOPLE WHERE TOWN = '29232'");
  const char* all = "CREATE TABLE u AS SELECT p.ID, p.DIED FROM PEOPLE p ";
  for (const char* rest : {"JOIN t ON t.ID = p.ID", "WHERE p.ID IN (SELECT ID FROM t)",
                           "LEFT JOIN t ON t.ID = p.ID WHERE t.ID IS NOT NULL"}) {
    runs(all + std::string(rest));
    stays(deaths_in("u"));
    runs("CREATE TABLE v AS SELECT * FROM u");
    stays(deaths_in("v"));
    runs("DROP TABLE u, v");
  }
  runs("CREATE VIEW seen AS SELECT p.ID, p.DIED FROM PEOPLE p JOIN t ON t.ID = p.ID");
  stays(deaths_in("seen"));
}

TEST(TogetherWork, ThoseThatAreLeftOutTellOfIt) {
  runs("CREATE TABLE others AS SELECT ID FROM PEOPLE WHERE TOWN <> '29232'");
  for (const char* rest : {"WHERE ID NOT IN (SELECT ID FROM others)",
                           "LEFT JOIN others o ON o.ID = PEOPLE.ID WHERE o.ID IS NULL"}) {
    runs("CREATE TABLE t AS SELECT PEOPLE.ID, PEOPLE.DIED FROM PEOPLE " + std::string(rest));
    stays(deaths_in("t"));
    runs("DROP TABLE t");
  }
  runs("CREATE TABLE t AS SELECT ID, DIED FROM PEOPLE WHERE ID IN (SELECT ID FROM others)");
  leaves(deaths_in("t"));
}

TEST(TogetherWork, RowsThatComeAndGoCount) {
  everybody("t");
  runs("INSERT INTO t SELECT ID, DIED, PAID FROM PEOPLE WHERE TOWN = '29232'");
  stays(deaths_in("t"));
  everybody("t");
  runs("ALTER TABLE t ADD COLUMN f integer");
  for (const char* gone : {"DELETE FROM t WHERE ID NOT IN (SELECT ID FROM PEOPLE WHERE TOWN = '29232')",
                           "DELETE FROM t WHERE ID IN (SELECT ID FROM PEOPLE WHERE TOWN <> '29232')",
                           "DELETE FROM t USING PEOPLE p WHERE p.ID = t.ID AND p.TOWN <> '29232'"}) {
    everybody("t");
    runs(gone);
    stays(deaths_in("t"));
  }
  everybody("t");
  runs("DELETE FROM t WHERE ID IN (SELECT ID FROM PEOPLE WHERE TOWN = '29232')");
  leaves(deaths_in("t"));
}

TEST(TogetherWork, WhatAColumnWasSetByCountsWhereItIsUsed) {
  runs("CREATE TABLE chosen AS SELECT ID FROM PEOPLE WHERE TOWN = '29232'");
  for (const char* set : {"UPDATE t SET f = 1 WHERE ID IN (SELECT ID FROM PEOPLE WHERE TOWN = '29232')",
                          "UPDATE t SET f = 1 FROM PEOPLE p WHERE p.ID = t.ID AND p.TOWN = '29232'",
                          "UPDATE t SET f = 1 FROM chosen s WHERE s.ID = t.ID",
                          "UPDATE t SET f = (SELECT count(*) FROM chosen s WHERE s.ID = t.ID)"}) {
    everybody("t");
    runs("ALTER TABLE t ADD COLUMN f integer");
    runs(set);
    leaves(deaths_in("t"));
    stays(deaths_in("t WHERE f >= 1"));
    stays(why("SELECT DIED, f, count(DISTINCT ID) AS n FROM t GROUP BY DIED, f"));
    runs("CREATE TABLE u AS SELECT ID, DIED FROM t WHERE f > 0");
    stays(deaths_in("u"));
    runs("DROP TABLE u");
  }
}

TEST(TogetherWork, SoDoesWhatItWasComputedFrom) {
  for (const char* computed :
       {"CASE WHEN TOWN = '29232' THEN 1 ELSE 0 END AS f FROM PEOPLE",
        "count(CASE WHEN TOWN = '29232' THEN 1 END) AS f FROM PEOPLE GROUP BY ID, DIED"}) {
    const std::string query = "SELECT ID, DIED, " + std::string(computed);
    runs("CREATE TABLE t AS " + query);
    for (const std::string& from : {std::string("t"), "(" + query + ") q"}) {
      leaves(deaths_in(from));
      stays(deaths_in(from + " WHERE f = 1"));
      stays(deaths_in(from + " WHERE f >= 1"));
      stays(why("SELECT DIED, count(CASE WHEN f >= 1 THEN 1 END) AS n FROM " + from + " GROUP BY DIED"));
    }
    runs("DROP TABLE t");
  }
}

TEST(TogetherWork, CodesThatAreJoinedSayWhoIsTaken) {
  runs("CREATE TABLE codes (code text)");
  runs("INSERT INTO codes VALUES ('29232')");
  for (const char* rest :
       {"JOIN codes c ON c.code = p.TOWN", "WHERE p.TOWN IN (SELECT code FROM codes)",
        "JOIN (VALUES ('29232')) AS c(code) ON c.code = p.TOWN",
        "JOIN (SELECT '29232' AS code) c ON c.code = p.TOWN",
        "JOIN TOWNS c ON c.CODE = p.TOWN WHERE c.REGION = 'Brest'",
        "JOIN (SELECT CODE FROM TOWNS WHERE REGION <> 'B') c ON c.CODE = p.TOWN",
        "JOIN codes c ON p.TOWN BETWEEN c.code AND c.code",
        "JOIN (SELECT ID, '29232' AS code FROM PEOPLE) c ON c.ID = p.ID WHERE p.TOWN = c.code"}) {
    runs("CREATE TABLE t AS SELECT p.ID, p.DIED FROM PEOPLE p " + std::string(rest));
    stays(deaths_in("t"));
    runs("DROP TABLE t");
  }
  stays(
      why("SELECT c.REGION, p.DIED, count(DISTINCT p.ID) AS n FROM PEOPLE p JOIN TOWNS c ON c.CODE = p.TOWN "
          "GROUP BY c.REGION, p.DIED"));
  leaves(
      why("SELECT c.REGION, count(DISTINCT p.ID) AS n FROM PEOPLE p JOIN TOWNS c ON c.CODE = p.TOWN GROUP BY "
          "c.REGION"));
}

TEST(TogetherWork, PublicTablesSayTheSameInOtherWords) {
  runs("CREATE TABLE t AS SELECT p.ID, p.DIED, c.REGION FROM PEOPLE p LEFT JOIN TOWNS c ON c.CODE = p.TOWN");
  leaves(deaths_in("t"));
  leaves(why("SELECT REGION, count(DISTINCT ID) AS n FROM t GROUP BY REGION"));
  stays(why("SELECT REGION, DIED, count(DISTINCT ID) AS n FROM t GROUP BY REGION, DIED"));
  stays(deaths_in("t WHERE REGION = 'Bretagne'"));
}

TEST(TogetherWork, RangesAndPlainCopiesDoNotCount) {
  for (const char* condition :
       {"BORN >= '1940' AND BORN < '1960'", "TOWN <> ''", "TOWN LIKE '29%'", "PAID = 3",
        "TOWN IN ('29232', '29019')", "substr(BORN, 1, 4) >= '1950'", "nullif(TOWN, '') IS NOT NULL"}) {
    runs("CREATE TABLE t AS SELECT ID, DIED, TOWN, substr(BORN, 1, 4) AS year FROM PEOPLE WHERE " +
         std::string(condition));
    leaves(deaths_in("t"));
    leaves(deaths_in("t WHERE year >= '1950'"));
    leaves(why("SELECT year, count(DISTINCT ID) AS n FROM t GROUP BY year"));
    stays(deaths_in("t WHERE year = '1950'"), "PEOPLE.BORN, PEOPLE.DIED identify people together");
    runs("DROP TABLE t");
  }
  runs(
      "CREATE TABLE t AS SELECT ID, DIED FROM (SELECT ID, DIED, row_number() OVER (PARTITION BY ID ORDER BY "
      "BORN) "
      "AS place FROM PEOPLE) q WHERE place = 1");
  leaves(deaths_in("t"));
}

TEST(TogetherWork, MoreThanCanBeNamedIsOutsideAnyProfile) {
  std::string columns, conditions;
  for (int i = 0; i < 70; ++i) {
    columns += "C" + std::to_string(i) + " = { type = \"text\", label = \"potential_identifier\" }\n";
    conditions += (i == 0 ? "C" : " AND C") + std::to_string(i) + " = 'x'";
  }
  catalogue = source::Catalogue::from_toml(
                  "format = 1\n[tables.PEOPLE]\nperson = \"ID\"\n[tables.PEOPLE.columns]\n"
                  "ID = { type = \"text\", label = \"person_key\" }\n" +
                  columns)
                  .value();
  rules.together = {{"wide", {}, {{}}}};
  for (int i = 0; i < 70; ++i) rules.together[0].always.push_back("PEOPLE.C" + std::to_string(i));
  runs("CREATE TABLE t AS SELECT ID FROM PEOPLE WHERE " + conditions);
  stays(why("SELECT count(DISTINCT ID) AS n FROM t"), "more columns than can be named");
}

TEST(TogetherWork, NestedSelectsAreFollowedOnce) {
  std::string query = "SELECT ID, DIED, TOWN AS a FROM PEOPLE";
  for (int i = 0; i < 40; ++i)
    query = "SELECT ID, DIED, substr(coalesce(a, a), 1, 5) AS a FROM (" + query + ") q";
  runs("CREATE TABLE t AS SELECT ID, DIED FROM (" + query + ") q WHERE a = '29232'");
  stays(deaths_in("t"));
}
