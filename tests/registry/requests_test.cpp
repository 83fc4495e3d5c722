// Requests, decisions on them, steps and results.
#include "check.h"

using namespace sceau;
using namespace sceau::test;
using registry::RequestState;

TEST_GROUP(Requests) {
  World world;
  Object body = world.request_body();
  registry::Judgement request(const char* person = "dora") {
    return world.ask("extraction.request", {person}, body);
  }
  Object decision(const Submitted& about) {
    return {{"request", about.digest()}, {"evidence", about.evidence_digest()}};
  }
  Submitted pending() { return world.must("extraction.request", {"dora"}, world.request_body("individual")); }
  RequestState state(const Submitted& about) { return world.registry.request(about.digest())->state; }
  std::int64_t needed(const Submitted& about) {
    return world.registry.approvals_needed(*world.registry.request(about.digest()), world.clock.now());
  }
};

TEST(Requests, AnAggregateIsAdmittedAtOnce) {
  const auto asked = world.submit("extraction.request", {"dora"}, body);
  CHECK_ACCEPTED(asked.judgement);
  CHECK(state(asked) == RequestState::admitted);
  STRCMP_EQUAL("1004", world.registry.request(asked.digest())->serial.c_str());
}

TEST(Requests, AnIndividualOneWaitsForAnApproval) {
  const auto asked = pending();
  STRCMP_EQUAL("pending", asked.judgement.verdict.state.c_str());
  CHECK_FALSE(world.registry.check_step(asked.digest(), RequestState::admitted, world.clock.now()).ok());
  LONGS_EQUAL(1, needed(asked));
  world.must("approval", {"carl"}, decision(asked));
  LONGS_EQUAL(0, needed(asked));
  CHECK(world.registry.check_step(asked.digest(), RequestState::admitted, world.clock.now()).ok());
  CHECK_FALSE(world.registry.check_step(asked.digest(), RequestState::running, world.clock.now()).ok());
}

TEST(Requests, BySomebodyWhoIsNoAgent) { CHECK_REFUSED("erik is no agent", request("erik")); }

TEST(Requests, ByAnAgentWhoseRoleEnded) {
  world.must("role.withdraw", {"ada"}, Object{{"person", "dora"}, {"role", "agent"}, {"reason", "review"}});
  CHECK_REFUSED("dora is no agent", request());
}

TEST(Requests, ByAnAgentWhoIsNotInTheProject) {
  world.must("role.grant", {"ada"},
             Object{{"person", "erik"},
                    {"role", "agent"},
                    {"organisation", "cnam"},
                    {"until", to_rfc3339(kBegin + 86400)}});
  CHECK_REFUSED("not assigned to project", request("erik"));
}

TEST(Requests, InAProjectThatIsNotOpen) {
  body["project"] = "other";
  CHECK_REFUSED("no project \"other\"", request());
}

TEST(Requests, InAClosedProject) {
  world.must("project.close", {"ada"}, Object{{"project", "asthma"}, {"reason", "done"}});
  CHECK_REFUSED("is closed", request());
}

TEST(Requests, InAProjectPastItsDates) {
  world.must("project.open", {"ada"},
             Object{{"project", "short"},
                    {"title", "Short"},
                    {"sources", Array{"snds"}},
                    {"kinds", Array{"aggregate"}},
                    {"from", to_rfc3339(kBegin + 100)},
                    {"until", to_rfc3339(kBegin + 200)},
                    {"max_rows", 10}});
  world.must("project.assign", {"ada"},
             Object{{"project", "short"}, {"person", "dora"}, {"until", to_rfc3339(kBegin + 86400)}});
  body["project"] = "short";
  body["max_rows"] = 10;
  CHECK_REFUSED("runs from", request());
  world.clock.advance(100);
  CHECK_ACCEPTED(request());
  world.clock.advance(100);
  CHECK_REFUSED("runs from", request());
}

TEST(Requests, ForASourceThatTheProjectDoesNotCover) {
  world.must("source.add", {"ada", "bea"},
             Object{{"source", "other"},
                    {"engine", "sqlite"},
                    {"catalogue", world.registry.source("snds")->catalogue}});
  body["source"] = "other";
  CHECK_REFUSED("does not cover source \"other\"", request());
}

TEST(Requests, ForWorkOnSqliteGiveTheReason) {
  body["kind"] = "work";
  CHECK_REFUSED("opens read-only", request());
}

