#include <CppUTest/TestHarness.h>

#include "show.h"

using namespace sceau;
using namespace sceau::tool;

namespace {

statement::Statement request() {
  statement::Statement act;
  act.type = "extraction.request";
  act.realm = "log.example.org/store";
  act.by = "carol";
  act.until = 1795000000;
  act.body = statement::Object{{"project", "p-42"},
                               {"purpose", "care by year"},
                               {"source", "snds"},
                               {"kind", "individual"},
                               {"sql", statement::Array{"SELECT 1", "SELECT 2"}},
                               {"parameters", statement::Array{}},
                               {"output", statement::Object{{"format", "csv"}, {"name", "r.csv"}}},
                               {"max_rows", 1000}};
  return act;
}

}  // namespace

TEST_GROUP(Show){};

TEST(Show, ARequestShowsAllThatItsSignerAnswersFor) {
  const auto text = shown_text(request());
  for (const char* part : {"log.example.org/store", "carol", "p-42", "care by year", "snds", "individual",
                           "SELECT 1", "SELECT 2", "1000 rows", "r.csv", "2026-11-"}) {
    CHECK_TEXT(text.find(part) != std::string::npos, part);
  }
}

TEST(Show, WhoAsksForWhichProjectComesFirst) {
  const auto lines = shown_lines(request());
  CHECK(lines.at(0).starts_with("act "));
  CHECK(lines.at(2).find("carol") != std::string::npos);
  CHECK(lines.at(3).find("p-42") != std::string::npos);
}

TEST(Show, OtherActsShowEveryFieldOfTheirBody) {
  statement::Statement act;
  act.type = "role.grant";
  act.body = statement::Object{{"person", "dave"}, {"role", "approver"}, {"organisation", "*"}};
  const auto text = shown_text(act);
  CHECK(text.find("person      dave") != std::string::npos);
  CHECK(text.find("role        approver") != std::string::npos);
}

TEST(Show, RequestsAreNamedByTheBeginningOfTheirDigest) {
  STRCMP_EQUAL("e3b0c44298fc", short_id(sha256(ByteView())).c_str());
}

TEST(Show, ATokensLinesAreThoseOfItsDisplayButForTheSignatures) {
  const auto text = token_text(request());
  STRCMP_CONTAINS("  ask for an extraction\n", text.c_str());
  STRCMP_CONTAINS("  kind: ", text.c_str());
  CHECK(text.find("signatures:") == std::string::npos);
}
