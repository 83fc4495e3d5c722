#include "sceau/statement/schema.h"

#include <set>
#include <string>

#include "policy_body.h"
#include "sceau/base/digest.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

using namespace sceau;
using namespace sceau::statement;

namespace {

const Digest some = sha256(as_bytes("x"));

Value request() {
  return Object{{"project", "p-1"},       {"purpose", "Count the vaccinated"},
                {"source", "snds"},       {"kind", "aggregate"},
                {"sql", Array{"SELECT"}}, {"parameters", Array{}},
                {"max_rows", 100},        {"output", Object{{"format", "csv"}, {"name", "a.csv"}}}};
}

Value token() {
  return Object{{"serial", "12345"},
                {"kind", "piv"},
                {"keys", Array{Object{{"use", "sign"},
                                      {"slot", "9c"},
                                      {"public_key", "AQIDBA=="},
                                      {"certificate", some},
                                      {"attestation", some}}}},
                {"attestation_chain", Array{some}}};
}

std::string why(std::string_view type, const Value& body) {
  const auto status = validate(type, body);
  return status ? "" : status.error().message;
}

}  // namespace

TEST_GROUP(Schema){};

TEST(Schema, HoldsEveryTypeOfTheDesignInOrder) {
  const char* design[] = {"genesis",        "gate.enrol",     "gate.rotate",
                          "authority.add",  "crl.publish",    "organisation.add",
                          "person.add",     "person.leave",   "token.enrol",
                          "token.renew",    "token.replace",  "token.suspend",
                          "token.resume",   "token.revoke",   "token.unblock",
                          "role.grant",     "role.withdraw",  "project.open",
                          "project.assign", "project.close",  "source.add",
                          "policy.set",     "login",          "extraction.request",
                          "approval",       "refusal",        "extraction.result",
                          "export.request", "export.release", "review",
                          "derive",         "trace",          "backup.create",
                          "backup.restore", "erasure",        "gate.summary",
                          "account.bind",   "account.end",    "token.journal"};
  for (const char* name : design) CHECK_TEXT(find_type(name) != nullptr, name);
  LONGS_EQUAL(std::size(design), all_types().size());
  for (std::size_t i = 1; i < all_types().size(); ++i) CHECK(all_types()[i - 1].name < all_types()[i].name);
  POINTERS_EQUAL(nullptr, find_type("genesi"));
  POINTERS_EQUAL(nullptr, find_type(""));
}

TEST(Schema, RetentionFollowsTheAct) {
  CHECK(find_type("genesis")->retention == Retention::registry);
  CHECK(find_type("login")->retention == Retention::access);
  CHECK(find_type("extraction.request")->retention == Retention::extraction);
  CHECK(find_type("gate.summary")->retention == Retention::summary);
}

TEST(Schema, TakesAWellFormedBodyWithAndWithoutOptionalFields) {
  Value body = request();
  STRCMP_EQUAL("", why("extraction.request", body).c_str());
  body.as_object()["decide_by"] = "2026-11-22T09:30:00Z";
  STRCMP_EQUAL("", why("extraction.request", body).c_str());
}

TEST(Schema, NamesTheUnknownField) {
  Value body = request();
  body.as_object()["admin"] = true;
  STRCMP_EQUAL("body.admin is a field that nobody defined: remove it",
               why("extraction.request", body).c_str());
  body = request();
  body.as_object()["output"].as_object()["mode"] = 1;
  STRCMP_EQUAL("body.output.mode is a field that nobody defined: remove it",
               why("extraction.request", body).c_str());
}

TEST(Schema, NamesTheMissingField) {
  for (const auto& [key, member] : request().as_object()) {
    Value body = request();
    body.as_object().erase(key);
    STRCMP_EQUAL(("body." + key + " is missing: add it").c_str(), why("extraction.request", body).c_str());
  }
}

TEST(Schema, EveryRequiredFieldOfEveryTypeIsMissed) {
  for (const TypeInfo& type : all_types()) {
    bool required = false;
    for (const Field& field : type.fields) required = required || field.required;
    CHECK_TEXT(required, std::string(type.name).c_str());
    CHECK_FALSE_TEXT(validate(type, Object{}).ok(), std::string(type.name).c_str());
  }
}

TEST(Schema, RefusesValuesOutOfTheirBounds) {
  const auto refused = [](const char* key, const Value& value) {
    Value body = request();
    body.as_object()[key] = value;
    CHECK_TEXT(!why("extraction.request", body).empty(), key);
  };
  refused("project", "Upper");
  refused("project", "");
  refused("project", "-leading");
  refused("project", std::string(65, 'a'));
  refused("purpose", "");
  refused("purpose", std::string(501, 'a'));
  refused("kind", "everything");
  refused("sql", Array{});
  refused("sql", Array(65, Value("SELECT")));
  refused("sql", Array{1});
  refused("sql", "SELECT");
  refused("max_rows", 0);
  refused("max_rows", -1);
  refused("max_rows", "100");
  refused("max_rows", true);
  refused("decide_by", "2026-11-22 09:30:00Z");
  refused("session", "ABCD");
  refused("output", Array{});
}

TEST(Schema, ListItemsAreNamedByTheirPlace) {
  Value body =
      Object{{"person", "bob"}, {"token", token()}, {"escrow", Object{{"k", 1}, {"shares", Array{}}}}};
  STRCMP_EQUAL("body.escrow.shares must have 1 to 16 items", why("token.enrol", body).c_str());
  body.as_object()["escrow"].as_object()["shares"] =
      Array{Object{{"to", "a"}, {"index", 1}, {"sealed", "AAAA"}},
            Object{{"to", "b"}, {"index", 0}, {"sealed", "AAAA"}}};
  STRCMP_EQUAL("body.escrow.shares[1].index must be an integer, 1 to 255", why("token.enrol", body).c_str());
  body.as_object()["escrow"].as_object()["shares"].as_array()[1].as_object()["index"] = 2;
  STRCMP_EQUAL("", why("token.enrol", body).c_str());
}

TEST(Schema, IdsMayHaveTheirOneOtherSpelling) {
  Value grant =
      Object{{"person", "bob"}, {"role", "agent"}, {"organisation", "*"}, {"until", "2027-01-01T00:00:00Z"}};
  STRCMP_EQUAL("", why("role.grant", grant).c_str());
  grant.as_object()["organisation"] = "";
  CHECK(!why("role.grant", grant).empty());
  Value authority = Object{{"certificate", some}, {"holder", ""}, {"crl", some}};
  STRCMP_EQUAL("", why("authority.add", authority).c_str());
  authority.as_object()["holder"] = "*";
  CHECK(!why("authority.add", authority).empty());
}

TEST(Schema, PolicyNeverGoesBelowElevenPeople) {
  Value policy = sceau::test::policy_body();
  STRCMP_EQUAL("", why("policy.set", Object{{"policy", policy}}).c_str());
  policy.as_object()["minimum_people"] = 10;
  STRCMP_EQUAL("body.policy.minimum_people must be an integer, 11 to 1000000",
               why("policy.set", Object{{"policy", policy}}).c_str());
}

TEST(Schema, RegistryIds) {
  for (const char* id : {"a", "0", "alice.martin", "p-1_x", "2026-01"}) CHECK_TEXT(is_registry_id(id), id);
  for (const char* id : {"", "A", ".a", "-a", "_a", "a b", "é", "a/b", "*"})
    CHECK_FALSE_TEXT(is_registry_id(id), id);
}
