// Clear-sign keys: what their tokens state, against the policy that their attestations name.
#include "check.h"
#include "clear_token.h"

using namespace sceau;
using namespace sceau::test;

TEST_GROUP(ClearSignKeys) {
  World world;
  ClearToken dora{world, "dora", "2001"};

  Bytes request(const std::string& kind = "aggregate") {
    return world.write("extraction.request", "dora", world.request_body(kind));
  }
  Submitted ask_individual() {
    const Bytes asked = request("individual");
    auto pending = world.submit(asked, dora.use(asked));
    CHECK_ACCEPTED(pending.judgement);
    return pending;
  }
  Bytes decide(const Submitted& about) {
    return world.write("approval", "carl",
                       Object{{"request", about.digest()}, {"evidence", about.evidence_digest()}});
  }
  void demand() {
    Object body = World::policy_body();
    body["clear_sign"] = 1;
    world.must("policy.set", {"ada", "bea"}, Object{{"policy", body}});
  }
};

TEST(ClearSignKeys, SignWhatTheirPolicyAllows) {
  const Bytes statement = request();
  CHECK_ACCEPTED(world.ask(statement, dora.sign(statement, dora.stated(statement, 1))));
  const registry::Token* token = world.registry.token("2001");
  CHECK(token->keys.front().clear_sign == ClearToken::usual_policy());
}

TEST(ClearSignKeys, SignNothingWithoutTheTokensStatement) {
  const Bytes statement = request();
  CHECK_REFUSED("lacks the token's statement",
                world.ask(statement, world.sign(statement, {&world.card("dora-clear")})));
}

TEST(ClearSignKeys, SignOnlyTheTypesKindsAndWindowsOfTheirPolicy) {
  const Bytes work = request("work");
  CHECK_REFUSED("was not made for kind work", world.ask(work, dora.sign(work, dora.stated(work, 1))));
  pki::KeyPolicy policy{true, true, 60, {"approval", "extraction.request"}, {}, {}};
  const ClearToken third(world, "dora", "2003", policy);
  const Bytes statement = request();
  CHECK_REFUSED("windows of 60 s at most",
                world.ask(statement, third.sign(statement, third.stated(statement, 1))));
  policy.types = {"approval"};
  const ClearToken fourth(world, "dora", "2004", policy);
  CHECK_REFUSED("without extraction.request in its policy",
                world.ask(statement, fourth.sign(statement, fourth.stated(statement, 1))));
}

TEST(ClearSignKeys, StateWhatTheirTokenShowed) {
  const Bytes statement = request();
  auto about = dora.stated(statement, 1);
  about.shown[0] ^= 1;
  CHECK_REFUSED("showed other lines", world.ask(statement, dora.sign(statement, about)));
  about = dora.stated(statement, 1);
  about.serial = 1004;
  CHECK_REFUSED("states the serial number 1004", world.ask(statement, dora.sign(statement, about)));
  about = dora.stated(statement, 1);
  about.presence = false;
  CHECK_REFUSED("another PIN or button", world.ask(statement, dora.sign(statement, about)));
  about = dora.stated(statement, 1);
  about.covers = Digest{};
  CHECK_REFUSED("covers other evidence", world.ask(statement, dora.sign(statement, about)));
}

TEST(ClearSignKeys, NoCounterComesTwice) {
  const Bytes first = request();
  CHECK_ACCEPTED(world.submit(first, dora.sign(first, dora.stated(first, 5))).judgement);
  const Bytes second = request();
  const auto again = world.ask(second, dora.sign(second, dora.stated(second, 5)));
  CHECK_REFUSED("states counter 5, which an entry holds already", again);
  LONGS_EQUAL(1, again.verdict.alarms.size());
  CHECK_ACCEPTED(world.ask(second, dora.sign(second, dora.stated(second, 6))));
}

