// Tokens that nothing attests: enrolled only where policy lists the authority that certified their keys.
#include "check.h"
#include "other_maker.h"

using namespace sceau;
using namespace sceau::test;

TEST_GROUP(Unattested) {
  World world;
  OtherMaker maker{world};

  registry::Judgement enrol(const Card& card, Object body, const std::string& type = "token.enrol") {
    const Bytes statement = world.write(type, card.person, std::move(body));
    return world.ask(statement, world.sign(statement, {&card, &world.card("bea")}));
  }
  // The enrolment that policy allows, with one thing of its token changed.
  registry::Judgement enrol_with(const Card& card, const std::string& field, Value value) {
    Object body = maker.enrolment(card);
    body["token"].as_object()[field] = std::move(value);
    return enrol(card, body);
  }
  static Value& key_of(Object & body, std::size_t at) {
    return body["token"].as_object()["keys"].as_array()[at];
  }
  void must_enrol(const Card& card) {
    const Bytes statement = world.write("token.enrol", card.person, maker.enrolment(card));
    CHECK_ACCEPTED(world.submit(statement, world.sign(statement, {&card, &world.card("bea")})).judgement);
  }
};

TEST(Unattested, ATokenOfAListedAuthoritySignsFromThenOn) {
  maker.trust();
  maker.list();
  const Card card = maker.make_card("dora", "CPS 7");
  must_enrol(card);
  const registry::Token* token = world.registry.token("CPS 7");
  CHECK(token != nullptr);
  CHECK(token->authority == maker.digest());
  CHECK_FALSE(token->keys.front().attestation.has_value());
  STRCMP_CONTAINS("not attested (authority O=maker, CN=Cards authority",
                  world.registry.attestation_text(*token).c_str());
  STRCMP_EQUAL("attested", world.registry.attestation_text(*world.registry.token("1004")).c_str());
  const Bytes request = world.write("extraction.request", "dora", world.request_body());
  CHECK_ACCEPTED(world.ask(request, world.sign(request, {&card})));
}

TEST(Unattested, WherePolicySaysNothingNoneIsEnrolled) {
  const Card card = maker.make_card("dora", "7");
  CHECK_REFUSED("no path to a configured authority", enrol(card, maker.enrolment(card)));
  maker.trust();
  CHECK_REFUSED("may be software-made", enrol(card, maker.enrolment(card)));
  CHECK_REFUSED("hardware_authorities does not list", enrol(card, maker.enrolment(card)));
}

TEST(Unattested, AnotherAuthorityThanTheListedOneVouchesForNothing) {
  const OtherMaker other(world, "Second authority");
  maker.trust();
  maker.list();
  other.trust();
  const Card card = other.make_card("dora", "7");
  CHECK_REFUSED("hardware_authorities does not list", enrol(card, other.enrolment(card)));
  CHECK_REFUSED("not by the authority that vouches", enrol(card, maker.enrolment(card)));
}

TEST(Unattested, EveryKeyIsCertifiedByTheAuthorityThatVouches) {
  maker.trust();
  maker.list();
  Card card = maker.make_card("dora", "7");
  card.login.certificate = world.issue(card.login.key, "dora", pki::KeyUse::login);
  CHECK_REFUSED("not by the authority that vouches", enrol(card, maker.enrolment(card)));
}

TEST(Unattested, KindAndWhatStandsForTheKeysBelongTogether) {
  maker.trust();
  maker.list();
  const Card card = maker.make_card("dora", "7");
  CHECK_REFUSED("is a PIV token", enrol_with(card, "kind", "piv"));
  CHECK_REFUSED("names both",
                enrol_with(card, "attestation_chain", Array{Value(sha256(card.maker.certificate))}));
  Object body = maker.enrolment(card);
  key_of(body, 0).as_object()["attestation"] = sha256(card.sign.attestation);
  CHECK_REFUSED("names both", enrol(card, body));
  body = maker.enrolment(card);
  body["token"].as_object().erase("authority");
  CHECK_REFUSED("names no authority that vouches", enrol(card, body));
  body["token"].as_object()["kind"] = "piv";
  body["escrow"] = world.escrow_value();
  CHECK_REFUSED("may be software-made: it has no attestation", enrol(card, body));
}

