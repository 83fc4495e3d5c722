// What one administrator, with all of an administrator's powers, and with the authority's key (ada), cannot
// do.
#include "check.h"
#include "sceau/evidence/cades.h"

using namespace sceau;
using namespace sceau::test;

TEST_GROUP(OneAdministrator) {
  World world;
  Value until = to_rfc3339(kBegin + 86400 * 30);

  Object enrolment(const Card& card) {
    return {{"person", card.person}, {"token", World::token_value(card)}, {"escrow", world.escrow_value()}};
  }
  registry::Judgement enrol(const std::string& type, const Card& card, const std::vector<const Card*>& others,
                            Object body) {
    const Bytes statement = world.write(type, card.person, std::move(body));
    std::vector<const Card*> signers{&card};
    signers.insert(signers.end(), others.begin(), others.end());
    return world.ask(statement, world.sign(statement, signers));
  }
};

TEST(OneAdministrator, CannotSignARequestInAnAgentsName) {
  const Bytes statement = world.write("extraction.request", "dora", world.request_body());
  auto signature = world.signature_of(statement, world.card("ada"));
  signature.person = "dora";
  CHECK_FALSE(world.ask(statement, evidence::serialise({{signature}})).accepted());
  CHECK_REFUSED("dora's signature first", world.ask(statement, world.sign(statement, {&world.card("ada")})));
}

TEST(OneAdministrator, CannotIssueHerselfAnAgentsCertificateAndUseIt) {
  const auto key = pki::SoftwareKey::generate().value();
  const auto certificate = world.issue(key, "dora", pki::KeyUse::sign);
  const Bytes statement = world.write("extraction.request", "dora", world.request_body());
  const auto asked =
      world.ask(statement, evidence::serialise({{world.signature(statement, "dora", key, certificate)}}));
  CHECK_FALSE(asked.identified);
  CHECK_REFUSED("is not enrolled", asked);
}

TEST(OneAdministrator, CannotEnrolATokenOfHerOwnForAnAgentAsHolderOfTheAuthority) {
  const Card card = world.make_card("dora", "9001");
  CHECK_REFUSED("holds the key of the authority",
                enrol("token.enrol", card, {&world.card("ada")}, enrolment(card)));
}

TEST(OneAdministrator, CannotEnrolAReplacementTokenForSomebody) {
  const Card card = world.make_card("dora", "9001");
  Object body = enrolment(card);
  body["replaces"] = "1004";
  body["reason"] = "lost";
  CHECK_REFUSED("holds the key of the authority", enrol("token.replace", card, {&world.card("ada")}, body));
}

TEST(OneAdministrator, CannotRenewATokenForSomebody) {
  const Card card = world.make_card("dora", "9001");
  CHECK_REFUSED("holds the key of the authority",
                enrol("token.renew", card, {&world.card("ada")}, enrolment(card)));
}

TEST(OneAdministrator, CannotEnrolAnApproversTokenEvenWithAnIndependentAuthority) {
  const Card card = world.make_card("carl", "9001");
  CHECK_REFUSED("needs two administrators",
                enrol("token.enrol", card, {&world.card("bea")}, enrolment(card)));
  CHECK_REFUSED("needs two administrators",
                enrol("token.enrol", card, {&world.card("ada")}, enrolment(card)));
  CHECK_ACCEPTED(enrol("token.enrol", card, {&world.card("ada"), &world.card("bea")}, enrolment(card)));
}

TEST(OneAdministrator, CannotEnrolAnotherAdministratorsToken) {
  const Card card = world.make_card("bea", "9001");
  CHECK_REFUSED("needs two administrators",
                enrol("token.enrol", card, {&world.card("ada")}, enrolment(card)));
}

TEST(OneAdministrator, CannotEnrolAKeyThatDidNotSign) {
  const Card card = world.make_card("dora", "9001");
  const Bytes statement = world.write("token.enrol", "bea", enrolment(card));
  CHECK_REFUSED("not signed by the new key itself",
                world.ask(statement, world.sign(statement, {&world.card("bea")})));
}

