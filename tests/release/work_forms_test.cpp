// Forms that scripts use and that the gate writes out otherwise: defaults, constraints, views, SELECTs as
// values.
#include "work_group.h"

using sceau::release::Kind;
using sceau::source::Label;
using sceau::source::Sums;
using sceau::source::Table;
using test::Answer;
using test::WorkSession;

namespace {

struct Forms : test::WorkGroup {
  static WorkSession session(const std::string& name) {
    return {test::Warehouse::Variant::original, "form_" + name};
  }
  // The column of a table that must be there, or one of no name.
  static const sceau::source::Column& column(const WorkSession& session, const std::string& table,
                                             const std::string& name) {
    static const sceau::source::Column none;
    const Table* found = session.find(table);
    CHECK(found != nullptr && found->find(name) >= 0);
    return found == nullptr ? none : found->columns.at(static_cast<std::size_t>(found->find(name)));
  }
};

}  // namespace

TEST_GROUP_BASE(WorkForms, Forms){};

TEST(WorkForms, ConstraintsAreLeftOutAndSaidToBe) {
  auto here = session("constraints");
  runs(here,
       "CREATE UNLOGGED TABLE t (BEN_NIR_PSA varchar(17) NOT NULL, n integer CHECK (n < 0) UNIQUE, note text "
       "REFERENCES nowhere (id), PRIMARY KEY (BEN_NIR_PSA), CONSTRAINT c CHECK (note <> 'x'))");
  runs(here, "INSERT INTO t SELECT BEN_NIR_PSA, 1, 'x' FROM ER_PRS_F");
  runs(here, "INSERT INTO t SELECT NULL, NULL, NULL FROM ER_PRS_F");
  runs(here, "ALTER TABLE t ADD CONSTRAINT d UNIQUE (n), ALTER COLUMN note SET NOT NULL");
  runs(here, "ALTER TABLE t DROP CONSTRAINT d");
  const auto planned = sceau::release::plan(test::Warehouse::get().catalogue(), Kind::work,
                                            {"CREATE TABLE u (a integer PRIMARY KEY)"}, {}, {},
                                            sceau::source::Engine::postgresql, here.workspace);
  CHECK(static_cast<bool>(planned));
  STRCMP_CONTAINS("constraints on table \"u\" are left out", planned->notices.at(0).c_str());
  STRCMP_CONTAINS("(\"a\" numeric)", planned->sql_run.at(1).c_str());
}

TEST(WorkForms, DefaultsAreConstantsThatInsertNames) {
  auto here = session("defaults");
  runs(here, "CREATE TABLE t (BEN_NIR_PSA text, paid numeric DEFAULT 1000000, flag boolean DEFAULT false)");
  runs(here, "INSERT INTO t SELECT BEN_NIR_PSA, PRS_PAI_MNT FROM ER_PRS_F");
  CHECK(column(here, "t", "paid").sums == Sums::copied);
  CHECK(column(here, "t", "flag").sums != Sums::copied);
  runs(here, "INSERT INTO t (BEN_NIR_PSA) SELECT BEN_NIR_PSA FROM ER_PRS_F WHERE PRS_NAT_REF = 9999");
  CHECK(column(here, "t", "paid").sums == Sums::never);
  const Answer sum = here.leave(Kind::aggregate, "SELECT sum(paid) AS s FROM t");
  CHECK(sum.refused);
  STRCMP_EQUAL("ben_nir_psa", here.find("t")->person.c_str());
  runs(here, "ALTER TABLE t ADD COLUMN note text DEFAULT 'C', ALTER COLUMN flag DROP DEFAULT");
  CHECK(column(here, "t", "note").longest == 1);
  CHECK(!column(here, "t", "flag").otherwise.has_value());
  runs(here, "CREATE TABLE codes (code text, weight integer DEFAULT 1)");
  runs(here, "INSERT INTO codes VALUES ('A')");
  runs(here, "INSERT INTO codes (code) VALUES ('B'), ('C')");
  runs(here, "INSERT INTO codes (code) SELECT code FROM codes UNION SELECT 'D' FROM codes");
  CHECK(here.find("codes")->reference);
  runs(here, "CREATE TABLE like_codes (LIKE codes INCLUDING ALL, more text)");
  STRCMP_EQUAL("1", column(here, "like_codes", "weight").otherwise.value_or("").c_str());
}

