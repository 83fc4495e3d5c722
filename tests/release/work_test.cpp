// Labels through workspaces: what a table of kind work is known to hold, and what leaves from it.
#include "work_group.h"

using sceau::release::Kind;
using sceau::source::Label;
using sceau::source::Sums;
using sceau::source::Table;
using test::Answer;
using test::WorkSession;

namespace {

struct WorkTables : test::WorkGroup {
  static WorkSession session(const std::string& name) {
    return {test::Warehouse::Variant::original, "unit_" + name};
  }
  static void kept_in(const Answer& answer, const char* why) {
    if (!answer.refused) FAIL(("it leaves: " + answer.text).c_str());
    STRCMP_CONTAINS(why, answer.text.c_str());
  }
  static const Table& table(const WorkSession& session, const std::string& name) {
    static const Table none;
    const Table* found = session.find(name);
    CHECK(found != nullptr);
    return found == nullptr ? none : *found;
  }
  static Label label(const Table& table, const std::string& column) {
    return table.columns.at(static_cast<std::size_t>(table.find(column))).label;
  }
  static Sums sums(const Table& table, const std::string& column) {
    return table.columns.at(static_cast<std::size_t>(table.find(column))).sums;
  }
};

}  // namespace

TEST_GROUP_BASE(Work, WorkTables){};

TEST(Work, ColumnsKeepTheStrictestLabelOfWhatTheyAreComputedFrom) {
  auto here = session("labels");
  runs(here,
       "CREATE TABLE t AS SELECT BEN_NIR_PSA AS who, BEN_RES_DPT || PRS_NAT_REF::text AS mixed, PRS_PAI_MNT "
       "* 2 AS "
       "twice, PFS_EXE_NUM, count(*) OVER (PARTITION BY BEN_NIR_PSA) AS n FROM ER_PRS_F");
  const Table& made = table(here, "t");
  CHECK(label(made, "who") == Label::person_key);
  CHECK(label(made, "mixed") == Label::potential_identifier);
  CHECK(label(made, "twice") == Label::measure);
  CHECK(label(made, "PFS_EXE_NUM") == Label::professional_identifier);
  CHECK(label(made, "n") == Label::measure);
  STRCMP_EQUAL("who", made.person.c_str());
}

TEST(Work, IdentifiersDoNotLeaveThroughATable) {
  auto here = session("identifiers");
  runs(here, "CREATE TABLE t AS SELECT BEN_NIR_PSA AS a, BEN_NIR_ANO AS b FROM IR_BEN_R");
  runs(here, "CREATE TABLE u AS SELECT x.b AS c, x.a FROM (SELECT * FROM t) x");
  kept_in(here.leave(Kind::individual, "SELECT c FROM u"), "direct_identifier");
  kept_in(here.leave(Kind::individual, "SELECT substr(a, 1, 13) AS s FROM u"), "a (person_key) stands");
  const Answer keys = here.leave(Kind::individual, "SELECT a FROM u");
  CHECK(!keys.refused);
  CHECK(keys.text.find("TARGETANO") == std::string::npos);
  CHECK(keys.text.find("11107200337770801") == std::string::npos);
}

TEST(Work, PeopleAreCountedThroughATable) {
  auto here = session("people");
  runs(here, "CREATE TABLE care AS SELECT BEN_NIR_PSA, BEN_RES_DPT, PRS_PAI_MNT FROM ER_PRS_F");
  const Answer paid = here.leave(
      Kind::aggregate, "SELECT BEN_RES_DPT, count(*) AS n, sum(PRS_PAI_MNT) AS paid FROM care GROUP BY 1");
  CHECK(!paid.refused);
  const Answer direct =
      test::Warehouse::get().ask(Kind::aggregate,
                                 "SELECT BEN_RES_DPT, count(*) AS n, sum(PRS_PAI_MNT) AS paid "
                                 "FROM ER_PRS_F GROUP BY 1");
  if (test::Warehouse::has_database()) STRCMP_EQUAL(direct.text.c_str(), paid.text.c_str());
}