TEST(OneAdministrator, CannotVouchForAKeyMadeInSoftware) {
  Card card = world.make_card("dora", "9001");
  card.sign.key = pki::SoftwareKey::generate().value();
  card.sign.certificate = world.issue(card.sign.key, "dora", pki::KeyUse::sign);
  CHECK_REFUSED("software-made", enrol("token.enrol", card, {&world.card("bea")}, enrolment(card)));
}

TEST(OneAdministrator, CannotWeakenPolicy) {
  Object policy = World::policy_body();
  policy["minimum_people"] = 12;
  CHECK_REFUSED("needs 2 administrators", world.ask("policy.set", {"ada"}, Object{{"policy", policy}}));
  CHECK_REFUSED("needs 2 administrators", world.ask("policy.set", {"bea"}, Object{{"policy", policy}}));
  CHECK_ACCEPTED(world.ask("policy.set", {"ada", "bea"}, Object{{"policy", policy}}));
}

TEST(OneAdministrator, CannotSignTwiceForTwo) {
  Object policy = World::policy_body();
  const Bytes statement = world.write("policy.set", "ada", Object{{"policy", policy}});
  auto first = world.signature_of(statement, world.card("ada"));
  auto second = world.signature_of(statement, world.card("ada"));
  CHECK_FALSE(world.ask(statement, evidence::serialise({{first, second}})).accepted());
  second.person = "bea";
  CHECK_FALSE(world.ask(statement, evidence::serialise({{first, second}})).accepted());
}

TEST(OneAdministrator, CannotAddAnApprover) {
  const Object body{{"person", "erik"}, {"role", "approver"}, {"organisation", "*"}, {"until", until}};
  CHECK_REFUSED("needs 2 administrators", world.ask("role.grant", {"ada"}, body));
  CHECK_ACCEPTED(world.ask("role.grant", {"ada", "bea"}, body));
}

TEST(OneAdministrator, CannotAddAnAdministrator) {
  const Object body{
      {"person", "erik"}, {"role", "administrator"}, {"organisation", "cnam"}, {"until", until}};
  CHECK_REFUSED("needs 2 administrators", world.ask("role.grant", {"ada"}, body));
}

TEST(OneAdministrator, CannotGrantHerselfAnyRole) {
  for (const char* role : {"agent", "approver", "administrator", "auditor"}) {
    const Object body{{"person", "ada"}, {"role", role}, {"organisation", "*"}, {"until", until}};
    CHECK_REFUSED("may not be signed by ada", world.ask("role.grant", {"ada"}, body));
    CHECK_REFUSED("may not be signed by ada", world.ask("role.grant", {"ada", "bea"}, body));
  }
}

TEST(OneAdministrator, CannotAssignHerselfToAProject) {
  const Object body{{"project", "asthma"}, {"person", "ada"}, {"until", until}};
  CHECK_REFUSED("may not be signed by ada", world.ask("project.assign", {"ada"}, body));
}

TEST(OneAdministrator, CannotApproveWithoutTheRole) {
  const auto request = world.must("extraction.request", {"dora"}, world.request_body("individual"));
  CHECK_REFUSED("ada is no approver",
                world.ask("approval", {"ada"},
                          Object{{"request", request.digest()}, {"evidence", request.evidence_digest()}}));
}

TEST(OneAdministrator, CannotUnblockHerOwnToken) {
  CHECK_REFUSED("may not be signed by ada",
                world.ask("token.unblock", {"ada"}, Object{{"serial", "1001"}, {"reason", "forgot"}}));
}

TEST(OneAdministrator, CannotUnblockBecauseTheSecretsOpenForTwoPeopleOnly) {
  const Card card = world.make_card("erik", "9001");
  Object body = enrolment(card);
  body["escrow"] = world.escrow_value(1);
  CHECK_REFUSED("policy asks for 2", enrol("token.enrol", card, {&world.card("bea")}, body));
  Object twice = enrolment(card);
  for (Value& share : twice["escrow"].as_object()["shares"].as_array()) share.as_object()["to"] = "ada";
  CHECK_REFUSED("one person holds one share", enrol("token.enrol", card, {&world.card("bea")}, twice));
  Object outside = enrolment(card);
  outside["escrow"].as_object()["shares"].as_array()[0].as_object()["to"] = "dora";
  CHECK_REFUSED("no recovery key", enrol("token.enrol", card, {&world.card("bea")}, outside));
}

