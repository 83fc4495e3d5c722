// Approvals and releases count while whoever gave them still could.
#include "check.h"
#include "cohort.h"

using namespace sceau;
using namespace sceau::test;
using registry::RequestState;

TEST_GROUP(LapsedApprovals) {
  World world;
  Submitted asked;

  void setup() override {
    grant("erik");
    asked = ask();
    approve("carl");
    world.step(asked.digest(), RequestState::admitted);
  }
  void grant(const char* person, Time days = 30) {
    world.must("role.grant", {"ada", "bea"},
               Object{{"person", person},
                      {"role", "approver"},
                      {"organisation", "*"},
                      {"until", to_rfc3339(world.clock.now() + days * 86400)}});
  }
  Submitted ask() { return world.must("extraction.request", {"dora"}, world.request_body("individual")); }
  Object decision() { return {{"request", asked.digest()}, {"evidence", asked.evidence_digest()}}; }
  void approve(const char* person) { world.must("approval", {person}, decision()); }
  void withdraw(const char* person) {
    world.must("role.withdraw", {"ada", "bea"},
               Object{{"person", person}, {"role", "approver"}, {"reason", "moves on"}});
  }
  void stop(const char* how, const char* serial) {
    world.must(how, {"ada"}, Object{{"serial", serial}, {"reason", "left in a train"}});
  }
  // Another card for this person, by the act of that type.
  void give_card(const char* person, const char* serial, const char* type, Object more = {}) {
    const Card card = world.make_card(person, serial);
    more["person"] = person;
    more["token"] = World::token_value(card);
    more["escrow"] = world.escrow_value();
    const Bytes statement = world.write(type, person, more);
    const auto given =
        world.submit(statement, world.sign(statement, {&card, &world.card("ada"), &world.card("bea")}));
    CHECK_ACCEPTED(given.judgement);
    world.cards.insert_or_assign(person, card);
  }
  std::string cannot(RequestState next) {
    const auto status = world.registry.check_step(asked.digest(), next, world.clock.now());
    return status ? std::string("(it can)") : status.error().message;
  }
  void begins() { STRCMP_EQUAL("(it can)", cannot(RequestState::running).c_str()); }
  void does_not_begin(const std::string& because) {
    STRCMP_CONTAINS((" has 0 of 1 approvals that count by policy: that of carl counts no more, since " +
                     because + ": ask another approver")
                        .c_str(),
                    cannot(RequestState::running).c_str());
  }
  void set_policys_file(const std::string& rules) {
    const std::string text = "format = 1\n" + rules;
    Object policy = World::policy_body();
    policy["rules"] = world.put_blob(Bytes(text.begin(), text.end()));
    world.must("policy.set", {"ada", "bea"}, Object{{"policy", policy}});
  }
  // Its answer of three rows, where two were ordered, in quarantine.
  void hold() {
    Object body = world.request_body("individual");
    body["max_rows"] = 2;
    asked = world.must("extraction.request", {"dora"}, body);
    approve("carl");
    world.step(asked.digest(), RequestState::admitted);
    world.step(asked.digest(), RequestState::running);
    world.step(asked.digest(), RequestState::quarantined,
               {{"rows", 3}, {"bytes", 42}, {"sha256", sha256(as_bytes("rows"))}, {"reason", "too many"}});
  }
  registry::Judgement release(const char* person) {
    Object body = decision();
    body["files"] =
        Array{Object{{"name", "asthma.csv"}, {"bytes", 42}, {"sha256", sha256(as_bytes("rows"))}}};
    return world.submit("export.release", {person}, body).judgement;
  }
};

TEST(LapsedApprovals, OfHerWhoseRoleWasWithdrawn) {
  begins();
  withdraw("carl");
  does_not_begin("carl is no approver for organisation cnam any more");
}

TEST(LapsedApprovals, OfHerWhoseRoleIsOver) {
  withdraw("carl");
  grant("carl", 1);
  begins();
  world.clock.advance(86400);
  STRCMP_CONTAINS("carl is no approver", cannot(RequestState::running).c_str());
}

TEST(LapsedApprovals, OfHerWhoLeft) {
  world.must("person.leave", {"ada", "bea"}, Object{{"person", "carl"}, {"reason", "retired"}});
  does_not_begin("the account of carl has ended");
}

TEST(LapsedApprovals, OfATokenThatWasRevoked) {
  stop("token.revoke", "1003");
  does_not_begin("the token with which carl signed was suspended or revoked");
}

