// Who gets in, and who does not: the decision that pam_sceau makes, with keys in memory.
#include <CppUTest/TestHarness.h>

#include "machine.h"

using namespace sceau;
using namespace sceau::test;

namespace {

constexpr Time kDay = 86400;

}  // namespace

#define CHECK_IN(result) STRCMP_EQUAL("", said(result).c_str())

TEST_GROUP(HostLogIn) {
  Machine machine;

  const Card& dora() { return machine.world.card("dora"); }
  void fold() { machine.refresh(); }
};

TEST(HostLogIn, TheHolderOfABoundCardGetsInAndTheGateWillHearOfIt) {
  const auto done = machine.log_in();
  CHECK_IN(done);
  STRCMP_EQUAL("dora", done.value().holder.person.c_str());
  LONGS_EQUAL(1, machine.waiting());
  const auto queued = machine.folder->read_queued(machine.folder->queue().value().front()).value();
  const auto submitted = machine.world.submit(queued.statement, queued.evidence);
  STRCMP_EQUAL("", submitted.judgement.error ? submitted.judgement.error->message.c_str() : "");
  const auto statement = statement::read_statement(queued.statement).value();
  STRCMP_EQUAL("host:laptop-12", statement.body.find("audience")->as_text().c_str());
  STRCMP_EQUAL("dora", statement.body.find("account")->as_text().c_str());
  STRCMP_EQUAL("sshd", statement.body.find("service")->as_text().c_str());
}

TEST(HostLogIn, EachOneSignsAChallengeOfItsOwn) {
  const auto first = machine.log_in(), second = machine.log_in();
  CHECK(first.value().id != second.value().id);
  LONGS_EQUAL(2, machine.waiting());
  LONGS_EQUAL(2, machine.pins.asked);
}

TEST(HostLogIn, AWrongPinLetsNobodyIn) {
  machine.pins.wrong = true;
  CHECK_OUT("authentication: ", machine.log_in());
}

TEST(HostLogIn, NobodyIsBoundToTheAccount) { CHECK_OUT("not_found: ", machine.log_in("root")); }

TEST(HostLogIn, AnotherPersonsCardIsRefusedBeforeItsPinIsAsked) {
  const Card& carl = machine.world.card("carl");
  SoftCard card(carl.login.key, *carl.login.certificate);
  CHECK_OUT("not bound to carl", machine.log_in(card));
  LONGS_EQUAL(0, machine.pins.asked);
}

TEST(HostLogIn, AnotherPersonsCardIsRefusedWhereSheHasAnAccountOfHerOwn) {
  machine.world.must("account.bind", {"ada"},
                     Object{{"host", "laptop-12"},
                            {"account", "carl"},
                            {"person", "carl"},
                            {"until", to_rfc3339(kBegin + 30 * kDay)}});
  fold();
  const Card& carl = machine.world.card("carl");
  SoftCard card(carl.login.key, *carl.login.certificate);
  CHECK_OUT("not bound to carl", machine.log_in(card));
  CHECK_IN(machine.log_in(card, "carl"));
}

TEST(HostLogIn, ACopiedCertificateWithAnotherKeyIsRefused) {
  const auto other = pki::SoftwareKey::generate().value();
  SoftCard card(other, *dora().login.certificate);
  CHECK_OUT("does not verify", machine.log_in(card));
}

TEST(HostLogIn, ASigningKeyDoesNotLogIn) {
  SoftCard card(dora().sign.key, *dora().sign.certificate);
  CHECK_OUT("refused: ", machine.log_in(card));
  LONGS_EQUAL(0, machine.pins.asked);
}

TEST(HostLogIn, ACertificateThatNobodyEnrolledIsRefused) {
  const auto key = pki::SoftwareKey::generate().value();
  SoftCard card(key, machine.world.issue(key, "dora", pki::KeyUse::login));
  CHECK_OUT("not enrolled", machine.log_in(card));
}

TEST(HostLogIn, ACertificateOfAnotherAuthorityIsRefused) {
  const auto key = pki::SoftwareKey::generate().value();
  const auto authority =
      pki::self_sign_authority(key.spki(), {"Mallory", "", ""}, {kBegin - 1, kBegin + kDay}, key.signer(),
                               machine.world.random)
          .value();
  const auto own = pki::SoftwareKey::generate().value();
  const auto certificate = pki::issue(authority, own.spki(), {"Dora", "dora", "caisse"}, pki::KeyUse::login,
                                      {kBegin, kBegin + kDay - 1}, key.signer(), machine.world.random)
                               .value();
  SoftCard forged(own, certificate);
  CHECK_OUT("refused: ", machine.log_in(forged));
  LONGS_EQUAL(0, machine.pins.asked);
}

