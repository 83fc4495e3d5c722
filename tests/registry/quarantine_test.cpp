// Answers that do not conform: who may release them, what exactly, and what a result may then say.
#include "check.h"
#include "cohort.h"

using namespace sceau;
using namespace sceau::test;
using registry::RequestState;

TEST_GROUP(Quarantine) {
  World world;
  Submitted asked;

  void setup() override {
    approver("erik");
    asked = ask("individual");
    approve(asked, "carl");
    world.step(asked.digest(), RequestState::running);
    hold(asked);
  }
  void approver(const char* person) {
    world.must("role.grant", {"ada", "bea"},
               Object{{"person", person},
                      {"role", "approver"},
                      {"organisation", "*"},
                      {"until", to_rfc3339(world.clock.now() + 30 * 86400)}});
  }
  Submitted ask(const char* kind) {
    Object body = world.request_body(kind);
    body["max_rows"] = 2;
    return world.must("extraction.request", {"dora"}, body);
  }
  void approve(const Submitted& request, const char* person) {
    world.must("approval", {person},
               Object{{"request", request.digest()}, {"evidence", request.evidence_digest()}});
    world.step(request.digest(), RequestState::admitted);
  }
  // Three rows, and two were ordered.
  void hold(const Submitted& request, std::int64_t rows = 3) {
    world.step(request.digest(), RequestState::quarantined,
               {{"rows", rows}, {"bytes", 42}, {"sha256", sha256(as_bytes("rows"))}, {"reason", "too many"}});
  }
  Object file() { return {{"name", "asthma.csv"}, {"bytes", 42}, {"sha256", sha256(as_bytes("rows"))}}; }
  Object body(const Object& file) {
    return {{"request", asked.digest()}, {"evidence", asked.evidence_digest()}, {"files", Array{file}}};
  }
  registry::Judgement release(const char* person, const Object& file) {
    return world.ask("export.release", {person}, body(file));
  }
  registry::Judgement release(const char* person = "erik") { return release(person, file()); }
  void released() { world.must("export.release", {"erik"}, body(file())); }
  Object refusal() {
    return {{"request", asked.digest()}, {"evidence", asked.evidence_digest()}, {"reason", "no"}};
  }
  void check(const Submitted& request) {
    world.step(request.digest(), RequestState::checked,
               {{"rows", 3}, {"bytes", 42}, {"sha256", sha256(as_bytes("rows"))}});
  }
  registry::Judgement result(const Submitted& request, const char* outcome, const Object& other = {}) {
    Object body = world.result_body(request.digest(), outcome);
    for (const auto& [field, value] : other) body[field] = value;
    const Bytes statement = world.write("extraction.result", "gate", body);
    return world.ask(statement, world.sign_as_gate(statement));
  }
  bool may(RequestState next) {
    return world.registry.check_step(asked.digest(), next, world.clock.now()).ok();
  }
  RequestState state() { return world.registry.request(asked.digest())->state; }
  void set_policys_file(const std::string& rules) {
    const std::string text = "format = 1\n" + rules;
    Object policy = World::policy_body();
    policy["rules"] = world.put_blob(Bytes(text.begin(), text.end()));
    world.must("policy.set", {"ada", "bea"}, Object{{"policy", policy}});
  }
};

TEST(Quarantine, AFurtherApproverReleasesAndItIsDelivered) {
  CHECK_FALSE(may(RequestState::checked));
  released();
  CHECK(state() == RequestState::released);
  STRCMP_EQUAL("erik", world.registry.request(asked.digest())->release->person.c_str());
  check(asked);
  CHECK_ACCEPTED(result(asked, "delivered"));
}

TEST(Quarantine, NotByHerWhoApprovedTheRequest) { CHECK_REFUSED("has approved", release("carl")); }

TEST(Quarantine, NotByHerWhoAskedForIt) {
  approver("dora");
  CHECK_REFUSED("cannot decide on it", release("dora"));
}

TEST(Quarantine, NotByHerWhoIsNoApprover) { CHECK_REFUSED("is no approver", release("ada")); }

TEST(Quarantine, NotByHerWhomPolicyDoesNotName) {
  set_policys_file("[approvals.individual]\nneeded = 1\nby = [\"carl\"]\n");
  CHECK_REFUSED("not among those whom policy names", release());
}

TEST(Quarantine, NotByHerWhoApprovedTheProjectInAdvance) {
  open_cohort(world, "erik", world.clock.now() + 86400);
  Object wanted = world.request_body("individual");
  wanted["project"] = "cohort";
  asked = world.must("extraction.request", {"dora"}, wanted);
  world.step(asked.digest(), RequestState::running);
  hold(asked, 200);
  CHECK_REFUSED("project in advance", release());
  CHECK_ACCEPTED(release("carl"));
}

TEST(Quarantine, SheSignsForTheBytesThatAreHeld) {
  Object other = file();
  other["sha256"] = sha256(as_bytes("other rows"));
  CHECK_REFUSED("other files", release("erik", other));
  other = file();
  other["bytes"] = 43;
  CHECK_REFUSED("other files", release("erik", other));
  other = file();
  other["name"] = "other.csv";
  CHECK_REFUSED("other files", release("erik", other));
  Object two = body(file());
  two["files"] = Array{file(), file()};
  CHECK_REFUSED("other files", world.ask("export.release", {"erik"}, two));
}