TEST(WorkForms, DefaultsTakeNoIdentifiersAndNothingThatCounts) {
  auto here = session("no_defaults");
  refused(here, "CREATE TABLE t (BEN_NIR_PSA text DEFAULT '11107200337770801')", "takes no constants");
  runs(here, "CREATE TABLE k (a text DEFAULT '11107200337770801', n integer)");
  runs(here, "INSERT INTO k (a, n) SELECT BEN_NIR_PSA, BEN_NAI_ANN FROM IR_BEN_R");
  CHECK(column(here, "k", "a").label == Label::person_key);
  refused(here, "INSERT INTO k (n) VALUES (1)", "takes no constants");
  refused(here, "INSERT INTO k (n) SELECT BEN_NAI_ANN FROM IR_BEN_R", "keep identifiers in columns of their");
  refused(here, "ALTER TABLE k ALTER COLUMN a SET DEFAULT '1'", "takes no constants");
  refused(here, "ALTER TABLE k ADD COLUMN BEN_NIR_ANO text DEFAULT 'TARGETANO11111111'",
          "takes no constants");
  refused(here, "CREATE TABLE t (a integer DEFAULT nextval('s'))", "DEFAULT of something else");
  refused(here, "CREATE TABLE t (a timestamp DEFAULT now())", "DEFAULT of something else");
  refused(here, "CREATE TABLE t (a integer DEFAULT 'x')", "mixes text and numbers");
  refused(here, "CREATE TABLE t (id serial)", "row_number()");
  refused(here, "CREATE TABLE t (id integer GENERATED ALWAYS AS IDENTITY)", "row_number()");
  refused(here, "CREATE TABLE t (a integer, b integer GENERATED ALWAYS AS (a + 1) STORED)", "row_number()");
}

TEST(WorkForms, UpkeepOfTablesDoesWhatTellsNothing) {
  auto here = session("upkeep");
  runs(here, "CREATE TABLE t AS SELECT BEN_NIR_PSA, BEN_RES_DPT FROM IR_BEN_R WITH NO DATA");
  CHECK(here.find("t")->empty);
  CHECK(column(here, "t", "BEN_NIR_PSA").label == Label::person_key);
  runs(here, "CREATE INDEX i ON t (BEN_NIR_PSA)");
  for (const char* sql :
       {"DROP INDEX IF EXISTS i", "VACUUM ANALYZE t", "VACUUM t", "VACUUM (FULL, ANALYZE) t", "ANALYZE t",
        "COMMENT ON TABLE t IS 'x'", "COMMENT ON COLUMN t.BEN_RES_DPT IS NULL", "ALTER TABLE t SET UNLOGGED"})
    runs(here, sql);
  refused(here, "VACUUM IR_BEN_R", "table of the catalogue");
  refused(here, "COMMENT ON DATABASE postgres IS 'x'", "COMMENT on something else");
  refused(here, "ALTER TABLE t ALTER COLUMN BEN_RES_DPT TYPE integer", "make the table anew");
}

