// Who is meant by a parameter: only where approvers see it, and only one by one.
#include <CppUTest/TestHarness.h>

#include "warehouse_fixture.h"

using sceau::release::Kind;
using test::Warehouse;

namespace {

std::string said(Kind kind, const std::string& sql, const std::vector<std::string>& values) {
  auto planned = sceau::release::plan(Warehouse::get().catalogue(), kind, {sql}, {}, {},
                                      sceau::source::Engine::sqlite, {}, values);
  if (!planned) return "refused: " + planned.error().message;
  std::string text;
  for (const std::string& one : planned->sql_run) text += one;
  return text;
}

void refused(Kind kind, const std::string& sql, const std::vector<std::string>& values,
             const std::string& why) {
  const std::string text = said(kind, sql, values);
  if (!text.starts_with("refused: ") || text.find(why) == std::string::npos)
    FAIL((sql + " became " + text).c_str());
  for (const std::string& value : values) CHECK(value.empty() || text.find(value) == std::string::npos);
}

const std::string secret = "98765432101234567";

}  // namespace

TEST_GROUP(ByParameter){};

TEST(ByParameter, APersonsRowsMayBeAskedForAndTheSqlDoesNotSayWhose) {
  for (const char* where : {"BEN_NIR_PSA = $1", "$1 = BEN_NIR_PSA", "BEN_NIR_PSA IN ($1)",
                            "BEN_NIR_PSA = ANY (ARRAY[$1])", "BEN_NIR_PSA = $1 AND BEN_NAI_ANN > 1900"}) {
    const std::string text =
        said(Kind::individual, std::string("SELECT BEN_NAI_ANN FROM IR_BEN_R WHERE ") + where, {secret});
    CHECK_TEXT(!text.starts_with("refused: "), text.c_str());
    CHECK(text.find("$1") != std::string::npos);
    CHECK(text.find(secret) == std::string::npos);
  }
}

TEST(ByParameter, AnIdentifierStandsBesideNothingElse) {
  const auto where = [](const std::string& condition, std::vector<std::string> values) {
    refused(Kind::individual, "SELECT BEN_NAI_ANN FROM IR_BEN_R WHERE " + condition, values,
            "compared with parameters");
  };
  where("BEN_NIR_PSA = '" + std::string("1234") + "'", {});
  where("BEN_NIR_PSA > $1", {secret});
  where("BEN_NIR_PSA <> $1", {secret});
  where("BEN_NIR_PSA NOT IN ($1)", {secret});
  where("BEN_NIR_PSA IN ($1, '1234')", {secret});
  where("BEN_NIR_PSA BETWEEN $1 AND $2", {secret, secret});
  where("NOT (BEN_NIR_PSA = $1)", {secret});
  where("BEN_NIR_PSA = $1 OR BEN_NAI_ANN = 1950", {secret});
  refused(Kind::individual, "SELECT CASE WHEN BEN_NIR_PSA = $1 THEN 1 ELSE 0 END AS x FROM IR_BEN_R",
          {secret}, "compared with parameters");
}

TEST(ByParameter, OtherKindsHaveNone) {
  refused(Kind::aggregate, "SELECT count(*) AS n FROM IR_BEN_R WHERE BEN_NAI_ANN = $1", {"1950"},
          "takes no parameters");
  refused(Kind::aggregate, "SELECT count(*) AS n FROM IR_BEN_R WHERE BEN_NIR_PSA = $1", {},
          "$1 has no value");
  auto script =
      sceau::release::plan(Warehouse::get().catalogue(), Kind::work,
                           {"CREATE TABLE t AS SELECT BEN_NAI_ANN FROM IR_BEN_R WHERE BEN_NIR_PSA = $1"}, {},
                           {}, sceau::source::Engine::postgresql, {"w", {}}, {secret});
  CHECK_FALSE(script.ok());
  CHECK(script.error().message.find(secret) == std::string::npos);
}

TEST(ByParameter, AValueOfAnotherTypeIsNotShown) {
  refused(Kind::individual, "SELECT BEN_NAI_ANN FROM IR_BEN_R WHERE BEN_NAI_ANN = $1", {"secret"},
          "no whole number");
  refused(Kind::individual, "SELECT BEN_NAI_ANN FROM IR_BEN_R WHERE BEN_NIR_PSA = $1", {secret, "more"},
          "not used");
}
