#include <CppUTest/TestHarness.h>
#include <stdlib.h>
#include <unistd.h>

#include "sceau/base/files.h"
#include "sql_text.h"

using namespace sceau;
using namespace sceau::tool;

namespace {

std::string one(std::string_view script) {
  auto statements = read_script(script);
  if (!statements) return "error: " + statements.error().message;
  if (statements->size() != 1) return std::to_string(statements->size()) + " statements";
  return statements->front();
}

}  // namespace

TEST_GROUP(SqlText){};

TEST(SqlText, LinesBecomeOneLine) {
  STRCMP_EQUAL("SELECT a, b FROM t", one("SELECT a,\n\t  b\r\nFROM t;\n").c_str());
}

TEST(SqlText, CommentsBecomeOneSpaceAndNeverJoinWords) {
  STRCMP_EQUAL("SELECT a FROM t", one("SELECT a -- all of them\nFROM t -- end").c_str());
  STRCMP_EQUAL("SELECT a FROM t", one("SELECT/* x */a/* y /* nested */ z */FROM t").c_str());
}

TEST(SqlText, ALineCommentNeverHidesTheLineAfterIt) {
  STRCMP_EQUAL("SELECT a FROM t WHERE b = 1", one("SELECT a FROM t -- WHERE c = 2\nWHERE b = 1").c_str());
}

TEST(SqlText, QuotedTextIsLeftAsItIs) {
  STRCMP_EQUAL("SELECT '-- ; /*  it''s', \"a  ;b\" FROM t",
               one("SELECT '-- ; /*  it''s', \"a  ;b\" FROM t").c_str());
}

TEST(SqlText, SemicolonsEndStatementsAndEmptyOnesAreNone) {
  auto statements = read_script(";SELECT 1;;\nSELECT 2 ;");
  CHECK(statements.ok());
  CHECK_EQUAL(2U, statements->size());
  STRCMP_EQUAL("SELECT 2", statements->back().c_str());
}

TEST(SqlText, WhatDoesNotEndIsRefused) {
  CHECK(one("SELECT 'a").starts_with("error: "));
  CHECK(one("SELECT \"a").starts_with("error: "));
  CHECK(one("SELECT /* a").starts_with("error: "));
  CHECK(one("SELECT /* /* a */").starts_with("error: "));
}

TEST(SqlText, ALineEndInsideQuotesIsRefusedAndNeverChangedSilently) {
  CHECK(one("SELECT 'a\nb'").find("line end") != std::string::npos);
}

TEST(SqlText, NothingIsNoSql) {
  CHECK(one("").starts_with("error: "));
  CHECK(one(" ;; -- nothing\n").starts_with("error: "));
}

TEST(SqlText, AnArgumentThatNamesAFileIsRead) {
  char folder[] = "/tmp/sceau-sql-XXXXXX";
  CHECK(::mkdtemp(folder) != nullptr);
  const auto file = std::string(folder) + "/query.sql";
  CHECK(write_file(file, as_bytes("SELECT 1 -- one\n")).ok());
  auto statements = read_sql(file);
  CHECK(statements.ok());
  STRCMP_EQUAL("SELECT 1", statements->front().c_str());
  std::filesystem::remove_all(folder);
  const auto missing = read_sql(file);
  CHECK(!missing.ok());
  CHECK(missing.error().kind == ErrorKind::not_found);
}