TEST(ClearSignKeys, ASkippedCounterRaisesAnAlarmAndMayComeLate) {
  const Bytes first = request();
  const auto one = world.submit(first, dora.sign(first, dora.stated(first, 1)));
  LONGS_EQUAL(0, one.judgement.verdict.alarms.size());
  const Bytes second = request();
  const auto three = world.submit(second, dora.sign(second, dora.stated(second, 3)));
  CHECK_ACCEPTED(three.judgement);
  LONGS_EQUAL(1, three.judgement.verdict.alarms.size());
  STRCMP_CONTAINS("skipped from counter 1 to 3", three.judgement.verdict.alarms.front().c_str());
  const Bytes late = request();
  const auto two = world.submit(late, dora.sign(late, dora.stated(late, 2)));
  CHECK_ACCEPTED(two.judgement);
  LONGS_EQUAL(0, two.judgement.verdict.alarms.size());
}

TEST(ClearSignKeys, NoOtherKeyClaimsToBeOne) {
  const Bytes statement = request();
  auto about = dora.stated(statement, 1);
  about.serial = 1004;
  CHECK_REFUSED("is no clear-sign key",
                world.ask(statement, dora.sign(statement, about, &world.card("dora"))));
}

TEST(ClearSignKeys, ADecisionCoversTheEvidenceThatItNames) {
  const ClearToken carl(world, "carl", "2002");
  const Submitted pending = ask_individual();
  const Bytes approval = decide(pending);
  auto about = carl.stated(approval, 1, &pending);
  CHECK_ACCEPTED(world.ask(approval, carl.sign(approval, about)));
  about.covers = Digest{};
  CHECK_REFUSED("covers other evidence", world.ask(approval, carl.sign(approval, about)));
  about.covers.reset();
  CHECK_REFUSED("covers other evidence", world.ask(approval, carl.sign(approval, about)));
}

// Forged evidence: the token approved, and what it says it showed is not this decision on this request.
TEST(ClearSignKeys, ADecisionWasShownWithTheRequestThatItNames) {
  const ClearToken carl(world, "carl", "2002");
  const Submitted pending = ask_individual();
  const Bytes approval = decide(pending);
  const auto truly = carl.stated(approval, 1, &pending);
  auto about = truly;
  about.shown = carl.stated(approval, 1).shown;  // without the request
  CHECK_REFUSED("showed other lines", world.ask(approval, carl.sign(approval, about)));
  about = truly;
  about.shown[31] ^= 1;
  CHECK_REFUSED("showed other lines", world.ask(approval, carl.sign(approval, about)));
  world.clock.advance(60);
  const Submitted later = ask_individual();  // the same but for its window
  about = truly;
  about.shown = carl.stated(approval, 1, &later).shown;
  CHECK_REFUSED("showed other lines", world.ask(approval, carl.sign(approval, about)));
  CHECK_ACCEPTED(world.submit(approval, carl.sign(approval, truly)).judgement);
}

TEST(ClearSignKeys, ArePolicysToDemand) {
  const Bytes before = request();
  CHECK_ACCEPTED(world.ask(before, world.sign(before, {&world.card("dora")})));
  demand();
  const Bytes statement = request();
  CHECK_REFUSED("wants a clear-sign key by policy",
                world.ask(statement, world.sign(statement, {&world.card("dora")})));
  CHECK_ACCEPTED(world.ask(statement, dora.sign(statement, dora.stated(statement, 1))));
}

TEST(ClearSignKeys, ATokenHasOneAtMost) {
  Card card = world.make_card("dora", "2009");
  const Bytes policy_der = pki::write_key_policy(ClearToken::usual_policy());
  card.sign.attestation =
      world.maker.attest(card.maker, card.sign.key.spki(), {"2009", "c1", 3, 2, policy_der});
  world.put_blob(card.sign.attestation);
  Value token = World::token_value(card);
  auto& keys = token.as_object()["keys"].as_array();
  keys[0].as_object()["slot"] = "C1";
  const Card other = world.make_card("dora", "2009");
  Value second = World::token_value(other).as_object()["keys"].as_array()[0];
  const Bytes attestation =
      world.maker.attest(card.maker, other.sign.key.spki(), {"2009", "c2", 3, 2, policy_der});
  world.put_blob(attestation);
  second.as_object()["slot"] = "C2";
  second.as_object()["attestation"] = sha256(attestation);
  keys.push_back(second);
  const Bytes statement = world.write(
      "token.enrol", "dora", Object{{"person", "dora"}, {"token", token}, {"escrow", world.escrow_value()}});
  CHECK_REFUSED("2 keys for signing",
                world.ask(statement, world.sign(statement, {&card, &world.card("bea")})));
}