TEST(Work, ATableThatMixesPeopleKeepsEverythingIn) {
  auto here = session("untied");
  runs(here,
       "CREATE TABLE ranks AS SELECT BEN_NIR_PSA, BEN_RES_DPT, row_number() OVER (ORDER BY BEN_NAI_ANN) AS n "
       "FROM IR_BEN_R");
  kept_in(here.leave(Kind::aggregate, "SELECT BEN_RES_DPT, count(*) AS n FROM ranks GROUP BY 1"),
          "PARTITION BY");
  kept_in(here.leave(Kind::individual, "SELECT n FROM ranks"), "nothing leaves from table \"ranks\"");
  runs(here, "CREATE TABLE again AS SELECT BEN_NIR_PSA, n FROM ranks");
  kept_in(here.leave(Kind::individual, "SELECT n FROM again"), "nothing leaves from table \"ranks\"");
  runs(here, "CREATE TABLE totals AS SELECT BEN_RES_DPT, count(*) AS n FROM IR_BEN_R GROUP BY 1");
  kept_in(here.leave(Kind::individual, "SELECT n FROM totals"), "no result is their person key");
}

TEST(Work, ConstantsHiddenInAColumnAreNotSummed) {
  auto here = session("sums");
  runs(here,
       "CREATE TABLE flags AS SELECT BEN_NIR_PSA, BEN_RES_DPT, CASE WHEN BEN_NAI_ANN = 1911 THEN 2 ELSE 1 "
       "END AS f, "
       "PRS_PAI_MNT * 3 AS p FROM ER_PRS_F");
  CHECK(sums(table(here, "flags"), "f") == Sums::never);
  CHECK(sums(table(here, "flags"), "p") == Sums::alone);
  kept_in(here.leave(Kind::aggregate, "SELECT sum(f) AS s FROM flags"), "cannot be counted one by one");
  CHECK(!here.leave(Kind::aggregate, "SELECT sum(p) AS s FROM flags").refused);
}

TEST(Work, RecordsStayJoinedToTheirPeople) {
  auto here = session("records");
  const std::string keys =
      "FLX_DIS_DTD, FLX_TRT_DTD, FLX_EMT_TYP, FLX_EMT_NUM, FLX_EMT_ORD, ORG_CLE_NUM, DCT_ORD_NUM, "
      "PRS_ORD_NUM, REM_TYP_AFF";
  runs(here, "CREATE TABLE boxes AS SELECT " + keys + ", PHA_PRS_C13, PHA_ACT_QSN FROM ER_PHA_F");
  runs(here, "CREATE TABLE care AS SELECT " + keys +
                 ", BEN_NIR_PSA, EXE_SOI_DTD FROM ER_PRS_F WHERE EXE_SOI_DTD < '2022-04-01'");
  CHECK(!table(here, "boxes").belongs_to.empty());
  runs(here,
       "CREATE TABLE taken AS SELECT c.BEN_NIR_PSA, b.PHA_PRS_C13, b.PHA_ACT_QSN FROM care c JOIN boxes b "
       "USING (" +
           keys + ")");
  STRCMP_EQUAL("BEN_NIR_PSA", table(here, "taken").person.c_str());
  CHECK(!here.leave(Kind::aggregate,
                    "SELECT PHA_PRS_C13, count(DISTINCT BEN_NIR_PSA) AS n FROM taken GROUP BY 1")
             .refused);
  runs(here, "CREATE TABLE half AS SELECT DCT_ORD_NUM, PHA_ACT_QSN FROM ER_PHA_F");
  CHECK(!table(here, "half").untied.empty());
}

