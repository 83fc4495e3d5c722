#include "sceau/evidence/evidence.h"

#include <string>

#include <CppUTest/TestHarness.h>

using namespace sceau;
using namespace sceau::evidence;

namespace {
std::string why(std::string_view text) {
  const auto read = parse(as_bytes(text));
  return read ? "" : read.error().message;
}
}  // namespace

TEST_GROUP(EvidenceList){};

TEST(EvidenceList, IsTheseBytes) {
  const Evidence two{{{"alice", "cades", {1, 2}}, {"bob", "cades", {3}}}};
  STRCMP_EQUAL(
      "{\"signatures\":[{\"bytes\":\"AQI=\",\"kind\":\"cades\",\"person\":\"alice\"},"
      "{\"bytes\":\"Aw==\",\"kind\":\"cades\",\"person\":\"bob\"}]}",
      to_text(serialise(two)).c_str());
  CHECK(*parse(serialise(two)) == two);
  CHECK(digest(serialise(two)) == sha256(serialise(two)));
}

TEST(EvidenceList, KeepsTheOrderOfItsSigners) {
  const Evidence two{{{"zoe", "cades", {1}}, {"alice", "cades", {2}}}};
  STRCMP_EQUAL("zoe", parse(serialise(two))->signatures[0].person.c_str());
}

TEST(EvidenceList, RefusesWhatIsNoListOfSignatures) {
  STRCMP_CONTAINS("nobody has signed", why("{\"signatures\":[]}").c_str());
  STRCMP_CONTAINS("is there twice",
                  why("{\"signatures\":[{\"bytes\":\"AQ==\",\"kind\":\"cades\",\"person\":\"a\"},"
                      "{\"bytes\":\"AQ==\",\"kind\":\"cades\",\"person\":\"a\"}]}")
                      .c_str());
  STRCMP_CONTAINS("kind \"pgp\" is not known",
                  why("{\"signatures\":[{\"bytes\":\"AQ==\",\"kind\":\"pgp\",\"person\":\"a\"}]}").c_str());
  STRCMP_CONTAINS("registry id",
                  why("{\"signatures\":[{\"bytes\":\"AQ==\",\"kind\":\"cades\",\"person\":\"A\"}]}").c_str());
  STRCMP_CONTAINS("without bytes",
                  why("{\"signatures\":[{\"bytes\":\"\",\"kind\":\"cades\",\"person\":\"a\"}]}").c_str());
  STRCMP_CONTAINS("base64",
                  why("{\"signatures\":[{\"bytes\":\"A\",\"kind\":\"cades\",\"person\":\"a\"}]}").c_str());
  STRCMP_CONTAINS(
      "no other",
      why("{\"signatures\":[{\"bytes\":\"AQ==\",\"kind\":\"cades\",\"person\":\"a\",\"x\":1}]}").c_str());
  STRCMP_CONTAINS(
      "only field",
      why("{\"also\":1,\"signatures\":[{\"bytes\":\"AQ==\",\"kind\":\"cades\",\"person\":\"a\"}]}").c_str());
  for (const char* text : {"", "[]", "{}", "{\"signatures\":1}", "{\"signatures\":[1]}",
                           "{\"signatures\":[{}]}", "{\"signatures\": []}"}) {
    CHECK_FALSE_TEXT(why(text).empty(), text);
  }
}

TEST(EvidenceList, HasAtMostEightSignaturesAndAQuarterOfAMegabyte) {
  Evidence many;
  for (int i = 0; i < 8; ++i) many.signatures.push_back({"p" + std::to_string(i), "cades", {1}});
  CHECK(parse(serialise(many)).ok());
  many.signatures.push_back({"p9", "cades", {1}});
  CHECK_FALSE(parse(serialise(many)).ok());
  CHECK_FALSE(parse(serialise({{{"a", "cades", Bytes(200000, 1)}}})).ok());
}