TEST(OneAdministrator, CannotLowerTheNumberOfRecoveryPeopleEvenTogether) {
  Object policy = World::policy_body();
  policy["recovery_k"] = 1;
  CHECK_REFUSED("recovery_k is 1", world.ask("policy.set", {"ada", "bea"}, Object{{"policy", policy}}));
}

TEST(OneAdministrator, CannotReduceTheAdministrators) {
  const Object withdrawal{{"person", "bea"}, {"role", "administrator"}, {"reason", "rivalry"}};
  CHECK_REFUSED("needs 2 administrators", world.ask("role.withdraw", {"ada"}, withdrawal));
  CHECK_REFUSED("fewer than two", world.ask("role.withdraw", {"ada", "bea"}, withdrawal));
  const Object leave{{"person", "bea"}, {"reason", "rivalry"}};
  CHECK_REFUSED("needs 2 administrators", world.ask("person.leave", {"ada"}, leave));
  CHECK_REFUSED("fewer than two", world.ask("person.leave", {"ada", "bea"}, leave));
}

TEST(OneAdministrator, CannotTakeAnApproversRoleAway) {
  const Object body{{"person", "carl"}, {"role", "approver"}, {"reason", "in the way"}};
  CHECK_REFUSED("needs 2 administrators", world.ask("role.withdraw", {"ada"}, body));
}

TEST(OneAdministrator, CannotErase) {
  const auto delivered = world.deliver();
  world.clock.advance(366 * 86400);
  const Object body{{"entries", Array{static_cast<std::int64_t>(delivered.index)}}, {"reason", "term"}};
  CHECK_REFUSED("needs 2 administrators", world.ask("erasure", {"ada"}, body));
  CHECK_ACCEPTED(world.ask("erasure", {"ada", "bea"}, body));
}

TEST(OneAdministrator, CannotAddASourceAnAuthorityOrAGate) {
  CHECK_REFUSED("needs 2 administrators",
                world.ask("source.add", {"ada"},
                          Object{{"source", "other"},
                                 {"engine", "sqlite"},
                                 {"catalogue", world.registry.source("snds")->catalogue}}));
  CHECK_REFUSED(
      "needs 2 administrators",
      world.ask("authority.add", {"ada"},
                Object{{"certificate", world.authority->digest()}, {"holder", ""}, {"crl", Digest{}}}));
  const Object gate{
      {"gate", "second"}, {"certificate", world.gate_certificate->digest()}, {"log", world.log}};
  CHECK_REFUSED("needs 2 administrators", world.ask("gate.enrol", {"ada"}, gate));
  Object rotation = gate;
  rotation["gate"] = "gate";
  CHECK_REFUSED("needs 2 administrators", world.ask("gate.rotate", {"ada"}, rotation));
}

TEST(OneAdministrator, CannotExtendHerOwnAccount) {
  CHECK_REFUSED("may not be signed by ada", world.ask("person.add", {"ada"},
                                                      Object{{"person", "ada"},
                                                             {"name", "Ada"},
                                                             {"organisation", "cnam"},
                                                             {"engagement", "staff"},
                                                             {"until", until}}));
}

TEST(OneAdministrator, OfOneOrganisationActsInThatOneOnly) {
  world.must(
      "role.grant", {"ada", "bea"},
      Object{{"person", "erik"}, {"role", "administrator"}, {"organisation", "cnam"}, {"until", until}});
  const auto person = [&](const char* organisation) {
    return Object{{"person", "fred"},
                  {"name", "Fred"},
                  {"organisation", organisation},
                  {"engagement", "staff"},
                  {"until", until}};
  };
  CHECK_ACCEPTED(world.ask("person.add", {"erik"}, person("cnam")));
  CHECK_REFUSED("organisation lab", world.ask("person.add", {"erik"}, person("lab")));
  CHECK_REFUSED("all organisations",
                world.ask("policy.set", {"erik", "ada"}, Object{{"policy", World::policy_body()}}));
}

TEST(OneAdministrator, IsEnoughInALedgerThatSaysSingle) {
  World demonstration(World::Until::genesis, true);
  CHECK_ACCEPTED(demonstration.ask("policy.set", {"ada"}, Object{{"policy", World::policy_body()}}));
}