TEST(Work, InsertsKeepOrLoseWhatATableIsKnownFor) {
  auto here = session("inserts");
  runs(here,
       "CREATE TABLE months AS SELECT BEN_NIR_PSA, PRS_PAI_MNT AS paid FROM ER_PRS_F WHERE EXE_SOI_AMD = "
       "'202201'");
  runs(here, "INSERT INTO months SELECT BEN_NIR_PSA, PRS_PAI_MNT FROM ER_PRS_F WHERE EXE_SOI_AMD = '202202'");
  STRCMP_EQUAL("BEN_NIR_PSA", table(here, "months").person.c_str());
  CHECK(sums(table(here, "months"), "paid") == Sums::copied);
  runs(here, "INSERT INTO months SELECT BEN_NIR_PSA, 1000000 FROM IR_BEN_R");
  CHECK(sums(table(here, "months"), "paid") == Sums::never);
  refused(here, "INSERT INTO months SELECT BEN_NIR_ANO, 1 FROM IR_BEN_R",
          "keep identifiers in columns of their own");
  refused(here, "INSERT INTO months VALUES ('11107200337770801', 1)", "takes no constants");
  runs(here, "INSERT INTO months (paid) VALUES (3), (-4.5), (NULL)");
  kept_in(here.leave(Kind::individual, "SELECT paid FROM months"), "constants stand in it");
}

TEST(Work, UpdatesAreLabelledAsTheTableMadeAnewWouldBe) {
  auto here = session("updates");
  runs(here,
       "CREATE TABLE t AS SELECT BEN_NIR_PSA, BEN_RES_DPT, PRS_NAT_REF, PRS_PAI_MNT AS paid, PRS_PAI_MNT AS "
       "again, "
       "'x' AS note FROM ER_PRS_F");
  CHECK(label(table(here, "t"), "note") == Label::measure);
  runs(here, "UPDATE t SET note = BEN_RES_DPT");
  CHECK(label(table(here, "t"), "note") == Label::potential_identifier);
  // Which rows a condition picks tells of what it looks at.
  CHECK(label(table(here, "t"), "PRS_NAT_REF") == Label::measure);
  runs(here,
       "UPDATE work.t AS x SET PRS_NAT_REF = 1111, note = NULL WHERE x.BEN_RES_DPT = '075' AND x.paid > 3");
  CHECK(label(table(here, "t"), "PRS_NAT_REF") == Label::potential_identifier);
  STRCMP_EQUAL("BEN_NIR_PSA", table(here, "t").person.c_str());
  CHECK(sums(table(here, "t"), "paid") == Sums::copied);
  CHECK(sums(table(here, "t"), "again") == Sums::copied);
  runs(here, "UPDATE t SET paid = 1000000 WHERE PRS_NAT_REF = 1111");
  CHECK(sums(table(here, "t"), "paid") == Sums::never);
  kept_in(here.leave(Kind::aggregate, "SELECT sum(paid) AS s FROM t"), "cannot be counted one by one");
  CHECK(!here.leave(Kind::aggregate, "SELECT sum(again) AS s FROM t").refused);
  runs(here, "CREATE TABLE codes (code text, n integer)");
  runs(here, "INSERT INTO codes VALUES ('C', 1), ('V', 2)");
  runs(here, "UPDATE codes SET n = n * 10 + 1, code = code || '.' WHERE n = 2 OR code IS NULL");
  CHECK(table(here, "codes").reference);
}