TEST(Quarantine, SheNamesTheEvidenceThatSheSaw) {
  Object other = body(file());
  other["evidence"] = sha256(as_bytes("another"));
  CHECK_REFUSED("another evidence", world.ask("export.release", {"erik"}, other));
}

TEST(Quarantine, NobodyReleasesMoreThanTheProjectCovers) {
  asked = ask("individual");
  approve(asked, "carl");
  world.step(asked.digest(), RequestState::running);
  hold(asked, 1001);
  CHECK_REFUSED("no signature releases more", release());
}

TEST(Quarantine, OnlyWhatIsHeldIsReleased) {
  released();
  CHECK_REFUSED("is released", release());
  asked = ask("aggregate");
  CHECK_REFUSED("is admitted", release());
}

TEST(Quarantine, AKeyOfTheSortThatPolicyWants) {
  set_policys_file("[keys]\nindividual = \"clear-sign\"\n");
  CHECK_REFUSED("released with a clear-sign key", release());
}

TEST(Quarantine, WithdrawnRightsEndItBeforeAndAfterItsRelease) {
  const auto before = asked;
  asked = ask("individual");
  approve(asked, "carl");
  world.step(asked.digest(), RequestState::running);
  hold(asked);
  released();
  world.must("project.close", {"ada"}, Object{{"project", "asthma"}, {"reason", "done"}});
  CHECK_FALSE(may(RequestState::checked));
  asked = before;
  CHECK_REFUSED("is not open any more", release());
}

TEST(Quarantine, ItsTimeEndsWithPolicys) {
  world.clock.advance(86400 - 1);
  CHECK_FALSE(may(RequestState::expired));
  CHECK_ACCEPTED(release());
  world.clock.advance(1);
  CHECK_REFUSED("was held until", release());
  CHECK(may(RequestState::expired));
}

TEST(Quarantine, WhatWasReleasedWaitsAsLongToBeFetched) {
  world.clock.advance(86400 - 1);
  released();
  world.clock.advance(86400 - 1);
  CHECK_FALSE(may(RequestState::expired));
  world.clock.advance(1);
  CHECK(may(RequestState::expired));
}

TEST(Quarantine, WhoeverApprovedMayRefuseAndNobodyReleasesAfterwards) {
  world.must("refusal", {"carl"}, refusal());
  CHECK_REFUSED("is refused", release());
  CHECK_FALSE(may(RequestState::expired));
  CHECK_REFUSED("is quarantined", world.ask("refusal", {"erik"}, refusal()));
  CHECK_ACCEPTED(result(asked, "refused"));
}

TEST(Quarantine, AReleaseIsTakenBackUntilItIsFetched) {
  released();
  CHECK_TRUE(may(RequestState::checked));
  world.must("refusal", {"carl"}, refusal());
  CHECK_FALSE(may(RequestState::checked));
  CHECK_REFUSED("is refused", release());
  CHECK_ACCEPTED(result(asked, "refused"));
}

TEST(Quarantine, WherePolicyWantsAnotherOrganisationSheReleases) {
  set_policys_file("[approvals.individual]\nneeded = 1\nfrom_another_organisation = 1\n");
  CHECK_REFUSED("is of the same organisation as dora", release());
}

TEST(Quarantine, SheWhoAskedDoesNotRefuse) {
  approver("dora");
  CHECK_REFUSED("cannot decide on it", world.ask("refusal", {"dora"}, refusal()));
}

TEST(Quarantine, NoResultSaysThatRowsLeftItUnreleased) {
  CHECK_REFUSED("cannot become delivered", result(asked, "delivered"));
  CHECK_REFUSED("nobody released them", result(asked, "interrupted", {{"bytes", 42}}));
  CHECK_REFUSED("nobody released them", result(asked, "refused", {{"rows", 3}}));
  CHECK_ACCEPTED(result(asked, "interrupted"));
}

TEST(Quarantine, WhatIsDeliveredIsWhatWasReleased) {
  released();
  check(asked);
  CHECK_REFUSED("other rows than those", result(asked, "delivered", {{"sha256", sha256(as_bytes("x"))}}));
  CHECK_REFUSED("other rows than those", result(asked, "delivered", {{"rows", 2}}));
}

TEST(Quarantine, TooManyRowsAreNotDeliveredWithoutIt) {
  asked = ask("aggregate");
  world.step(asked.digest(), RequestState::running);
  check(asked);
  CHECK_REFUSED("more rows than were asked for", result(asked, "delivered"));
}

TEST(Quarantine, NorAFewPeopleWherePolicyHoldsThem) {
  set_policys_file("hold_few_people = true\n");
  Object wanted = world.request_body("individual");
  asked = world.must("extraction.request", {"dora"}, wanted);
  approve(asked, "carl");
  world.step(asked.digest(), RequestState::running);
  check(asked);
  CHECK_REFUSED("fewer people than policy", result(asked, "delivered"));
  CHECK_ACCEPTED(result(asked, "delivered", {{"rows", 11}}));
  CHECK_ACCEPTED(result(asked, "delivered", {{"rows", 0}}));
}

TEST(Quarantine, ItIsNotErasedWhileItLasts) {
  world.clock.advance(366 * 86400);
  CHECK_REFUSED("has not ended", world.ask("erasure", {"ada", "bea"},
                                           Object{{"entries", Array{static_cast<std::int64_t>(asked.index)}},
                                                  {"reason", "x"}}));
}
