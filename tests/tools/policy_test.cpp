#include <CppUTest/TestHarness.h>

#include "policy.h"
#include "sceau/statement/schema.h"

using namespace sceau;
using namespace sceau::tool;

namespace {

Result<statement::Value> changed(statement::Value policy, const std::vector<std::string>& changes) {
  PolicyFiles files;
  return changed_policy(std::move(policy), changes, files);
}

}  // namespace

TEST_GROUP(PolicyText){};

TEST(PolicyText, ANewHomesPolicyIsOneThatStatementsAllow) {
  CHECK(statement::validate("policy.set", statement::Object{{"policy", default_policy(2)}}).ok());
}

TEST(PolicyText, ChangesAreTakenByName) {
  auto taken = changed(default_policy(2), {"minimum_people=20", "retention_days.access=400"});
  CHECK(taken.ok());
  CHECK_EQUAL(20, statement::int_field(*taken, "minimum_people").value());
  CHECK_EQUAL(400, statement::int_field(*taken->find("retention_days"), "access").value());
}

TEST(PolicyText, UnknownNamesAndOtherValuesAreRefused) {
  for (const char* change : {"minimum=20", "minimum_people", "minimum_people=", "minimum_people=many",
                             "minimum_people=20x", "retention_days=3", "retention_days.never=3", "a.b=1"}) {
    const auto taken = changed(default_policy(2), {change});
    CHECK_TEXT(!taken.ok(), change);
    CHECK(taken.error().kind == ErrorKind::invalid);
  }
}

TEST(PolicyText, AuthoritiesAreListedByDigestOrFileAndNoneUnlessSo) {
  const std::string digest(64, 'a');
  STRCMP_CONTAINS("hardware_authorities", policy_text(default_policy(2)).c_str());
  STRCMP_CONTAINS(" none", policy_text(default_policy(2)).c_str());
  const auto listed = changed(default_policy(2), {"hardware_authorities=" + digest});
  CHECK(listed.ok());
  CHECK(statement::validate("policy.set", statement::Object{{"policy", *listed}}).ok());
  CHECK(policy_text(*listed).find(digest) != std::string::npos);
  const auto emptied = changed(*listed, {"hardware_authorities="});
  CHECK(emptied.ok() && emptied->find("hardware_authorities")->as_array().empty());
  CHECK_FALSE(changed(*listed, {"hardware_authorities=/nonexistent.pem"}).ok());
}

TEST(PolicyText, WhomFidoKeysSignForIsSetByName) {
  const auto set = changed(default_policy(2), {"rp_id=gate.example.org", "counter_step_back=refuse",
                                               "origins=https://gate.example.org:8443,https://b.example"});
  CHECK(set.ok());
  CHECK(statement::validate("policy.set", statement::Object{{"policy", *set}}).ok());
  STRCMP_EQUAL("gate.example.org", statement::text_field(*set, "rp_id").value().c_str());
  LONGS_EQUAL(2, set->find("origins")->as_array().size());
  const auto text = policy_text(*set);
  for (const char* shown : {"gate.example.org", "https://b.example", "refuse"})
    STRCMP_CONTAINS(shown, text.c_str());
  CHECK_FALSE(changed(default_policy(2), {"rp_id="}).ok());
  CHECK_FALSE(changed(default_policy(2), {"rp_id"}).ok());
}

TEST(PolicyText, EveryNumberIsShown) {
  const auto text = policy_text(default_policy(2));
  CHECK(text.find("minimum_people") != std::string::npos);
  CHECK(text.find("retention_days.summary") != std::string::npos);
}