TEST(Work, UpdatesAndDeletesJoinOtherTables) {
  auto here = session("joined");
  runs(here, "CREATE TABLE t AS SELECT BEN_NIR_PSA, BEN_NAI_ANN, 0 AS paid, 'x' AS note FROM IR_BEN_R");
  runs(here,
       "UPDATE t SET paid = p.PRS_PAI_MNT, note = 'p' FROM ER_PRS_F p WHERE p.BEN_NIR_PSA = t.BEN_NIR_PSA");
  STRCMP_EQUAL("", table(here, "t").untied.c_str());
  STRCMP_EQUAL("BEN_NIR_PSA", table(here, "t").person.c_str());
  CHECK(sums(table(here, "t"), "paid") == Sums::never);
  // That there was somebody to join with says what a condition says.
  CHECK(label(table(here, "t"), "note") == Label::potential_identifier);
  runs(here,
       "UPDATE t SET note = 'y' WHERE BEN_NIR_PSA IN (SELECT BEN_NIR_PSA FROM ER_PRS_F WHERE PRS_NAT_REF = "
       "9999)");
  STRCMP_EQUAL("BEN_NIR_PSA", table(here, "t").person.c_str());
  runs(here, "DELETE FROM t USING ER_PRS_F p WHERE p.BEN_NIR_PSA = t.BEN_NIR_PSA AND p.PRS_NAT_REF = 3313");
  STRCMP_EQUAL("BEN_NIR_PSA", table(here, "t").person.c_str());
  runs(here, "CREATE TABLE u AS SELECT * FROM t");
  // Another person's row decides.
  runs(here, "UPDATE t SET note = 'z' FROM ER_PRS_F p WHERE p.PRS_NAT_REF = 9999");
  CHECK(!table(here, "t").untied.empty());
  runs(here, "DELETE FROM u USING ER_PRS_F p WHERE p.BEN_NAI_ANN = u.BEN_NAI_ANN");
  CHECK(!table(here, "u").untied.empty());
}

TEST(Work, AltersTablesAndKeepsWhatIsKnownOfThem) {
  auto here = session("alters");
  runs(here, "SELECT BEN_NIR_PSA, BEN_NIR_ANO, BEN_SEX_COD INTO t FROM IR_BEN_R");
  runs(here, "ALTER TABLE t ADD COLUMN groupe text, ADD COLUMN BEN_RES_DPT text");
  CHECK(label(table(here, "t"), "BEN_RES_DPT") == Label::potential_identifier);
  CHECK(sums(table(here, "t"), "groupe") == Sums::never);
  runs(here, "UPDATE t SET groupe = 'H' WHERE BEN_SEX_COD = 1");
  runs(here, "ALTER TABLE t RENAME COLUMN BEN_NIR_PSA TO id");
  STRCMP_EQUAL("id", table(here, "t").person.c_str());
  CHECK(label(table(here, "t"), "id") == Label::person_key);
  runs(here, "ALTER TABLE t RENAME TO cohort");
  CHECK(here.find("t") == nullptr);
  STRCMP_EQUAL("id", table(here, "cohort").person.c_str());
  runs(here, "ALTER TABLE cohort RENAME COLUMN BEN_NIR_ANO TO harmless");
  CHECK(label(table(here, "cohort"), "harmless") == Label::direct_identifier);
  runs(here, "CREATE TABLE other (LIKE cohort)");
  CHECK(label(table(here, "other"), "harmless") == Label::direct_identifier);
  runs(here, "CREATE UNIQUE INDEX ON cohort (id)");
  runs(here, "ALTER TABLE cohort DROP COLUMN id, DROP COLUMN groupe");
  CHECK(!table(here, "cohort").untied.empty());
  refused(here, "ALTER TABLE IR_BEN_R RENAME TO mine", "table of the catalogue");
  refused(here, "ALTER TABLE cohort RENAME TO IR_BEN_R", "is there already");
  refused(here, "ALTER TABLE cohort ALTER COLUMN harmless TYPE integer", "make the table anew");
  runs(here, "DROP TABLE cohort, other");
  CHECK(here.find("cohort") == nullptr && here.find("other") == nullptr);
}