TEST(Unattested, NoKeyThatNeedsMoreThanAnAuthoritysWord) {
  maker.trust();
  maker.list();
  const Card card = maker.make_card("dora", "7");
  for (const char* use : {"recovery", "session"}) {
    Object body = maker.enrolment(card);
    key_of(body, 1).as_object()["use"] = use;
    CHECK_REFUSED("which needs an attestation", enrol(card, body));
  }
}

TEST(Unattested, ItsSecretsAreItsMakersAndThoseOfAPivTokenAreInEscrow) {
  maker.trust();
  maker.list();
  const Card card = maker.make_card("dora", "7");
  Object body = maker.enrolment(card);
  body["escrow"] = world.escrow_value();
  CHECK_REFUSED("leave the escrow out", enrol(card, body));
  const Card piv = world.make_card("dora", "2001");
  CHECK_REFUSED("has no escrow", enrol(piv, {{"person", "dora"}, {"token", World::token_value(piv)}}));
}

TEST(Unattested, PolicyListsOnlyAuthoritiesThatAreTrustedAndWhoseKeyNobodyHereHolds) {
  const Object body{{"policy", maker.policy()}};
  CHECK_REFUSED("no trusted authority", world.ask("policy.set", {"ada", "bea"}, body));
  maker.trust();
  CHECK_REFUSED("needs 2 administrators", world.ask("policy.set", {"ada"}, body));
  CHECK_ACCEPTED(world.ask("policy.set", {"ada", "bea"}, body));
  Object own = World::policy_body();
  own["hardware_authorities"] = Array{Value(world.authority->digest())};
  CHECK_REFUSED("in the token of ada", world.ask("policy.set", {"ada", "bea"}, Object{{"policy", own}}));
}

TEST(Unattested, AGenesisListsNobodyAndItsAdministratorsAttest) {
  World beginning{World::Until::nothing};
  Object body = beginning.genesis_body(false);
  const OtherMaker there{beginning};
  body["authorities"].as_array().emplace_back(there.addition());
  body["policy"] = there.policy();
  CHECK_REFUSED("no trusted authority", beginning.ask("genesis", {"ada", "bea"}, body));
  body["policy"] = World::policy_body();
  const Card card = there.make_card("bea", "7");
  body["administrators"].as_array()[1].as_object()["token"] = there.token_value(card);
  beginning.cards.insert_or_assign("bea", card);
  CHECK_REFUSED("may be software-made", beginning.ask("genesis", {"ada", "bea"}, body));
}

TEST(Unattested, RenewalsAreNoWayRoundThePolicy) {
  const Card card = maker.make_card("dora", "7");
  maker.trust();
  const auto renew = [&] {
    const Bytes statement = world.write("token.renew", "dora", maker.enrolment(card));
    return world.ask(statement, world.sign(statement, {&card, &world.card("dora")}));
  };
  CHECK_REFUSED("hardware_authorities does not list", renew());
  maker.list();
  CHECK_ACCEPTED(renew());
}

TEST(Unattested, WhenPolicyNoLongerListsItNoOtherIsEnrolledAndThoseThatAreGoOn) {
  maker.trust();
  maker.list();
  const Card card = maker.make_card("dora", "7");
  must_enrol(card);
  world.must("policy.set", {"ada", "bea"}, Object{{"policy", World::policy_body()}});
  const Card next = maker.make_card("dora", "8");
  CHECK_REFUSED("hardware_authorities does not list", enrol(next, maker.enrolment(next)));
  const Bytes request = world.write("extraction.request", "dora", world.request_body());
  CHECK_ACCEPTED(world.ask(request, world.sign(request, {&card})));
}
