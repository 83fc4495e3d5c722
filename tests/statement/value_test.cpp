#include "sceau/statement/value.h"

#include <string>

#include <CppUTest/TestHarness.h>

using namespace sceau;
using namespace sceau::statement;

namespace {
bool reads(std::string_view text) { return parse_canonical(as_bytes(text)).ok(); }
std::string why(std::string_view text) {
  const auto value = parse_canonical(as_bytes(text));
  return value ? "" : value.error().message;
}
void says(std::string_view text, std::string_view part) {
  const std::string reason = why(text);
  CHECK_TEXT(reason.find(part) != std::string::npos, (std::string(text) + " -> " + reason).c_str());
}
std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }
}  // namespace

TEST_GROUP(CanonicalJson){};

TEST(CanonicalJson, WritesKeysSortedWithoutWhiteSpace) {
  const Value value =
      Object{{"b", Array{1, true, "x\"\\"}}, {"a", Object{{"Z", -5}, {"A", false}}}, {"aa", "é"}};
  STRCMP_EQUAL(R"({"a":{"A":false,"Z":-5},"aa":"é","b":[1,true,"x\"\\"]})", to_canonical(value).c_str());
}

TEST(CanonicalJson, ReadsBackWhatItWrote) {
  const Value value = Object{{"list", Array{Object{}, Array{}, 0, max_integer, -max_integer}}, {"", ""}};
  const auto again = parse_canonical(to_canonical_bytes(value));
  CHECK(again.ok());
  CHECK(*again == value);
}

TEST(CanonicalJson, RefusesEveryOtherSpelling) {
  for (const char* text : {R"({"b":1,"a":2})", R"({"a": 1})", " {}", "{}\n", R"({"a":"\u0041"})",
                           R"({"a":"\/"})", R"([1 ,2])"}) {
    says(text, "not the canonical spelling");
  }
}

TEST(CanonicalJson, RefusesADuplicateKeyEvenWhenSpeltDifferently) {
  says(R"({"a":1,"a":1})", "\"a\" is there twice");
  says(R"({"a":1,"\u0061":2})", "\"a\" is there twice");
}

TEST(CanonicalJson, RefusesFloatsNullAndOtherNumbers) {
  says("[1.0]", "only integers");
  says("[1e3]", "only integers");
  says("[-0]", "minus zero");
  says("[01]", "leading zero");
  says("[-]", "without digits");
  says("[null]", "null has no place");
  CHECK_FALSE(reads("[NaN]"));
  CHECK_FALSE(reads("[+1]"));
}

TEST(CanonicalJson, IntegersEndAtTwoToTheFiftyThird) {
  CHECK(reads("[9007199254740992,-9007199254740992]"));
  says("[9007199254740993]", "beyond 2^53");
  says("[-9007199254740993]", "beyond 2^53");
  says("[99999999999999999999999999]", "beyond 2^53");
}

TEST(CanonicalJson, NestingEndsAtSixBelowTheOutermost) {
  CHECK(reads(nested(7)));
  says(nested(8), "nested deeper than 6");
  says(std::string(16000, '['), "nested deeper than 6");
}

TEST(CanonicalJson, BytesEndAtSixteenKibibytes) {
  const std::string longest = "\"" + std::string(16382, 'a') + "\"";
  CHECK(reads(longest));
  says("\"" + std::string(16383, 'a') + "\"", "more than the 16384");
}

TEST(CanonicalJson, RefusesCutOffAndTrailingText) {
  const std::string whole = R"({"a":[1,true,{"b":"c\\"}]})";
  CHECK(reads(whole));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    CHECK_FALSE_TEXT(reads(whole.substr(0, length)), whole.substr(0, length).c_str());
  }
  says(whole + "x", "something follows");
  says("{}{}", "something follows");
}

TEST(CanonicalJson, RefusesSyntaxThatOtherReadersForgive) {
  for (const char* text : {"[1,]", "{\"a\":1,}", "{a:1}", "{'a':1}", "[tru]", "[True]", "", "\xEF\xBB\xBF{}",
                           "[1 2]", "{\"a\" 1}", "[\"\\x\"]", "[\"\\u12\"]", "/**/[]"}) {
    CHECK_FALSE_TEXT(reads(text), text);
  }
}

TEST(CanonicalJson, KeysAreAscii) { says("{\"é\":1}", "key that is not ASCII"); }

TEST(CanonicalJson, WireFormIsAsStrictButLargerAndDeeper) {
  CHECK(parse_wire(as_bytes(nested(17)), 100).ok());
  CHECK_FALSE(parse_wire(as_bytes(nested(18)), 100).ok());
  CHECK_FALSE(parse_wire(as_bytes("{\"b\":1,\"a\":2}"), 100).ok());
  CHECK(parse_wire(as_bytes("\"" + std::string(20000, 'a') + "\""), 30000).ok());
}

TEST_GROUP(Fields){};

TEST(Fields, MissingAndMistypedFieldsAreNamed) {
  const Value value = Object{{"n", 1}, {"t", "x"}, {"l", Array{1}}};
  STRCMP_EQUAL("field \"gone\" is missing", text_field(value, "gone").error().message.c_str());
  STRCMP_EQUAL("field \"n\" must be a text", text_field(value, "n").error().message.c_str());
  STRCMP_EQUAL("field \"t\" must be an integer", int_field(value, "t").error().message.c_str());
  CHECK_FALSE(digest_field(value, "t").ok());
  CHECK_FALSE(base64_field(value, "t").ok());
  CHECK_FALSE(time_field(value, "t").ok());
  CHECK_FALSE(texts_field(value, "l").ok());
  CHECK_FALSE(text_field(Value(Array{}), "t").ok());
}

TEST(Fields, TypedValuesComeOut) {
  const Digest digest = sha256(as_bytes("x"));
  const Value value =
      Object{{"d", digest}, {"b", "AQI="}, {"w", "2026-11-22T09:30:00Z"}, {"all", digests({digest})}};
  CHECK(*digest_field(value, "d") == digest);
  CHECK(*base64_field(value, "b") == (Bytes{1, 2}));
  LONGS_EQUAL(1795339800, *time_field(value, "w"));
  CHECK(digests_field(value, "all")->at(0) == digest);
}

TEST(CanonicalJson, WireTextsMayHaveLineFeedsAndNoOtherControl) {
  CHECK(parse_wire(as_bytes(R"(["one\ntwo\n"])"), 100).ok());
  CHECK_FALSE(reads(R"(["one\ntwo\n"])"));
  CHECK_FALSE(parse_wire(as_bytes(R"(["one\ttwo"])"), 100).ok());
  CHECK_FALSE(parse_wire(as_bytes("[\"one\ntwo\"]"), 100).ok());
}
