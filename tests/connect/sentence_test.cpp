#include "connect/sentence.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

using namespace sceau;
using namespace sceau::connect;

using Kind = Sentence::Kind;
using Reads = Sentence::Reads;

TEST_GROUP(Sentence){static Sentence only(const std::string& sql){auto read = read_sentences(sql);
CHECK_TEXT(read.ok(), sql.c_str());
LONGS_EQUAL(1, read->size());
return read->front();
}
}
;

TEST(Sentence, AreParted) {
  const auto read = read_sentences("SELECT 1;\n SELECT ';' ; ; -- one\nBEGIN");
  CHECK(read.ok());
  LONGS_EQUAL(3, read->size());
  STRCMP_EQUAL("SELECT ';'", (*read)[1].text.c_str());
  CHECK((*read)[2].kind == Kind::transaction);
  LONGS_EQUAL(0, read_sentences(" -- nothing")->size());
  CHECK(!read_sentences("SELECT FROM WHERE").ok());
}

TEST(Sentence, SayWhatTheyRead) {
  CHECK(only("SELECT 1").reads == Reads::nothing);
  CHECK(only("SELECT * FROM pg_class").reads == Reads::catalogue);
  CHECK(only("SELECT * FROM information_schema.tables t, pg_catalog.pg_class").reads == Reads::catalogue);
  CHECK(only("SELECT * FROM t").reads == Reads::data);
  CHECK(only("WITH t AS (SELECT * FROM pg_class) SELECT * FROM t").reads == Reads::catalogue);
  CHECK(only("SELECT 1 WHERE EXISTS (SELECT 1 FROM pg_class WHERE oid IN (SELECT x FROM t))").reads ==
        Reads::both);
  CHECK(only("CREATE TABLE m AS SELECT * FROM t").kind == Kind::work);
  CHECK(only("SELECT * INTO m FROM t").kind == Kind::work);
  CHECK(only("UPDATE t SET x = 1").kind == Kind::work);
  CHECK(only("ALTER TABLE t ADD COLUMN x integer").kind == Kind::work);
  CHECK(only("ALTER TABLE t RENAME TO u").kind == Kind::work);
  CHECK(only("WITH x AS (SELECT a FROM t) INSERT INTO t SELECT a FROM x").kind == Kind::work);
}

TEST(Sentence, OfTheWorkspacesUpkeepAreWork) {
  constexpr std::pair<const char*, const char*> kinds[] = {
      {"CREATE VIEW v AS SELECT a FROM t", "CREATE VIEW"},
      {"DROP VIEW v", "DROP VIEW"},
      {"DROP TABLE t", "DROP TABLE"},
      {"COMMENT ON TABLE t IS 'x'", "COMMENT"},
      {"VACUUM ANALYZE t", "VACUUM"},
      {"ANALYZE t", "ANALYZE"}};
  for (const auto& [sql, command] : kinds) {
    CHECK_TEXT(only(sql).kind == Kind::work, sql);
    STRCMP_EQUAL(command, only(sql).command.c_str());
  }
}

TEST(Sentence, ThatAskForColumnsAloneAreKnown) {
  CHECK(only("SELECT * FROM t WHERE (0 = 1)").sure_to_be_empty);
  CHECK(only("SELECT * FROM t WHERE FALSE").sure_to_be_empty);
  CHECK(only("SELECT * FROM t LIMIT 0").sure_to_be_empty);
  CHECK(!only("SELECT count(*) FROM t WHERE (0 = 1)").sure_to_be_empty);
  CHECK(!only("SELECT * FROM t WHERE 1 = 1").sure_to_be_empty);
  CHECK(!only("SELECT * FROM t LIMIT 10").sure_to_be_empty);
}

TEST(Sentence, TakeValuesWhereTheirParametersStand) {
  STRCMP_EQUAL("SELECT '$1', 5, 'a' FROM t",
               with_values("SELECT '$1', $2, $1 FROM t", {"'a'", "5"})->c_str());
  CHECK(!with_values("SELECT $3", {"1"}).ok());
  LONGS_EQUAL(2, only("SELECT $1 + $2").parameters);
}

TEST(Sentence, LoseTheSchemaThatOnlyTheirClientsKnow) {
  STRCMP_EQUAL("SELECT x FROM \"T\" a JOIN t2 ON true",
               without_public("SELECT x FROM \"public\".\"T\" a JOIN public.t2 ON true").c_str());
  STRCMP_EQUAL("SELECT 'public.t' FROM work.t", without_public("SELECT 'public.t' FROM work.t").c_str());
}

TEST(Sentence, NestingThatWouldOverflowIsRefused) {
  CHECK(!read_sentences("SELECT " + std::string(5000, '(') + "1" + std::string(5000, ')')).ok());
  CHECK(!read_sentences("SELECT " + std::string(100000, '-') + "1\n").ok());
}
