// Under tests/with_postgresql: who can read without the gate, on a real server.
#include "sceau/source/ways_round.h"

#include <CppUTest/TestHarness.h>

#include "postgresql_tables.h"

using namespace sceau;
using namespace sceau::source;
using test::administrate;
using Grade = WayRound::Grade;

TEST_GROUP(WaysRound) {
  Catalogue catalogue = *Catalogue::from_toml(
      "format = 1\n[tables.T]\nperson = \"K\"\n[tables.T.columns]\nK = { type = \"text\", label = "
      "\"person_key\" }\n");

  void setup() override {
    administrate(
        "DROP SCHEMA IF EXISTS w CASCADE; CREATE SCHEMA w; DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles "
        "WHERE "
        "rolname = 'gate') THEN CREATE ROLE gate LOGIN; END IF; IF NOT EXISTS (SELECT FROM pg_roles WHERE "
        "rolname = "
        "'eve') THEN CREATE ROLE eve LOGIN NOINHERIT; CREATE ROLE readers; GRANT readers TO eve; END IF; END "
        "$$; "
        "CREATE TABLE "
        "w.\"T\" (\"K\" text); GRANT USAGE ON SCHEMA w TO gate, eve; GRANT SELECT ON w.\"T\" TO gate");
  }
  void teardown() override { administrate("DROP SCHEMA w CASCADE; ALTER ROLE eve NOREPLICATION"); }
  // What is said about it, worst first; "" when nothing is.
  std::string said(const std::string& about, Grade grade) {
    auto ways = ways_round({test::postgresql(), "w"}, "gate", catalogue);
    CHECK_TEXT(ways.ok(), ways ? "" : ways.error().message.c_str());
    std::string all;
    for (const WayRound& way : *ways) {
      if (way.about == about && way.grade == grade) all += way.text + "\n";
      CHECK_EQUAL(way.grade == Grade::closed, way.advice.empty());
    }
    return all;
  }
  void says(const std::string& about, Grade grade, const std::string& words) {
    const std::string all = said(about, grade);
    CHECK_TEXT(all.find(words) != std::string::npos, (about + ": " + all).c_str());
  }
};

TEST(WaysRound, OnlyTheGateReads) {
  says("grants", Grade::closed, "only gate");
  says("views", Grade::closed, "no view");
  says("functions", Grade::closed, "no function");
  says("roles", Grade::closed, "no role");
  STRCMP_EQUAL("gate", role_of(test::place_of("w"))->c_str());
}

TEST(WaysRound, AGrantIsFoundHoweverItCame) {
  for (const char* grant : {"GRANT SELECT ON w.\"T\" TO eve", "GRANT SELECT (\"K\") ON w.\"T\" TO readers",
                            "GRANT UPDATE ON w.\"T\" TO PUBLIC", "ALTER TABLE w.\"T\" OWNER TO eve"}) {
    administrate(grant);
    says("grants", Grade::open, "role eve");
    administrate("ALTER TABLE w.\"T\" OWNER TO postgres; REVOKE ALL ON w.\"T\" FROM eve, readers, PUBLIC");
    STRCMP_EQUAL("", said("grants", Grade::open).c_str());
  }
}

TEST(WaysRound, AViewAndAFunctionThatLendRightsAreFound) {
  administrate("CREATE VIEW w.v AS SELECT * FROM w.\"T\"; GRANT SELECT ON w.v TO eve");
  says("views", Grade::open, "w.v shows them to role eve");
  administrate(
      "CREATE FUNCTION w.f() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM w.\"T\"'");
  says("functions", Grade::open, "w.f runs with the rights of postgres");
}

TEST(WaysRound, PowersPastGrantsAreFound) {
  administrate("ALTER ROLE eve REPLICATION");
  says("roles", Grade::open, "eve may log in and has replication");
  administrate("ALTER ROLE eve NOREPLICATION; GRANT pg_read_all_data TO eve");
  says("roles", Grade::open, "pg_read_all_data");
  administrate("REVOKE pg_read_all_data FROM eve");
}

// The server of the tests lets everybody in, and logs nothing.
TEST(WaysRound, SuperusersTrustAndASilentLogAreSaid) {
  says("superusers", Grade::open_to_few, "superuser postgres");
  says("pg_hba", Grade::open, "without asking");
  says("log", Grade::open, "log_statement = none");
  auto ways = ways_round(test::place_of("w"), "gate", catalogue);
  CHECK(ways.ok());
  bool told = false;
  for (const WayRound& way : *ways) told = told || way.text.find("was not looked at") != std::string::npos;
  CHECK(told);
}
