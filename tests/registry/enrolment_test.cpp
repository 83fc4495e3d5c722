// Tokens: what is attested, certified and vouched for.
#include "check.h"
#include "sceau/pki/attestation.h"

using namespace sceau;
using namespace sceau::test;

TEST_GROUP(Enrolment) {
  World world;

  registry::Judgement enrol(const Card& card, const std::string& type = "token.enrol", Object more = {}) {
    const Bytes statement = world.write(type, card.person, body(card, std::move(more)));
    return world.ask(statement, world.sign(statement, {&card, &world.card("bea")}));
  }
  Object body(const Card& card, Object more = {}) {
    Object whole{
        {"person", card.person}, {"token", World::token_value(card)}, {"escrow", world.escrow_value()}};
    whole.merge(more);
    return whole;
  }
  void attest_again(Card & card, const Attestation& about) {
    card.sign.attestation = world.maker.attest(card.maker, card.sign.key.spki(), about);
    world.put_blob(card.sign.attestation);
  }
};

TEST(Enrolment, ASecondTokenForAnAgent) {
  const Card card = world.make_card("dora", "2001");
  const Bytes statement = world.write("token.enrol", "dora", body(card));
  const auto enrolled = world.submit(statement, world.sign(statement, {&card, &world.card("bea")}));
  CHECK_ACCEPTED(enrolled.judgement);
  const registry::Token* token = world.registry.token("2001");
  CHECK(token != nullptr);
  STRCMP_EQUAL("dora", token->person.c_str());
  LONGS_EQUAL(3, token->keys.size());
  LONGS_EQUAL(2, token->recovery_k);
  LONGS_EQUAL(2, token->shares.size());
  world.cards.insert_or_assign("dora", world.make_card("dora", "1"));
  const Bytes request = world.write("extraction.request", "dora", world.request_body());
  CHECK_ACCEPTED(world.ask(request, world.sign(request, {&card})));
}

TEST(Enrolment, OfSomebodyWhoIsNotRegistered) {
  CHECK_REFUSED("nobody is registered as \"zoe\"", enrol(world.make_card("zoe", "2001")));
}

TEST(Enrolment, AnAttestationForAnotherKeyIsCalledSoftwareMade) {
  Card card = world.make_card("dora", "2001");
  card.sign.attestation = card.login.attestation;
  CHECK_REFUSED("software-made", enrol(card));
}

TEST(Enrolment, ACertificateInTheAttestationsPlaceIsCalledSoftwareMade) {
  Card card = world.make_card("dora", "2001");
  card.sign.attestation = card.sign.certificate->der();
  CHECK_REFUSED("software-made", enrol(card));
}

TEST(Enrolment, AnAttestationByAMakerWhomNobodyConfigured) {
  Card card = world.make_card("dora", "2001");
  const Maker other(kBegin);
  card.maker = other.make_token("2001");
  world.put_blob(card.maker.certificate);
  for (CardKey* key : {&card.sign, &card.login, &card.recovery}) {
    key->attestation = other.attest(card.maker, key->key.spki(), {"2001", "9c", 3, 1});
    world.put_blob(key->attestation);
  }
  CHECK_FALSE(enrol(card).accepted());
}

TEST(Enrolment, AnotherTokensAttestation) {
  Card card = world.make_card("dora", "2001");
  attest_again(card, {"2002", "9c", pki::pin_policy_always, 1});
  CHECK_REFUSED("made by token 2002", enrol(card));
}

TEST(Enrolment, AnAttestationForAnotherSlot) {
  Card card = world.make_card("dora", "2001");
  attest_again(card, {"2001", "9d", pki::pin_policy_always, 1});
  CHECK_REFUSED("slot 9d by its attestation", enrol(card));
}

TEST(Enrolment, ASigningKeyThatWouldNotAskForItsPinEachTime) {
  Card card = world.make_card("dora", "2001");
  attest_again(card, {"2001", "9c", pki::pin_policy_once, 1});
  CHECK_REFUSED("PIN policy", enrol(card));
}

TEST(Enrolment, ACertificateForSomebodyElse) {
  Card card = world.make_card("dora", "2001");
  card.sign.certificate = world.issue(card.sign.key, "erik", pki::KeyUse::sign);
  CHECK_REFUSED("the certificate names \"erik\"", enrol(card));
}

TEST(Enrolment, ASigningCertificateWithoutNonRepudiation) {
  Card card = world.make_card("dora", "2001");
  card.sign.certificate = world.issue(card.sign.key, "dora", pki::KeyUse::login);
  CHECK_REFUSED("nonRepudiation", enrol(card));
}

