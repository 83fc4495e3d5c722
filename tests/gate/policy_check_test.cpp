// What would become of a request, asked of the gate before anything is signed.
#include <CppUTest/TestHarness.h>

#include "gate_home.h"

using namespace sceau;
using namespace sceau::test;

TEST_GROUP(PolicyCheck) {
  GateHome home;
  std::unique_ptr<gate::Gate> gate = home.open();

  std::string ask(const std::string& person, const Object& question) {
    const auto caller = test::log_in(home, *gate, person);
    const auto document = gate->policy_check_document(caller, as_bytes(statement::to_canonical(question)));
    return document ? *document : document.error().message;
  }
  static Object about_dora(const std::string& kind) {
    return {{"person", "dora"}, {"project", "asthma"}, {"source", "snds"}, {"kind", kind}};
  }
};

TEST(PolicyCheck, SaysWhatWouldLeaveAndWhoWouldHaveToApprove) {
  Object question = about_dora("individual");
  question["sql"] = home.world.request_body("individual")["sql"];
  const auto said = ask("dora", question);
  STRCMP_CONTAINS(R"("allowed":true)", said.c_str());
  STRCMP_CONTAINS(R"("could_approve":["carl"],"from_another_organisation":0,"missing":1,"needed":1)",
                  said.c_str());
  STRCMP_CONTAINS(R"("label":"person_key","name":"BEN_NIR_PSA","treatment":"pseudonym")", said.c_str());
}

TEST(PolicyCheck, SaysWhyTheSqlWouldBeRefused) {
  Object question = about_dora("individual");
  question["sql"] = Array{"SELECT secret FROM IR_BEN_R"};
  const auto said = ask("dora", question);
  STRCMP_CONTAINS(R"("allowed":false)", said.c_str());
  STRCMP_CONTAINS("secret", said.c_str());
}

TEST(PolicyCheck, AgentsAskAboutThemselvesAndOthersAboutAll) {
  STRCMP_CONTAINS("that is for approvers, administrators and auditors",
                  ask("dora", {{"person", "carl"}}).c_str());
  STRCMP_CONTAINS("carl is in no project", ask("ada", {{"person", "carl"}}).c_str());
}

TEST(PolicyCheck, WritesNothing) {
  const auto caller = test::log_in(home, *gate, "dora");
  const auto before = gate->ledger().checkpoint().value();
  const auto document =
      gate->policy_check_document(caller, as_bytes(statement::to_canonical(about_dora("aggregate"))));
  CHECK_TRUE(document.ok());
  STRCMP_EQUAL(before.c_str(), gate->ledger().checkpoint().value().c_str());
}

TEST(PolicyCheck, UnderAnotherPolicy) {
  Object question = about_dora("aggregate");
  const std::string file = "format = 1\n[keys]\naggregate = \"clear-sign\"\n";
  Object policy = World::policy_body();
  policy["rules"] = sha256(as_bytes(file));
  question["policy"] = policy;
  STRCMP_CONTAINS("this policy could not be set: the policy's file was not sent along",
                  ask("ada", question).c_str());
  question["blobs"] = Array{to_base64(as_bytes(file))};
  STRCMP_CONTAINS("with a clear-sign key as policy wants", ask("ada", question).c_str());
}

TEST(PolicyCheck, AnotherPolicyIsForAdministrators) {
  Object question = about_dora("aggregate");
  question["policy"] = World::policy_body();
  STRCMP_CONTAINS("that is for administrators", ask("dora", question).c_str());
  STRCMP_CONTAINS("that is for administrators", ask("carl", question).c_str());
}

TEST(PolicyCheck, SqlIsNoLongerThanAStatement) {
  Object question = about_dora("aggregate");
  question["sql"] = Array{std::string(16385, 'x')};
  STRCMP_CONTAINS("16384 bytes at most", ask("dora", question).c_str());
}

TEST(PolicyCheck, WhatIsNoQuestion) {
  STRCMP_CONTAINS("it is about nobody", ask("ada", {}).c_str());
  STRCMP_CONTAINS("\"nonsense\" is no part of one",
                  ask("ada", {{"person", "dora"}, {"nonsense", 1}}).c_str());
  STRCMP_CONTAINS("is no name of a registry's", ask("ada", {{"person", "DORA; --"}}).c_str());
  STRCMP_CONTAINS("max_rows is 1 or more", ask("ada", {{"person", "dora"}, {"max_rows", 0}}).c_str());
  STRCMP_CONTAINS("1 to 64 statements", ask("ada", {{"person", "dora"}, {"sql", Array{}}}).c_str());
}