TEST(LapsedApprovals, OfATokenThatIsSuspendedUntilItIsResumed) {
  stop("token.suspend", "1003");
  does_not_begin("the token with which carl signed was suspended or revoked");
  world.must("token.resume", {"ada", "bea"}, Object{{"serial", "1003"}, {"reason", "found"}});
  begins();
}

TEST(LapsedApprovals, ATokenThatWasReplacedTakesNoneAway) {
  give_card("carl", "1013", "token.replace", {{"replaces", "1003"}, {"reason", "worn out"}});
  begins();
}

TEST(LapsedApprovals, OfHerWhomPolicyDoesNotNameAnyMore) {
  set_policys_file("[approvals.individual]\nneeded = 1\nby = [\"erik\"]\n");
  does_not_begin("carl is not among those whom policy names any more");
}

TEST(LapsedApprovals, OfASortOfKeyThatPolicyWantsNoMore) {
  set_policys_file("[keys]\nindividual = \"clear-sign\"\n");
  does_not_begin("policy wants another sort of key than carl signed with");
}

TEST(LapsedApprovals, TheRequestWaitsForAnotherApproverAgain) {
  CHECK_REFUSED("is admitted", world.ask("approval", {"erik"}, decision()));
  STRCMP_CONTAINS("has its approvals", cannot(RequestState::pending).c_str());
  withdraw("carl");
  STRCMP_EQUAL("(it can)", cannot(RequestState::pending).c_str());
  world.step(asked.digest(), RequestState::pending, {{"reason", "carl moved on"}});
  STRCMP_CONTAINS("carl counts no more", cannot(RequestState::admitted).c_str());
  LONGS_EQUAL(0,
              world.registry.approvals_counted(*world.registry.request(asked.digest()), world.clock.now()));
  approve("erik");
  world.step(asked.digest(), RequestState::admitted);
  begins();
}

TEST(LapsedApprovals, PastItsTimeItsAgentAsksAgain) {
  withdraw("carl");
  world.clock.advance(86400);
  STRCMP_CONTAINS("ask again with a new request", cannot(RequestState::running).c_str());
  world.step(asked.digest(), RequestState::pending);
  STRCMP_EQUAL("(it can)", cannot(RequestState::expired).c_str());
}

TEST(LapsedApprovals, SheApprovesAgainWithAnotherTokenAndCountsOnce) {
  stop("token.revoke", "1003");
  world.step(asked.digest(), RequestState::pending);
  give_card("carl", "1013", "token.enrol");
  approve("carl");
  LONGS_EQUAL(1, world.registry.request(asked.digest())->approvals.size());
  world.step(asked.digest(), RequestState::admitted);
  begins();
  world.step(asked.digest(), RequestState::running);
}

TEST(LapsedApprovals, OneThatLapsedBeforeTheOtherCameIsMissing) {
  Object policy = World::policy_body();
  policy["approvals"] = 2;
  world.must("policy.set", {"ada", "bea"}, Object{{"policy", policy}});
  asked = ask();
  approve("carl");
  stop("token.revoke", "1003");
  approve("erik");
  STRCMP_CONTAINS("has 1 of 2 approvals that count", cannot(RequestState::admitted).c_str());
}

TEST(LapsedApprovals, WhatWasApprovedInAdvanceOutlivesTheTokenAndNotTheRole) {
  open_cohort(world, "carl", world.clock.now() + 86400);
  Object body = world.request_body("individual");
  body["project"] = "cohort";
  asked = world.must("extraction.request", {"dora"}, body);
  stop("token.revoke", "1003");
  begins();
  withdraw("carl");
  STRCMP_CONTAINS("has 0 of 1 approvals", cannot(RequestState::running).c_str());
}

TEST(LapsedApprovals, AReleaseThatLapsedLetsNothingOut) {
  hold();
  CHECK_ACCEPTED(release("erik"));
  STRCMP_EQUAL("(it can)", cannot(RequestState::checked).c_str());
  withdraw("erik");
  STRCMP_CONTAINS("by erik counts no more, since erik is no approver", cannot(RequestState::checked).c_str());
}

TEST(LapsedApprovals, WhoeverApprovedDoesNotReleaseWithAnotherToken) {
  hold();
  stop("token.revoke", "1003");
  give_card("carl", "1013", "token.enrol");
  CHECK_REFUSED("carl has approved", release("carl"));
}

TEST(LapsedApprovals, WhatRunsIsNotAskedAgain) {
  world.step(asked.digest(), RequestState::running);
  withdraw("carl");
  STRCMP_EQUAL("(it can)", cannot(RequestState::checked).c_str());
}