TEST(WorkForms, SelectsAsValuesAreJoinedByTheKey) {
  auto here = session("values");
  runs(here,
       "CREATE TABLE t AS SELECT b.BEN_NIR_PSA, b.BEN_RES_DPT, (SELECT count(*) FROM ER_PRS_F p WHERE "
       "p.BEN_NIR_PSA "
       "= b.BEN_NIR_PSA) AS n, (SELECT max(p.EXE_SOI_DTD) FROM ER_PRS_F p WHERE p.BEN_NIR_PSA = "
       "b.BEN_NIR_PSA AND "
       "p.PRS_NAT_REF = 1111) AS last FROM IR_BEN_R b");
  STRCMP_EQUAL("BEN_NIR_PSA", here.find("t")->person.c_str());
  CHECK(column(here, "t", "last").label == Label::potential_identifier);
  runs(here,
       "CREATE TABLE u AS SELECT b.BEN_NIR_PSA, x.EXE_SOI_DTD, y.n FROM IR_BEN_R b LEFT JOIN LATERAL (SELECT "
       "p.EXE_SOI_DTD FROM ER_PRS_F p WHERE p.BEN_NIR_PSA = b.BEN_NIR_PSA ORDER BY p.EXE_SOI_DTD, "
       "p.PRS_NAT_REF "
       "LIMIT 1) x ON true CROSS JOIN LATERAL (SELECT count(*) AS n FROM ER_PRS_F q WHERE q.BEN_NIR_PSA = "
       "b.BEN_NIR_PSA) y");
  STRCMP_EQUAL("BEN_NIR_PSA", here.find("u")->person.c_str());
  // Somebody else's rows decide.
  runs(here,
       "CREATE TABLE v AS SELECT BEN_NIR_PSA FROM ER_PRS_F WHERE PRS_PAI_MNT > (SELECT avg(PRS_PAI_MNT) FROM "
       "ER_PRS_F)");
  CHECK(!here.find("v")->untied.empty());
  runs(here,
       "CREATE TABLE w AS SELECT b.BEN_NIR_PSA, (SELECT max(p.PRS_PAI_MNT) FROM ER_PRS_F p WHERE "
       "p.BEN_RES_COM = "
       "b.BEN_RES_COM) AS m FROM IR_BEN_R b");
  CHECK(!here.find("w")->untied.empty());
  refused(here, "CREATE TABLE x AS SELECT (SELECT max(BEN_NIR_ANO) FROM IR_BEN_R) AS k FROM IR_PHA_R",
          "identifier");
  runs(here, "UPDATE t SET n = (SELECT count(*) FROM u WHERE u.BEN_NIR_PSA = t.BEN_NIR_PSA)");
  refused(here, "DELETE FROM t WHERE n < (SELECT count(*) FROM u WHERE u.BEN_NIR_PSA = t.BEN_NIR_PSA)",
          "make the table anew");
  runs(here, "UPDATE t SET n = (SELECT count(*) FROM IR_PHA_R)");
  CHECK(sceau::source::is_identifying(column(here, "t", "BEN_NIR_PSA").label));
}

TEST(WorkForms, RowsOfAFullJoinAreTiedToNobody) {
  auto here = session("full");
  runs(here,
       "CREATE TABLE t AS SELECT BEN_NIR_PSA, b.BEN_RES_DPT, p.PRS_PAI_MNT FROM IR_BEN_R b FULL JOIN "
       "ER_PRS_F p USING "
       "(BEN_NIR_PSA)");
  CHECK(column(here, "t", "ben_nir_psa").label == Label::person_key);
  CHECK(!here.find("t")->untied.empty());
  CHECK(here.leave(Kind::aggregate, "SELECT BEN_RES_DPT, count(*) AS n FROM t GROUP BY 1").refused);
  CHECK(here.leave(
                Kind::aggregate,
                "SELECT b.BEN_RES_DPT, count(*) AS n FROM IR_BEN_R b FULL JOIN ER_PRS_F p ON p.BEN_NIR_PSA = "
                "b.BEN_NIR_PSA GROUP BY 1")
            .refused);
  runs(here,
       "CREATE TABLE u AS SELECT t.BEN_RES_DPT FROM t JOIN IR_BEN_R b ON b.BEN_NIR_PSA = t.BEN_NIR_PSA");
  refused(here, "CREATE TABLE x AS SELECT coalesce(BEN_NIR_PSA, BEN_NIR_ANO) AS k FROM IR_BEN_R", "stands");
  refused(here, "CREATE TABLE x AS SELECT coalesce(BEN_NIR_PSA, 'x') AS k FROM IR_BEN_R", "stands");
  refused(here,
          "CREATE TABLE x AS SELECT 1 AS k FROM IR_BEN_R WHERE coalesce(BEN_NIR_PSA, BEN_NIR_PSA) = '1'",
          "stands");
  CHECK(
      here.leave(Kind::individual,
                 "SELECT coalesce(b.BEN_NIR_PSA, p.BEN_NIR_PSA) AS k FROM IR_BEN_R b LEFT JOIN ER_PRS_F p ON "
                 "p.BEN_NIR_PSA = b.BEN_NIR_PSA")
          .refused);
}

