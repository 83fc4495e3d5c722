#include "sceau/source/catalogue.h"

#include <CppUTest/TestHarness.h>

using namespace sceau;
using namespace sceau::source;

namespace {

const std::string good = R"(format = 1
[tables.PEOPLE]
person = "KEY"
[tables.PEOPLE.columns]
KEY = { type = "text", label = "person_key" }
NAME = { type = "text", label = "direct_identifier" }
BORN = { type = "integer", label = "potential_identifier" }
[tables.VISITS]
belongs_to = "PEOPLE"
joined_on = ["KEY"]
[tables.VISITS.columns]
KEY = { type = "text", label = "person_key" }
COST = { type = "real", label = "measure" }
[tables.CODES]
reference = true
[tables.CODES.columns]
CODE = { type = "text", label = "measure" }
)";

std::string changed(const std::string& from, const std::string& to) {
  std::string text = good;
  text.replace(text.find(from), from.size(), to);
  return text;
}

// The error's text; empty when there is none.
std::string refusal(const std::string& text) {
  auto read = Catalogue::from_toml(text);
  return read ? std::string() : read.error().message;
}

void expect_refused(const std::string& text, const std::string& saying) {
  const std::string message = refusal(text);
  STRCMP_CONTAINS(saying.c_str(), message.c_str());
  STRCMP_CONTAINS("line ", message.c_str());
  CHECK(message.find('\n') == std::string::npos);
}

}  // namespace

TEST_GROUP(Catalogue){};

TEST(Catalogue, KeepsTablesAndColumnsInTheOrderOfTheText) {
  auto read = Catalogue::from_toml(good);
  CHECK(read.ok());
  CHECK_EQUAL(3U, read->tables().size());
  STRCMP_EQUAL("PEOPLE", read->tables()[0].name.c_str());
  STRCMP_EQUAL("NAME", read->tables()[0].columns[1].name.c_str());
  CHECK(read->tables()[0].columns[1].label == Label::direct_identifier);
  CHECK(read->tables()[1].columns[1].type == Type::real);
}

TEST(Catalogue, FindsNamesInAnyCase) {
  auto read = Catalogue::from_toml(good);
  CHECK(read->find("people") != nullptr);
  CHECK_EQUAL(2, read->find("People")->find("born"));
  CHECK(read->find("PEOPLES") == nullptr);
}

TEST(Catalogue, ItsVersionIsTheDigestOfItsText) {
  auto read = Catalogue::from_toml(good);
  CHECK(read->version() == sha256(as_bytes(good)));
}

TEST(Catalogue, RefusesWhatItDoesNotKnow) {
  expect_refused(changed("format = 1", "format = 2"), "format = 1");
  expect_refused(changed("label = \"measure\"", "label = \"harmless\""), "harmless");
  expect_refused(changed("type = \"real\"", "type = \"money\""), "money");
  expect_refused(changed("reference = true", "reference = true\nowner = \"x\""), "owner");
  expect_refused(changed("type = \"real\", ", "type = \"real\", note = \"x\", "), "note");
  expect_refused("format = 1\nextra = 2\n" + good.substr(11), "extra");
}

TEST(Catalogue, RefusesWhatContradictsItself) {
  expect_refused(changed("reference = true", "reference = false"), "exactly one");
  expect_refused(changed("person = \"KEY\"", "person = \"NAME\""), "person_key");
  expect_refused(changed("person = \"KEY\"", "person = \"NOBODY\""), "NOBODY");
  expect_refused(changed("belongs_to = \"PEOPLE\"", "belongs_to = \"CODES\""), "CODES");
  expect_refused(changed("joined_on = [\"KEY\"]", "joined_on = [\"COST\"]"), "COST");
  expect_refused(changed("joined_on = [\"KEY\"]", ""), "joined_on");
  expect_refused(changed("CODE = { type = \"text\", label = \"measure\" }",
                         "CODE = { type = \"text\", label = \"person_key\" }"),
                 "reference");
}

TEST(Catalogue, RefusesNamesThatAreThereTwice) {
  expect_refused(changed("BORN =", "name ="), "twice");
  expect_refused(changed("[tables.VISITS]\n", "[tables.people]\nreference = true\n[tables.VISITS]\n"),
                 "twice");
  expect_refused(changed("BORN =", "NAME ="), "not TOML");
}

TEST(Catalogue, RefusesNamesThatNeedThought) {
  expect_refused(changed("BORN =", "\"BO RN\" ="), "BO RN");
  expect_refused(changed("[tables.CODES]", "[tables.sqlite_master]"), "sqlite_master");
}

TEST(Catalogue, RefusesBrokenText) {
  expect_refused("format = ", "not TOML");
  expect_refused("format = 1\n", "no tables");
}