TEST(HostLogIn, ARevokedTokenIsRefusedOnceTheCopyKnows) {
  machine.world.must("token.revoke", {"ada"}, Object{{"serial", dora().serial}, {"reason", "lost"}});
  fold();
  CHECK_OUT("is revoked", machine.log_in());
}

TEST(HostLogIn, ASuspendedTokenIsRefused) {
  machine.world.must("token.suspend", {"ada"}, Object{{"serial", dora().serial}, {"reason", "left at home"}});
  fold();
  CHECK_OUT("is suspended", machine.log_in());
}

TEST(HostLogIn, ACertificateOnARevocationListIsRefused) {
  const Bytes crl = machine.world.crl(kBegin + 2000 * kDay, 2, {*dora().login.certificate});
  machine.world.put_blob(crl);
  machine.world.must(
      "crl.publish", {"ada"},
      Object{{"authority", machine.world.authority->digest()}, {"crl", sha256(crl)}, {"number", 2}});
  fold();
  CHECK_OUT("revoked", machine.log_in());
  LONGS_EQUAL(0, machine.pins.asked);
}

TEST(HostLogIn, AListPastItsNextUpdateLetsNobodyIn) {
  const Bytes crl = machine.world.crl(kBegin + kDay, 2);
  machine.world.put_blob(crl);
  machine.world.must(
      "crl.publish", {"ada"},
      Object{{"authority", machine.world.authority->digest()}, {"crl", sha256(crl)}, {"number", 2}});
  fold();
  CHECK_IN(machine.log_in());
  machine.world.clock.advance(2 * kDay);
  const auto later = said(machine.log_in());
  STRCMP_CONTAINS("next update", later.c_str());
}

TEST(HostLogIn, AnEndedBindingIsRefused) {
  machine.world.clock.advance(30 * kDay);
  fold();
  CHECK_OUT("ended on", machine.log_in());
}

TEST(HostLogIn, ABindingEndsWithItsOwnSecond) {
  machine.world.clock.advance(30 * kDay - 1);
  fold();
  CHECK_IN(machine.log_in());
}

TEST(HostLogIn, WhoLeftIsRefusedAndTheBindingIsGone) {
  machine.world.must("person.leave", {"bea"}, Object{{"person", "dora"}, {"reason", "retired"}});
  fold();
  CHECK_OUT("not_found: ", machine.log_in());
}

TEST(HostLogIn, AnUnpluggedMachineLogsInUntilPolicysLimitAndNotLonger) {
  machine.world.clock.advance(7 * kDay - 1);
  CHECK_IN(machine.log_in());
  machine.world.clock.advance(1);
  const auto later = said(machine.log_in());
  STRCMP_CONTAINS("unavailable: the copy of the registry ended", later.c_str());
}

TEST(HostLogIn, AClockSetBackRevivesNothing) {
  machine.world.clock.advance(6 * kDay);
  CHECK_IN(machine.log_in());
  machine.world.clock.advance(-3 * kDay);
  const auto back = said(machine.log_in());
  STRCMP_CONTAINS("unavailable: this machine's clock says", back.c_str());
  LONGS_EQUAL(1, machine.waiting());
}

TEST(HostLogIn, AClockSetBackBehindTheCopyItselfIsNoticed) {
  machine.world.clock.advance(-61);
  CHECK_OUT("unavailable: this machine's clock says", machine.log_in());
  machine.world.clock.advance(1);
  CHECK_IN(machine.log_in());
}

TEST(HostLogIn, WithinTheSlackOfAClockEverythingIsJudgedAtTheMark) {
  // Set back by less than a minute, from after the end of the copy to before it.
  machine.world.clock.advance(7 * kDay - 1);
  CHECK_IN(machine.log_in());
  if (!machine.folder->raise({kBegin + 7 * kDay, 0})) FAIL("the mark cannot be raised");
  machine.world.clock.advance(-30);
  const auto back = said(machine.log_in());
  STRCMP_CONTAINS("unavailable: the copy of the registry ended", back.c_str());
}

TEST(HostLogIn, AnOlderCopyPutBackIsRefused) {
  const Bytes old = machine.file("copy.json");
  machine.world.must("token.revoke", {"ada"}, Object{{"serial", dora().serial}, {"reason", "lost"}});
  fold();
  machine.write("copy.json", old);
  CHECK_OUT("unavailable: the copy of the registry is older", machine.log_in());
}

TEST(HostLogIn, WhenTheLogInCannotBeKeptNobodyGetsIn) {
  std::filesystem::remove_all(machine.path / "host" / "queue");
  const auto result = said(machine.log_in());
  STRCMP_CONTAINS("unavailable: ", result.c_str());
}