TEST(WorkForms, AViewIsItsSelectWhereverItIsNamed) {
  auto here = session("views");
  runs(here,
       "CREATE VIEW v (id, place) AS SELECT BEN_NIR_PSA, BEN_RES_DPT FROM IR_BEN_R WHERE BEN_SEX_COD = 1");
  runs(here, "CREATE TABLE t AS SELECT id, count(*) AS n FROM v WHERE place <> 'x' GROUP BY id");
  STRCMP_EQUAL("id", here.find("t")->person.c_str());
  CHECK(!here.leave(Kind::aggregate, "SELECT place, count(*) AS n FROM v GROUP BY place").refused);
  const Answer keys = here.leave(Kind::individual, "SELECT id FROM v");
  CHECK(keys.text.find("11107200337770801") == std::string::npos);
  refused(here, "CREATE VIEW v AS SELECT id FROM t", "is in the workspace already");
  refused(here, "CREATE OR REPLACE VIEW t AS SELECT id FROM v", "is in the workspace already");
  refused(here, "CREATE TABLE v (a integer)", "is in the workspace already");
  runs(here, "CREATE OR REPLACE VIEW v AS SELECT * FROM v WHERE place = '098'");
  runs(here, "CREATE VIEW w AS SELECT n FROM t");
  for (const char* sql :
       {"INSERT INTO v VALUES ('1', 'x')", "DELETE FROM v", "UPDATE v SET place = 'x'", "TRUNCATE v",
        "ALTER TABLE v ADD COLUMN a integer", "CREATE INDEX ON v (id)", "ANALYZE v"})
    refused(here, sql, "is a view");
  refused(here, "DROP TABLE v", "write DROP VIEW");
  refused(here, "DROP VIEW t", "write DROP TABLE");
  // What it reads now says what it holds.
  runs(here, "DROP TABLE t");
  refused(here, "CREATE TABLE u AS SELECT n FROM w", "is not in the workspace");
  runs(here, "CREATE TABLE t AS SELECT BEN_NIR_ANO AS n FROM IR_BEN_R");
  runs(here, "CREATE TABLE u AS SELECT n FROM w");
  CHECK(column(here, "u", "n").label == Label::direct_identifier);
  CHECK(here.leave(Kind::individual, "SELECT n FROM w").refused);
  runs(here, "DROP VIEW v, w");
  runs(here, "DROP VIEW IF EXISTS v");
  CHECK(here.find("v") == nullptr && here.find("w") == nullptr);
  refused(here, "CREATE VIEW x AS SELECT BEN_NIR_PSA FROM IR_BEN_R WHERE BEN_NIR_PSA = '1'", "stands");
  refused(here, "CREATE VIEW x AS SELECT 'é' AS a FROM IR_PHA_R", "ASCII");
  refused(here, "CREATE VIEW IR_BEN_R AS SELECT 1 AS a FROM IR_PHA_R", "choose another name");
  runs(here, "CREATE MATERIALIZED VIEW x AS SELECT PHA_CIP_C13 FROM IR_PHA_R");
  refused(here, "DROP VIEW x", "is a table");
  runs(here, "DROP MATERIALIZED VIEW x");
}

TEST(WorkForms, IndexedColumnsTakeNoTextsThatTheirIndexesCouldFailAt) {
  auto here = session("room");
  runs(here, "CREATE TABLE t (a text, b text, n integer)");
  runs(here, "CREATE INDEX ON t (a, b, n)");
  runs(here, "INSERT INTO t SELECT BEN_RES_DPT, 'x', 1 FROM IR_BEN_R WHERE false");
  const std::size_t room = column(here, "t", "a").room.value_or(0);
  CHECK(room > 500 && room + column(here, "t", "b").room.value_or(0) + 220 <= 2600);
  refused(here, "INSERT INTO t SELECT BEN_RES_COM || BEN_RES_DPT, 'x', 1 FROM ER_PRS_F",
          "its indexes have room for");
  refused(here, "INSERT INTO t (a) VALUES ('" + std::string(room + 1, 'x') + "')",
          "its indexes have room for");
  refused(here, "UPDATE t SET b = a || a", "its indexes have room for");
  runs(here, "CREATE TABLE three (a text, b text, c text)");
  runs(here, "CREATE INDEX ON three (a, b, c)");
  CHECK(!column(here, "three", "a").room.has_value());
  runs(here, "INSERT INTO three SELECT BEN_RES_DPT, BEN_RES_COM, ORG_AFF_BEN FROM IR_BEN_R");
  runs(here, "CREATE TABLE u (a text)");
  runs(here, "INSERT INTO u SELECT BEN_RES_DPT || BEN_RES_COM || ORG_AFF_BEN FROM IR_BEN_R");
  runs(here, "CREATE INDEX ON u (a)");
  CHECK(!column(here, "u", "a").room.has_value());
}
