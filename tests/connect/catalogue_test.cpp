#include "connect/catalogue.h"
#include "client.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

using namespace sceau;
using namespace sceau::connect;

TEST_GROUP(SystemCatalogue) {
  std::unique_ptr<Catalogue> catalogue;
  void setup() override {
    Facts facts;
    facts.user = "carol";
    facts.process = 7;
    facts.setting = [](const std::string& name) {
      return name == "server_version" ? std::optional<std::string>("15.0") : std::nullopt;
    };
    auto made = Catalogue::make(some_tables(), std::move(facts));
    CHECK(made.ok());
    catalogue = std::move(*made);
  }
  void teardown() override { catalogue.reset(); }

  Result<std::unique_ptr<Rows>> ask(const std::string& sql) const {
    auto sentences = read_sentences(sql);
    CHECK_TEXT(sentences.ok(), sql.c_str());
    return catalogue->ask(sentences->front());
  }
  // Rows as "a|b;c|d"; the error's line when there is one.
  std::string answer(const std::string& sql) const {
    auto rows = ask(sql);
    if (!rows) return rows.error().message;
    std::string text;
    std::vector<Value> row;
    while (*(*rows)->next(row)) {
      for (std::size_t i = 0; i < row.size(); ++i) text += (i == 0 ? "" : "|") + row[i].value_or("NULL");
      text += ";";
    }
    return text;
  }
  ErrorKind refusal(const std::string& sql) const {
    auto rows = ask(sql);
    CHECK_TEXT(!rows.ok(), sql.c_str());
    return rows.error().kind;
  }
};

TEST(SystemCatalogue, HoldsTheAgentsTablesAndNoOther) {
  STRCMP_EQUAL("IR_BEN_R;mine;", answer("SELECT relname FROM pg_class ORDER BY oid").c_str());
  STRCMP_EQUAL("mine|BASE TABLE;", answer("SELECT table_name, table_type FROM information_schema.tables "
                                          "WHERE table_schema = 'public' AND is_insertable_into = 'YES'")
                                       .c_str());
  STRCMP_EQUAL(
      "BEN_NIR_PSA|text|1;BEN_SEX_COD|bigint|2;AMOUNT|double precision|3;",
      answer(
          "SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnum FROM pg_attribute a "
          "WHERE a.attrelid = 'ir_ben_r'::regclass")
          .c_str());
}

TEST(SystemCatalogue, AnswersWhatPsqlAsks) {
  STRCMP_EQUAL("public|mine|table|carol;",
               answer("SELECT n.nspname as \"Schema\", c.relname as \"Name\", CASE c.relkind WHEN 'r' THEN "
                      "'table' WHEN 'v' "
                      "THEN 'view' END as \"Type\", pg_catalog.pg_get_userbyid(c.relowner) as \"Owner\" FROM "
                      "pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
                      "WHERE c.relkind "
                      "IN ('r','p','') AND n.nspname !~ '^pg_toast' AND c.relname OPERATOR(pg_catalog.~) "
                      "'^(mine)$' COLLATE "
                      "pg_catalog.default AND pg_catalog.pg_table_is_visible(c.oid) ORDER BY 1,2;")
                   .c_str());
}

TEST(SystemCatalogue, KnowsArraysAsClientsWriteThem) {
  STRCMP_EQUAL("mine;",
               answer("SELECT relname FROM pg_class WHERE relname = ANY (ARRAY['mine', 'other'])").c_str());
  STRCMP_EQUAL("mine;", answer("SELECT relname FROM pg_class WHERE relname = ANY ('{mine,other}')").c_str());
  STRCMP_EQUAL("t;", answer("SELECT 'public' = ANY (current_schemas(true))").c_str());
  STRCMP_EQUAL(
      "pg_catalog,public|2|public;",
      answer("SELECT array_to_string(current_schemas(true), ','), array_upper(current_schemas(true), 1), "
             "(current_schemas(true))[2]")
          .c_str());
  STRCMP_EQUAL("a;b;", answer("SELECT unnest FROM unnest('{a,b}'::text[])").c_str());
  STRCMP_EQUAL("2;3;", answer("SELECT s.r FROM generate_series(2, 3) AS s(r)").c_str());
}

TEST(SystemCatalogue, TellsTypesSoThatClientsDecodeThem) {
  auto sentences = read_sentences(
      "SELECT oid, relname, relhasindex, relnatts, oid = 5 AS same, 1 AS one, 'x' AS text, oid::regclass AS "
      "r, "
      "count(*) OVER (PARTITION BY relkind) AS n FROM pg_class WHERE relname = 'mine'");
  const auto columns = catalogue->describe(sentences->front());
  CHECK(columns.ok());
  const std::uint32_t expected[] = {kOid, kName, kBool, kInt2, kBool, kInt4, kText, kRegclass, kInt8};
  for (std::size_t i = 0; i < columns->size(); ++i) LONGS_EQUAL(expected[i], (*columns)[i].type);
  STRCMP_EQUAL("f|mine|f|1|x|t;",
               answer("SELECT relhasindex, oid::regclass, oid = 5, 1, 'x', relname LIKE 'm\\ine' FROM "
                      "pg_class WHERE relname = 'MINE'")
                   .c_str());
}

TEST(SystemCatalogue, OrdersNullsAsPostgresqlDoes) {
  STRCMP_EQUAL(
      "1;2;NULL;",
      answer("SELECT x FROM (SELECT 2 AS x UNION ALL SELECT NULL UNION ALL SELECT 1) t ORDER BY x").c_str());
  STRCMP_EQUAL(
      "NULL;2;1;",
      answer("SELECT x FROM (SELECT 2 AS x UNION ALL SELECT NULL UNION ALL SELECT 1) t ORDER BY x DESC")
          .c_str());
}

TEST(SystemCatalogue, RefusesWhatItDoesNotKnow) {
  CHECK(refusal("SELECT * FROM pg_shadow") == ErrorKind::not_found);
  CHECK(refusal("SELECT * FROM pg_catalog.sqlite_master") == ErrorKind::not_found);
  CHECK(refusal("SELECT pg_read_file('/etc/passwd')") == ErrorKind::not_found);
  CHECK(refusal("SELECT load_extension('x')") == ErrorKind::not_found);
  CHECK(refusal("SELECT readfile('x')") == ErrorKind::not_found);
  CHECK(refusal("SELECT nothing FROM pg_class") == ErrorKind::not_found);
  CHECK(refusal("SELECT \"nothing\" FROM pg_class") == ErrorKind::not_found);
  CHECK(refusal("SELECT DISTINCT ON (oid) oid FROM pg_class") == ErrorKind::refused);
  CHECK(refusal("SELECT relname FROM pg_class WHERE relname ~ '('") == ErrorKind::invalid);
  CHECK(refusal("SELECT relname FROM pg_class WHERE relname ~ '((a{1,255}){1,255}){1,255}'") ==
        ErrorKind::invalid);
  CHECK(refusal("SELECT relname FROM pg_class WHERE relname ~ '(.*)(.*)\\1\\2'") == ErrorKind::invalid);
  STRCMP_EQUAL("", answer("SELECT oid FROM pg_class WHERE oid = '99999999999999999999'::regclass").c_str());
}

TEST(SystemCatalogue, EndsAQuestionWithoutEnd) {
  const std::atomic<bool> stopped{true};
  auto sentences = read_sentences(
      "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT count(*) FROM t");
  const auto rows = catalogue->ask(sentences->front(), &stopped);
  CHECK(!rows.ok());
  CHECK(rows.error().kind == ErrorKind::unavailable);
}