TEST(Work, UpdatesTakeNoIdentifiers) {
  auto here = session("no_updates");
  runs(here,
       "CREATE TABLE t AS SELECT BEN_NIR_PSA, BEN_NIR_ANO, BEN_NAI_ANN, BEN_RES_DPT AS place, 'x' AS note "
       "FROM IR_BEN_R");
  runs(here, "CREATE TABLE u AS SELECT BEN_NIR_PSA, PRS_PAI_MNT AS paid FROM ER_PRS_F");
  refused(here, "UPDATE t SET note = BEN_NIR_PSA", "neither changes identifiers nor copies them");
  refused(here, "UPDATE t SET BEN_NIR_PSA = BEN_NIR_ANO", "neither changes identifiers nor copies them");
  refused(here, "UPDATE t SET BEN_NIR_PSA = '11107200337770801'",
          "neither changes identifiers nor copies them");
  refused(here, "UPDATE t SET BEN_NIR_PSA = NULL", "neither changes identifiers nor copies them");
  refused(here, "UPDATE t SET note = 'y' WHERE BEN_NIR_PSA = '11107200337770801'",
          "BEN_NIR_PSA (person_key) stands");
  refused(here, "UPDATE t SET note = substr(BEN_NIR_PSA, 1, 3)", "BEN_NIR_PSA (person_key) stands");
  refused(here, "UPDATE t SET note = u.BEN_NIR_PSA FROM u WHERE u.BEN_NIR_PSA = t.BEN_NIR_PSA",
          "neither changes identifiers nor copies them");
  refused(here, "UPDATE t SET note = 'y' FROM u", "without WHERE");
  refused(here, "DELETE FROM t USING u", "without WHERE");
  refused(here, "UPDATE t SET note = 'y' FROM u WHERE u.BEN_NIR_PSA > t.BEN_NIR_PSA",
          "BEN_NIR_PSA (person_key) stands");
  refused(here, "UPDATE t SET note = (SELECT note FROM t)", "gives one row");
  refused(here, "UPDATE t SET note = 'y' RETURNING BEN_NIR_ANO", "UpdateStmt");
  refused(here, "WITH x AS (SELECT 1) UPDATE t SET note = 'y'", "never used");
  refused(here, "UPDATE t SET (note, BEN_NIR_PSA) = ('y', 'z')",
          "neither changes identifiers nor copies them");
  refused(here, "UPDATE t SET (note, place) = (SELECT 'y', 'z')", "write UPDATE … FROM");
  refused(here, "UPDATE t SET note = DEFAULT", "not an expression");
  refused(here, "UPDATE t SET note = 'y', NOTE = 'z'", "twice in one UPDATE");
  refused(here, "UPDATE t SET nothing = 1", "is not in table");
  refused(here, "UPDATE t SET BEN_NAI_ANN = 'x'", "");
  refused(here, "UPDATE t SET note = BEN_NAI_ANN", "mixes text and numbers");
  refused(here, "UPDATE t SET BEN_NAI_ANN = count(*)", "");
  refused(here, "UPDATE t SET BEN_NAI_ANN = row_number() OVER (ORDER BY BEN_NAI_ANN)", "");
  refused(here, "UPDATE ONLY t SET note = 'y'", "ONLY");
  refused(here, "UPDATE nowhere SET note = 'y'", "is not in the workspace");
  STRCMP_CONTAINS(
      "would be given texts of up to",
      here.work({"UPDATE t SET note = place || place", "UPDATE t SET note = note || note"}).c_str());
  const Table& kept = table(here, "t");
  CHECK(label(kept, "note") == Label::measure);
}

