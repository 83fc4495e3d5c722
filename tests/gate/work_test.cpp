// Scripts of kind work at a PostgreSQL source: what they build, and what leaves from their tables.
#include <cstdlib>

#include "work_fixture.h"

using namespace sceau;
using namespace sceau::test;

TEST_GROUP_BASE(WorkTables, WorkAtAGate){};

TEST(WorkTables, ScriptsBuildTablesAndAggregatesLeaveFromThem) {
  STRCMP_EQUAL("", work({"CREATE TABLE old AS SELECT BEN_NIR_PSA, BEN_NAI_ANN AS year FROM IR_BEN_R WHERE "
                         "BEN_NAI_ANN < 1955",
                         "CREATE INDEX ON old (year)", "ANALYZE old"})
                       .c_str());
  const Value result = newest(*gate, "extraction.result");
  STRCMP_EQUAL("delivered", text_of(result, "outcome").c_str());
  const std::string said = statement::to_canonical(result);
  STRCMP_CONTAINS(
      R"("made":[{"about":"people","columns":[{"from":"IR_BEN_R.BEN_NIR_PSA","label":"person_key","name":"BEN_NIR_PSA")",
      said.c_str());
  STRCMP_CONTAINS(
      R"({"from":"IR_BEN_R.BEN_NAI_ANN","label":"potential_identifier","name":"year","row":1,"type":"integer"})",
      said.c_str());
  STRCMP_EQUAL(
      "", work({"INSERT INTO old SELECT BEN_NIR_PSA, BEN_NAI_ANN FROM IR_BEN_R WHERE BEN_NAI_ANN = 1957"})
              .c_str());
  // What its rows were chosen by goes on with it.
  STRCMP_CONTAINS(R"("chosen":["IR_BEN_R.BEN_NAI_ANN"])",
                  statement::to_canonical(newest(*gate, "extraction.result")).c_str());
  STRCMP_EQUAL(
      "year,n\r\n1950,20\r\n1957,20\r\n",
      rows("SELECT year, count(DISTINCT BEN_NIR_PSA) AS n FROM old WHERE year IN (1950, 1957) GROUP BY year")
          .c_str());
  STRCMP_CONTAINS(R"("name":"old","workspace":true)", tables().c_str());
  STRCMP_EQUAL("", work({"DROP TABLE old"}).c_str());
  CHECK(tables().find("\"old\"") == std::string::npos);
  audited();
  // And by the auditor who shares no code with the gate.
  const std::string auditor =
      "python3 -B '" SCEAU_TEST_AUDITOR "' '" + (home.path() / "ledger.db").string() + "' >/dev/null";
  LONGS_EQUAL(0, std::system(auditor.c_str()));  // NOLINT(cert-env33-c,concurrency-mt-unsafe)
}

TEST(WorkTables, AScriptIsKeptWholeOrNotAtAll) {
  STRCMP_EQUAL("", work({"CREATE TABLE a AS SELECT BEN_NIR_PSA FROM IR_BEN_R"}).c_str());
  ::test::administrate("ALTER TABLE wh.\"IR_BEN_R\" RENAME COLUMN \"BEN_NAI_ANN\" TO hidden");
  const std::string failed = work({"CREATE TABLE b AS SELECT BEN_NIR_PSA FROM IR_BEN_R",
                                   "CREATE TABLE c AS SELECT BEN_NAI_ANN FROM IR_BEN_R"});
  STRCMP_CONTAINS("statement 2 of the script", failed.c_str());
  CHECK(failed.find("BEN_NAI_ANN") == std::string::npos);  // none of the database's words
  STRCMP_EQUAL("refused", text_of(newest(*gate, "extraction.result"), "outcome").c_str());
  CHECK(tables().find("\"b\"") == std::string::npos);
  ::test::administrate("ALTER TABLE wh.\"IR_BEN_R\" RENAME COLUMN hidden TO \"BEN_NAI_ANN\"");
  STRCMP_EQUAL("", work({"CREATE TABLE b AS SELECT BEN_NIR_PSA FROM a"}).c_str());
  audited();
}

TEST(WorkTables, AScriptRunsNothingThatTheDatabasePlansOtherwise) {
  STRCMP_EQUAL("", work({"CREATE TABLE a AS SELECT BEN_NIR_PSA FROM IR_BEN_R"}).c_str());
  // A view in the table's place, which the workspace's role may read.
  ::test::administrate(
      "ALTER TABLE wh.\"IR_BEN_R\" RENAME TO secret; CREATE VIEW wh.\"IR_BEN_R\" AS SELECT * FROM wh.secret; "
      "GRANT SELECT ON "
      "wh.\"IR_BEN_R\" TO gate_work");
  STRCMP_CONTAINS("the database would read wh.secret",
                  work({"CREATE TABLE b AS SELECT BEN_NIR_PSA FROM IR_BEN_R"}).c_str());
  ::test::administrate("DROP SCHEMA wh CASCADE");
}