TEST(Requests, ForMoreRowsThanTheProjectCovers) {
  body["max_rows"] = 1001;
  CHECK_REFUSED("covers 1000", request());
}

TEST(Requests, WithParametersThatNobodyApproves) {
  body["parameters"] = Array{"x"};
  CHECK_REFUSED("only requests of kind individual have parameters", request());
}

TEST(Requests, WithTwoSigners) {
  CHECK_REFUSED("takes one signature", world.ask("extraction.request", {"dora", "erik"}, body));
}

TEST(Requests, AnApproverDoesNotApproveHerOwn) {
  world.must("role.grant", {"ada", "bea"},
             Object{{"person", "dora"},
                    {"role", "approver"},
                    {"organisation", "*"},
                    {"until", to_rfc3339(kBegin + 86400)}});
  CHECK_REFUSED("cannot decide on it", world.ask("approval", {"dora"}, decision(pending())));
}

TEST(Requests, AnApprovalNamesTheEvidenceThatItsApproverSaw) {
  const auto asked = pending();
  Object other = decision(asked);
  other["evidence"] = sha256(as_bytes("another"));
  CHECK_REFUSED("another evidence", world.ask("approval", {"carl"}, other));
}

TEST(Requests, AnApprovalOfWhatNobodyAskedFor) {
  CHECK_REFUSED("is known here",
                world.ask("approval", {"carl"}, Object{{"request", Digest{}}, {"evidence", Digest{}}}));
}

TEST(Requests, OnlyAnApproverApproves) {
  CHECK_REFUSED("erik is no approver", world.ask("approval", {"erik"}, decision(pending())));
}

TEST(Requests, OneApproverIsNotTwo) {
  Object policy = World::policy_body();
  policy["approvals"] = 2;
  world.must("policy.set", {"ada", "bea"}, Object{{"policy", policy}});
  const auto asked = pending();
  world.must("approval", {"carl"}, decision(asked));
  CHECK_FALSE(world.registry.check_step(asked.digest(), RequestState::admitted, world.clock.now()).ok());
  CHECK_REFUSED("has approved", world.ask("approval", {"carl"}, decision(asked)));
}

TEST(Requests, NobodyApprovesOrRunsWhatItsAgentMayNotAskForAnyMore) {
  const auto waiting = pending(), approved = pending(), running = pending();
  for (const auto* asked : {&approved, &running}) {
    world.must("approval", {"carl"}, decision(*asked));
    world.step(asked->digest(), RequestState::admitted);
  }
  world.step(running.digest(), RequestState::running);
  world.must("token.revoke", {"ada"}, Object{{"serial", "1004"}, {"reason", "left in a train"}});
  CHECK_REFUSED("was revoked", world.ask("approval", {"carl"}, decision(waiting)));
  CHECK_FALSE(world.registry.check_step(approved.digest(), RequestState::running, world.clock.now()).ok());
  CHECK_FALSE(world.registry.check_step(running.digest(), RequestState::checked, world.clock.now()).ok());
  Object refusal = decision(waiting);
  refusal["reason"] = "its token was lost";
  world.must("refusal", {"carl"}, refusal);
}

TEST(Requests, AnAgentWhoLeftHerProjectRunsNothingMore) {
  const auto asked = pending();
  world.must("project.close", {"ada"}, Object{{"project", "asthma"}, {"reason", "done"}});
  CHECK_REFUSED("is not open any more", world.ask("approval", {"carl"}, decision(asked)));
}

TEST(Requests, ARefusalEndsIt) {
  const auto asked = pending();
  Object body_with_reason = decision(asked);
  body_with_reason["reason"] = "too wide";
  world.must("refusal", {"carl"}, body_with_reason);
  CHECK(state(asked) == RequestState::refused);
  CHECK_REFUSED("only a pending one", world.ask("approval", {"carl"}, decision(asked)));
  LONGS_EQUAL(0, world.registry.open_requests().size());
}

TEST(Requests, AreDecidedInTime) {
  const auto asked = pending();
  CHECK_FALSE(world.registry.check_step(asked.digest(), RequestState::expired, kBegin + 86399).ok());
  world.clock.advance(86400);
  CHECK_REFUSED("was to be decided by", world.ask("approval", {"carl"}, decision(asked)));
  CHECK(world.registry.check_step(asked.digest(), RequestState::expired, world.clock.now()).ok());
  world.step(asked.digest(), RequestState::expired);
  LONGS_EQUAL(0, world.registry.open_requests().size());
}

