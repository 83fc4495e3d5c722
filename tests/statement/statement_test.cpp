#include "sceau/statement/statement.h"

#include <string>

#include "policy_body.h"

#include <CppUTest/TestHarness.h>

using namespace sceau;
using namespace sceau::statement;

namespace {

Statement login() {
  Statement s;
  s.type = "login";
  s.realm = "example.org/warehouse";
  s.id = "0198c5a1-7b2c-7def-8123-456789abcdef";
  s.by = "alice";
  s.at = 1795339800;
  s.until = s.at + 900;
  s.after = {7, sha256(as_bytes("root"))};
  s.body = Object{{"audience", "gate-1"}};
  return s;
}

std::string text_of(const Statement& s) { return to_text(*write_statement(s)); }

std::string why_not_read(std::string_view text) {
  const auto s = read_statement(as_bytes(text));
  return s ? "" : s.error().message;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

}  // namespace

TEST_GROUP(StatementForm){};

TEST(StatementForm, IsTheseBytes) {
  STRCMP_EQUAL(
      "{\"after\":{\"root\":\"4813494d137e1631bba301d5acab6e7bb7aa74ce1185d456565ef51d737677b2\",\"size\":7},"
      "\"at\":\"2026-11-22T09:30:00Z\",\"body\":{\"audience\":\"gate-1\"},\"by\":\"alice\","
      "\"id\":\"0198c5a1-7b2c-7def-8123-456789abcdef\",\"realm\":\"example.org/warehouse\",\"sceau\":1,"
      "\"type\":\"login\",\"until\":\"2026-11-22T09:45:00Z\"}",
      text_of(login()).c_str());
}

TEST(StatementForm, ReadsBackWhatItWrote) {
  const auto bytes = write_statement(login());
  const auto again = read_statement(*bytes);
  CHECK(again.ok());
  CHECK(*again == login());
  CHECK(digest(*bytes) == sha256(*bytes));
}

TEST(StatementForm, GenesisFollowsNothing) {
  LONGS_EQUAL(0, after_nothing().size);
  STRCMP_EQUAL("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
               to_hex(after_nothing().root).c_str());
}

TEST(StatementForm, EveryChangedByteGivesAnotherDigestOrIsRefused) {
  const Bytes bytes = *write_statement(login());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    Bytes changed = bytes;
    changed[i] ^= 0x01;
    CHECK(!read_statement(changed).ok() || !(*read_statement(changed) == login()));
  }
}

TEST(StatementForm, EveryFieldIsRequired) {
  const Value whole = *parse_canonical(*write_statement(login()));
  for (const auto& [key, member] : whole.as_object()) {
    Value less = whole;
    less.as_object().erase(key);
    CHECK_FALSE_TEXT(read_statement(to_canonical_bytes(less)).ok(), key.c_str());
  }
}

TEST(StatementForm, RefusesUnknownFieldsByName) {
  const std::string text = text_of(login());
  STRCMP_CONTAINS("\"zeal\" is a field that nobody defined",
                  why_not_read(replaced(text, "00Z\"}", "00Z\",\"zeal\":1}")).c_str());
  STRCMP_CONTAINS("body.zeal is a field that nobody defined",
                  why_not_read(replaced(text, "\"gate-1\"}", "\"gate-1\",\"zeal\":1}")).c_str());
  STRCMP_CONTAINS("after.zeal",
                  why_not_read(replaced(text, "\"size\":7}", "\"size\":7,\"zeal\":1}")).c_str());
}

TEST(StatementForm, RefusesWrongEnvelopes) {
  const std::string text = text_of(login());
  STRCMP_CONTAINS("\"sceau\" must be 1", why_not_read(replaced(text, "\"sceau\":1", "\"sceau\":2")).c_str());
  STRCMP_CONTAINS("not a known act", why_not_read(replaced(text, "\"login\"", "\"logon\"")).c_str());
  STRCMP_CONTAINS("UUID", why_not_read(replaced(text, "-7def-", "-4def-")).c_str());
  STRCMP_CONTAINS("registry id", why_not_read(replaced(text, "\"alice\"", "\"Alice\"")).c_str());
  STRCMP_CONTAINS("later than", why_not_read(replaced(text, "09:45:00", "09:30:00")).c_str());
  STRCMP_CONTAINS("negative", why_not_read(replaced(text, "\"size\":7", "\"size\":-7")).c_str());
  STRCMP_CONTAINS("must be a time", why_not_read(replaced(text, "09:45:00Z", "09:45:61Z")).c_str());
  STRCMP_CONTAINS("realm", why_not_read(replaced(text, "example.org/warehouse", "")).c_str());
  STRCMP_CONTAINS("not a JSON object", why_not_read("[]").c_str());
}

TEST(StatementForm, AWriterRefusesWhatAReaderWould) {
  Statement s = login();
  s.realm = "a\u202Eb";
  CHECK_FALSE(write_statement(s).ok());
  s = login();
  s.body.as_object()["audience"] = std::string(20000, 'x');
  CHECK_FALSE(write_statement(s).ok());
  s = login();
  s.until = s.at;
  CHECK_FALSE(write_statement(s).ok());
  s = login();
  s.at = -99999999999999;
  CHECK_FALSE(write_statement(s).ok());
}

TEST(StatementForm, AGenesisWithTwoFullTokensFits) {
  const Digest d = sha256(as_bytes("x"));
  Array keys;
  for (const char* use : {"sign", "login", "session", "recovery"}) {
    keys.push_back(Object{{"use", use},
                          {"slot", "9c"},
                          {"public_key", to_base64(Bytes(91, 1))},
                          {"certificate", d},
                          {"attestation", d}});
  }
  const Value token =
      Object{{"serial", "12345678"}, {"kind", "piv"}, {"keys", keys}, {"attestation_chain", Array{d}}};
  const Value escrow =
      Object{{"k", 2},
             {"shares",
              Array(2, Value(Object{{"to", "alice"}, {"index", 1}, {"sealed", to_base64(Bytes(200, 1))}}))}};
  const auto person = [&](const char* id) {
    return Object{
        {"person", id}, {"name", "A B"}, {"organisation", "cnam"}, {"token", token}, {"escrow", escrow}};
  };
  Statement s = login();
  s.type = "genesis";
  s.after = after_nothing();
  s.body = Object{{"organisations", Array{Object{{"organisation", "cnam"}, {"name", "CNAM"}}}},
                  {"administrators", Array{person("alice"), person("bob")}},
                  {"single", false},
                  {"log", "example.org/warehouse+01234567+AQIDBA=="},
                  {"authorities", Array{Object{{"certificate", d}, {"holder", "alice"}, {"crl", d}}}},
                  {"attestation_roots", Array{d}},
                  {"policy", sceau::test::policy_body()}};
  const auto bytes = write_statement(s);
  CHECK_TEXT(bytes.ok(), bytes ? "" : bytes.error().message.c_str());
}