TEST(WorkTables, AWorkspaceIsItsPersonsInItsProject) {
  STRCMP_EQUAL("", work({"CREATE TABLE mine AS SELECT BEN_NIR_PSA FROM IR_BEN_R"}).c_str());
  STRCMP_CONTAINS("is not in the catalogue",
                  work({"CREATE TABLE theirs AS SELECT * FROM mine"}, "other").c_str());
  STRCMP_EQUAL("", work({"CREATE TABLE mine AS SELECT BEN_NAI_ANN FROM IR_BEN_R"}, "other").c_str());
  STRCMP_CONTAINS(R"("columns":[{"label":"person_key","name":"BEN_NIR_PSA","type":"text"}],"name":"mine")",
                  tables().c_str());
}

TEST(WorkTables, WorkspacesSurviveARestart) {
  STRCMP_EQUAL("", work({"CREATE TABLE kept AS SELECT BEN_NIR_PSA, BEN_NAI_ANN FROM IR_BEN_R"}).c_str());
  const std::string before = tables();
  gate.reset();
  gate = home.open();
  STRCMP_EQUAL(before.c_str(), tables().c_str());
  STRCMP_EQUAL("n\r\n200\r\n", rows("SELECT count(*) AS n FROM kept").c_str());
}

TEST(WorkTables, ViewsDefaultsAndIndexesSurviveARestart) {
  STRCMP_EQUAL(
      "", work({"CREATE VIEW young AS SELECT BEN_NIR_PSA, BEN_NAI_ANN FROM IR_BEN_R WHERE BEN_NAI_ANN > 1955",
                "CREATE TABLE marks (place text, mark integer DEFAULT 7)", "CREATE INDEX ON marks (place)"})
              .c_str());
  STRCMP_EQUAL(
      "", work({"CREATE VIEW old AS SELECT BEN_NIR_PSA FROM IR_BEN_R WHERE BEN_NAI_ANN < 1955"}).c_str());
  gate.reset();
  gate = home.open();
  STRCMP_EQUAL("n\r\n80\r\n", rows("SELECT count(*) AS n FROM young").c_str());
  STRCMP_EQUAL("", work({"INSERT INTO marks (place) VALUES ('a')"}).c_str());
  STRCMP_EQUAL("n\r\n7\r\n", rows("SELECT sum(mark) AS n FROM marks").c_str());
  STRCMP_CONTAINS("its indexes have room for",
                  work({"INSERT INTO marks (place) VALUES ('" + std::string(2700, 'x') + "')"}).c_str());
  audited();
}

TEST(WorkTables, ProjectsThatCloseTakeTheirWorkspacesAlong) {
  STRCMP_EQUAL("", work({"CREATE TABLE gone AS SELECT BEN_NIR_PSA FROM IR_BEN_R"}).c_str());
  must_be(*gate,
          home.write(*gate, "project.close", {"ada"}, Object{{"project", "cohort"}, {"reason", "done"}}),
          "admitted");
  gate->with_registry([](const registry::Registry& registry) {
    CHECK(registry.workspace({"cohort", "dora", "base"}) == nullptr);
  });
  audited();
}

TEST(WorkTables, AnotherCatalogueUntiesWhatWasMadeUnderTheFirst) {
  STRCMP_EQUAL("", work({"CREATE TABLE early AS SELECT BEN_NIR_PSA, BEN_NAI_ANN FROM IR_BEN_R"}).c_str());
  const Bytes stricter = to_bytes(std::string_view(
      "format = 1\n[tables.IR_BEN_R]\nperson = \"BEN_NIR_PSA\"\n[tables.IR_BEN_R.columns]\nBEN_NIR_PSA = { "
      "type = \"text\", label = "
      "\"person_key\" }\nBEN_NAI_ANN = { type = \"integer\", label = \"direct_identifier\" }\n"));
  const Signed added =
      home.write(*gate, "source.add", {"ada", "bea"},
                 Object{{"source", "base"}, {"engine", "postgresql"}, {"catalogue", sha256(stricter)}});
  CHECK(gate->submit(submission_of(added, {stricter}))->state == "admitted");
  STRCMP_CONTAINS("earlier catalogue", rows("SELECT count(*) AS n FROM early").c_str());
  audited();
}

TEST(WorkTables, CopiedNumbersKeepTheirTypeUntilMoreGoesIn) {
  const auto is_made = [](const std::string& table, const std::string& type, const char* toast) {
    ::test::administrate("DO $$ BEGIN ASSERT (SELECT atttypid = '" + type +
                         "'::regtype AND (reltoastrelid <> 0) = " + toast +
                         " FROM pg_attribute JOIN pg_class c ON c.oid = attrelid WHERE relname = '" + table +
                         "' AND attname = 'y'), '" + table + "'; END $$");
  };
  STRCMP_EQUAL("", work({"CREATE TABLE small AS SELECT BEN_NAI_ANN AS y FROM IR_BEN_R"}).c_str());
  is_made("small", "bigint", "false");  // no TOAST table: that is what it is for
  STRCMP_EQUAL("", work({"INSERT INTO small SELECT BEN_NAI_ANN FROM IR_BEN_R"}).c_str());
  is_made("small", "numeric", "true");
  STRCMP_EQUAL("", work({"CREATE TABLE wider AS SELECT y FROM small"}).c_str());
  is_made("wider", "numeric", "true");
  STRCMP_CONTAINS("\"wide\":true", statement::to_canonical(newest(*gate, "extraction.result")).c_str());
  audited();
}