TEST(Enrolment, ACertificateOfAnAuthorityThatIsNotTrusted) {
  Card card = world.make_card("dora", "2001");
  const auto key = pki::SoftwareKey::generate().value();
  const auto other =
      pki::self_sign_authority(key.spki(), {"Other authority", "", ""},
                               {kBegin - 86400, kBegin + 86400 * 1000}, key.signer(), world.random)
          .value();
  card.sign.certificate = pki::issue(other, card.sign.key.spki(), {"Dora", "dora", ""}, pki::KeyUse::sign,
                                     {kBegin - 10, kBegin + 86400}, key.signer(), world.random)
                              .value();
  world.put_blob(card.sign.certificate->der());
  CHECK_FALSE(enrol(card).accepted());
}

TEST(Enrolment, ACertificateThatWasNotSentAlong) {
  const Card card = world.make_card("dora", "2001");
  world.blobs.erase(card.login.certificate->digest());
  CHECK_REFUSED("was not sent along", enrol(card));
}

TEST(Enrolment, ATokenThatIsInUse) {
  const Card card = world.make_card("dora", "1005");
  CHECK_REFUSED("is enrolled for erik", enrol(card));
}

TEST(Enrolment, AKeyThatIsSomebodyElses) {
  Card card = world.make_card("dora", "2001");
  card.sign = {world.card("erik").sign.key,
               world.issue(world.card("erik").sign.key, "dora", pki::KeyUse::sign),
               world.maker.attest(card.maker, world.card("erik").sign.key.spki(), {"2001", "9c", 3, 1})};
  world.put_blob(card.sign.attestation);
  CHECK_REFUSED("was enrolled before, with token 1005", enrol(card));
}

TEST(Enrolment, ARevokedTokensKeyNeverComesBack) {
  world.must("token.revoke", {"ada"}, Object{{"serial", "1004"}, {"reason", "stolen"}});
  Card& card = world.card("dora");
  card.sign.certificate = world.issue(card.sign.key, "dora", pki::KeyUse::sign, 600);
  CHECK_REFUSED("was enrolled before", enrol(card));
}

TEST(Enrolment, ARevokedTokenEnrolsAgainWithNewKeys) {
  world.must("token.revoke", {"ada"}, Object{{"serial", "1004"}, {"reason", "stolen"}});
  CHECK_ACCEPTED(enrol(world.make_card("dora", "1004")));
}

TEST(Enrolment, AReplacementEndsTheOldToken) {
  const Card card = world.make_card("dora", "2001");
  const Bytes statement =
      world.write("token.replace", "dora", body(card, {{"replaces", "1004"}, {"reason", "lost"}}));
  const Bytes evidence = world.sign(statement, {&card, &world.card("bea")});
  CHECK_ACCEPTED(world.submit(statement, evidence).judgement);
  const auto old = world.ask("extraction.request", {"dora"}, world.request_body());
  CHECK(old.identified);
  CHECK_REFUSED("renewed or replaced", old);
}

TEST(Enrolment, AReplacementOfSomebodyElsesToken) {
  CHECK_REFUSED("not one of dora's", enrol(world.make_card("dora", "2001"), "token.replace",
                                           {{"replaces", "1005"}, {"reason", "lost"}}));
}

TEST(Enrolment, TheHoldersEarlierKeyVouchesForARenewal) {
  const Card card = world.make_card("dora", "1004");
  const Bytes statement = world.write("token.renew", "dora", body(card));
  const Bytes evidence = world.sign(statement, {&card, &world.card("dora")});
  CHECK_ACCEPTED(world.submit(statement, evidence).judgement);
  CHECK_REFUSED("renewed or replaced", world.ask("extraction.request", {"dora"}, world.request_body()));
  const Bytes request = world.write("extraction.request", "dora", world.request_body());
  CHECK_ACCEPTED(world.ask(request, world.sign(request, {&card})));
}

TEST(Enrolment, TheNewKeyAloneDoesNotRenew) {
  const Card card = world.make_card("dora", "1004");
  const Bytes statement = world.write("token.renew", "dora", body(card));
  const auto asked = world.ask(statement, world.sign(statement, {&card}));
  CHECK_FALSE(asked.identified);
  CHECK_REFUSED("needs an administrator other than dora", asked);
}

TEST(Enrolment, ASuspendedTokenDoesNotVouch) {
  world.must("token.suspend", {"ada"}, Object{{"serial", "1004"}, {"reason", "left in a train"}});
  const Card card = world.make_card("dora", "2001");
  const Bytes statement = world.write("token.renew", "dora", body(card));
  CHECK_REFUSED("is suspended", world.ask(statement, world.sign(statement, {&card, &world.card("dora")})));
}
