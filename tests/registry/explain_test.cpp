// What somebody could ask for, said before anything is signed: never other than what then happens.
#include "check.h"
#include "sceau/registry/explanation.h"

using namespace sceau;
using namespace sceau::test;
using registry::KeyKind;
using registry::Question;

TEST_GROUP(Explain) {
  World world;

  registry::Prospect prospect(Question question, const registry::Policy* policy = nullptr) {
    const auto explanation = world.registry.explain(
        question, policy == nullptr ? world.registry.policy() : *policy, world.clock.now());
    CHECK_EQUAL(0U, explanation.objections.size());
    CHECK_EQUAL(1U, explanation.prospects.size());
    return explanation.prospects.at(0);
  }
  std::string objections(const Question& question) {
    const auto explanation = world.registry.explain(question, world.registry.policy(), world.clock.now());
    std::string all;
    for (const auto& line : explanation.objections) all += line + "\n";
    for (const auto& one : explanation.prospects) {
      for (const auto& line : one.objections) all += line + "\n";
    }
    return all;
  }
  Result<registry::Policy> candidate(const std::string& file, Object body = World::policy_body()) {
    const Bytes text(file.begin(), file.end());
    body["rules"] = sha256(text);
    const registry::Context context{
        world.clock.now(), 0, {}, [&](const Digest&) { return Result<Bytes>(text); }};
    return world.registry.candidate(body, context);
  }
};

TEST(Explain, WhatMayBeAskedAndBySigningWithWhat) {
  const auto one = prospect({"dora", "asthma", "snds", "individual"});
  CHECK_EQUAL(0U, one.objections.size());
  CHECK_EQUAL(1, one.missing);
  CHECK_EQUAL(1U, one.could_approve.size());
  STRCMP_EQUAL("carl", one.could_approve.at(0).c_str());
  CHECK_EQUAL(1U, one.tokens.size());
  CHECK(one.max_rows > 0);
  CHECK(one.until > world.clock.now());
}

TEST(Explain, EveryProjectSourceAndKindWhereNoneIsNamed) {
  const auto explanation = world.registry.explain({"dora"}, world.registry.policy(), world.clock.now());
  const auto* project = world.registry.project("asthma");
  CHECK_EQUAL(project->sources.size() * project->kinds.size(), explanation.prospects.size());
}

TEST(Explain, AllThatSpeaksAgainstItAndNotTheFirstAlone) {
  const auto said = objections({"carl", "asthma", "elsewhere", "work", std::int64_t{1} << 52});
  for (const char* line : {"carl is no agent", "carl is not assigned to project \"asthma\"",
                           "no source \"elsewhere\" is registered", "does not cover source \"elsewhere\"",
                           "rows are asked for and project", "rows are asked for and policy allows"}) {
    STRCMP_CONTAINS(line, said.c_str());
  }
}

TEST(Explain, NobodyAndNoProject) {
  STRCMP_CONTAINS("nobody is registered as \"zoe\"", objections({"zoe"}).c_str());
  STRCMP_CONTAINS("no project \"cancer\" is open", objections({"dora", "cancer"}).c_str());
  STRCMP_CONTAINS("carl is in no project", objections({"carl"}).c_str());
}

TEST(Explain, TheSameAsWhatIsRefusedThen) {
  world.must("token.suspend", {"bea"},
             Object{{"serial", world.cards.at("dora").serial}, {"reason", "left in a train"}});
  STRCMP_CONTAINS("dora has no active token that signs it",
                  objections({"dora", "asthma", "snds", "aggregate"}).c_str());
  world.clock.advance(Time{20} * 366 * 86400);
  STRCMP_CONTAINS("the account of dora ended", objections({"dora", "asthma", "snds", "aggregate"}).c_str());
}

TEST(Explain, WhatAnotherPolicyWouldSay) {
  const auto night = candidate(
      "format = 1\n[hours]\nopen = [{ days = [\"sunday\"], from = \"03:00\", "
      "until = \"03:01\" }]\n[keys]\naggregate = \"clear-sign\"\n");
  CHECK_TRUE(night.ok());
  const auto one = prospect({"dora", "asthma", "snds", "aggregate"}, &*night);
  CHECK_EQUAL(2U, one.objections.size());
  STRCMP_CONTAINS("outside the hours", one.objections.at(0).c_str());
  STRCMP_CONTAINS("with a clear-sign key as policy wants", one.objections.at(1).c_str());
  CHECK(one.key == KeyKind::clear_sign);
  CHECK_EQUAL(0U, prospect({"dora", "asthma", "snds", "aggregate"}).objections.size());
}

TEST(Explain, APolicyThatCouldNotBeSet) {
  const auto nobody = candidate("format = 1\n[approvals.aggregate]\nneeded = 2\n");
  STRCMP_CONTAINS("line 3: approvals.aggregate needs 2 approvers, and there are 1",
                  nobody ? "" : nobody.error().message.c_str());
  Object low = World::policy_body();
  low["minimum_people"] = 3;
  const auto few = candidate("format = 1\n", low);
  STRCMP_CONTAINS("minimum_people is 3: it must be 11 or more", few ? "" : few.error().message.c_str());
}