TEST(Work, DeclaredColumnsTakeTheCataloguesLabel) {
  auto here = session("declared");
  runs(here, "CREATE TEMP TABLE list (BEN_NIR_PSA varchar(17), code integer, note text)");
  CHECK(label(table(here, "list"), "ben_nir_psa") == Label::person_key);
  refused(here, "INSERT INTO list VALUES ('11107200337770801', 1, 'x')", "takes no constants");
  runs(here, "INSERT INTO list (BEN_NIR_PSA, code) SELECT BEN_NIR_PSA, BEN_NAI_ANN FROM IR_BEN_R");
  STRCMP_EQUAL("ben_nir_psa", table(here, "list").person.c_str());
  CHECK(label(table(here, "list"), "code") == Label::potential_identifier);
  runs(here, "CREATE TABLE codes (c integer)");
  runs(here, "INSERT INTO codes VALUES (1), ('2'), (NULL)");
  CHECK(table(here, "codes").reference);
  // A column that held constants takes no identifiers afterwards: they could be joined with them.
  runs(here, "CREATE TABLE trap (x text)");
  runs(here, "INSERT INTO trap VALUES ('11107200337770801')");
  refused(here, "INSERT INTO trap SELECT BEN_NIR_PSA FROM IR_BEN_R", "keep identifiers");
}

TEST(Work, TheCatalogueIsNobodysToChange) {
  auto here = session("catalogue");
  for (const char* sql :
       {"DROP TABLE IR_BEN_R", "DELETE FROM IR_BEN_R", "TRUNCATE ir_ben_r",
        "INSERT INTO ER_PRS_F SELECT * FROM ER_PRS_F", "CREATE TABLE ER_PRS_F AS SELECT 1 AS x FROM IR_BEN_R",
        "CREATE INDEX ON IR_BEN_R (BEN_NIR_PSA)", "ANALYZE IR_BEN_R", "UPDATE IR_BEN_R SET BEN_NAI_ANN = 1"})
    refused(here, sql, "is a table of the catalogue");
  refused(here, "DROP TABLE sceau_work.committed", "of some schema");
  refused(here, "SELECT * FROM IR_BEN_R", "leaves nothing in the workspace");
  refused(here, "MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE", "no statement of kind work");
}

TEST(Work, AScriptIsReadAsItsStatementsLeaveTheWorkspace) {
  auto here = session("script");
  STRCMP_EQUAL(
      "",
      here.work({"CREATE TABLE a AS SELECT BEN_NIR_PSA, BEN_NAI_ANN FROM IR_BEN_R",
                 "CREATE INDEX i ON a (BEN_NAI_ANN)", "ANALYZE a", "DELETE FROM a WHERE BEN_NAI_ANN < 1950",
                 "CREATE TABLE b AS SELECT * FROM work.a", "DROP TABLE a", "DROP TABLE IF EXISTS nowhere",
                 "CREATE TABLE IF NOT EXISTS b (x integer)", "TRUNCATE b"})
          .c_str());
  CHECK(here.find("a") == nullptr);
  CHECK(here.find("b") != nullptr);
  refused(here, "CREATE TABLE c AS SELECT * FROM a", "is not in the catalogue");
  STRCMP_CONTAINS("statement 2 of the script", here.work({"DROP TABLE b", "DROP TABLE b"}).c_str());
  CHECK(here.find("b") != nullptr);
  refused(here, "CREATE TABLE b (x integer)", "already");
}

TEST(Work, WindowsLeaveOnlyThroughATable) {
  auto here = session("windows");
  const std::string first =
      "SELECT BEN_NIR_PSA, EXE_SOI_DTD, row_number() OVER (PARTITION BY BEN_NIR_PSA ORDER BY EXE_SOI_DTD) AS "
      "n "
      "FROM ER_PRS_F";
  kept_in(here.leave(Kind::individual, first), "window function");
  runs(here, "CREATE TABLE ranked AS " + first);
  CHECK(!here.leave(Kind::individual, "SELECT EXE_SOI_DTD FROM ranked WHERE n = 1").refused);
  CHECK(!here.leave(Kind::aggregate, "SELECT count(*) AS people FROM ranked WHERE n = 1").refused);
  refused(here,
          "CREATE TABLE l AS SELECT lag(BEN_NIR_PSA) OVER (PARTITION BY BEN_SEX_COD ORDER BY EXE_SOI_DTD) AS "
          "x FROM ER_PRS_F",
          "BEN_NIR_PSA (person_key) stands");
}