TEST(Requests, WhatItsAgentMayNeverBeginExpires) {
  const auto asked = world.must("extraction.request", {"dora"}, body);
  const auto may_expire = [&] {
    return world.registry.check_step(asked.digest(), RequestState::expired, world.clock.now()).ok();
  };
  world.clock.advance(10 * 86400);
  CHECK_FALSE(may_expire());
  // A token that is suspended can be found again.
  world.must("token.suspend", {"ada"}, Object{{"serial", "1004"}, {"reason", "left in a train"}});
  CHECK_FALSE(may_expire());
  world.must("role.withdraw", {"ada"}, Object{{"person", "dora"}, {"role", "agent"}, {"reason", "review"}});
  CHECK(may_expire());
  world.step(asked.digest(), RequestState::expired, {{"reason", "dora is no agent any more"}});
  STRCMP_EQUAL("dora is no agent any more", world.registry.request(asked.digest())->why_expired.c_str());
  LONGS_EQUAL(0, world.registry.open_requests().size());
}

TEST(Requests, WhatRunsDoesNotExpire) {
  const auto asked = world.must("extraction.request", {"dora"}, body);
  world.step(asked.digest(), RequestState::running);
  world.must("project.close", {"ada"}, Object{{"project", "asthma"}, {"reason", "done"}});
  CHECK_FALSE(world.registry.check_step(asked.digest(), RequestState::expired, world.clock.now()).ok());
}

TEST(Requests, MayAskToBeDecidedSooner) {
  body = world.request_body("individual");
  body["decide_by"] = to_rfc3339(kBegin + 86401);
  CHECK_REFUSED("must lie within", request());
  body["decide_by"] = to_rfc3339(kBegin + 60);
  const auto asked = world.must("extraction.request", {"dora"}, body);
  LONGS_EQUAL(kBegin + 60, world.registry.request(asked.digest())->decide_by);
}

TEST(Requests, RunOnceFromAdmittedToDelivered) {
  const auto asked = world.deliver("individual");
  CHECK(state(asked) == RequestState::delivered);
  const registry::Request& request = *world.registry.request(asked.digest());
  STRCMP_EQUAL("carl", request.approvals.front().person.c_str());
  STRCMP_EQUAL("1003", request.approvals.front().serial.c_str());
  CHECK(request.running.has_value() && request.result == world.entries.size() - 1);
  CHECK_FALSE(world.registry.check_step(asked.digest(), RequestState::running, world.clock.now()).ok());
}

TEST(Requests, AreNotDeliveredBeforeTheChecksPassed) {
  const auto asked = world.must("extraction.request", {"dora"}, body);
  world.step(asked.digest(), RequestState::running);
  CHECK_REFUSED("cannot become delivered", world.result(asked.digest(), "delivered").judgement);
  CHECK_ACCEPTED(world.result(asked.digest(), "interrupted").judgement);
}

TEST(Requests, WhoseResultNamesAnotherPolicyThanTheyRanUnder) {
  const auto asked = world.must("extraction.request", {"dora"}, body);
  world.step(asked.digest(), RequestState::running);
  const auto under = world.result_body(asked.digest(), "interrupted");
  Object policy = World::policy_body();
  policy["minimum_people"] = 20;
  world.must("policy.set", {"ada", "bea"}, Object{{"policy", policy}});
  CHECK_REFUSED("another policy", world.result(asked.digest(), "interrupted").judgement);
  const Bytes statement = world.write("extraction.result", "gate", under);
  CHECK_ACCEPTED(world.ask(statement, world.sign_as_gate(statement)));
}

TEST(Requests, TheGateThatWasRotatedNoLongerSpeaks) {
  const auto asked = world.must("extraction.request", {"dora"}, body);
  const auto key = pki::SoftwareKey::generate().value();
  const auto certificate =
      pki::self_signed_gate(key, "gate", {kBegin - 10, kBegin + 86400}, world.random).value();
  world.put_blob(certificate.der());
  world.must("gate.rotate", {"ada", "bea"},
             Object{{"gate", "gate"}, {"certificate", certificate.digest()}, {"log", world.log}});
  CHECK_FALSE(world.result(asked.digest(), "refused").judgement.accepted());
  const Bytes statement =
      world.write("extraction.result", "gate", world.result_body(asked.digest(), "refused"));
  CHECK_ACCEPTED(
      world.ask(statement, evidence::serialise({{world.signature(statement, "gate", key, certificate)}})));
}
