// Whose signatures count.
#include "check.h"

using namespace sceau;
using namespace sceau::test;

TEST_GROUP(Signers) {
  World world;
  Bytes statement = world.write("extraction.request", "dora", world.request_body());
  registry::Judgement signed_by(std::vector<evidence::Signature> signatures) {
    return world.ask(statement, evidence::serialise({std::move(signatures)}));
  }
  registry::Judgement request() { return world.ask("extraction.request", {"dora"}, world.request_body()); }
};

TEST(Signers, EvidenceWithoutASignatureIsRefused) {
  const auto unsigned_one = world.ask(statement, as_bytes("{\"signatures\":[]}"));
  CHECK_FALSE(unsigned_one.accepted());
  CHECK_FALSE(unsigned_one.identified);
}

TEST(Signers, AnUnknownCertificateIsNobodys) {
  const Card other = world.make_card("dora", "7777");
  const auto asked = signed_by({world.signature_of(statement, other)});
  CHECK_FALSE(asked.identified);
  CHECK_REFUSED("is not enrolled", asked);
}

TEST(Signers, ACertificateSaidToBeSomebodyElses) {
  auto signature = world.signature_of(statement, world.card("erik"));
  signature.person = "dora";
  const auto asked = signed_by({signature});
  CHECK_FALSE(asked.identified);
  CHECK_REFUSED("is erik's", asked);
}

TEST(Signers, ByNamesAnotherThanTheFirstSigner) {
  const auto asked = signed_by({world.signature_of(statement, world.card("erik"))});
  CHECK(asked.identified);
  CHECK_FALSE(asked.verdict.consumed);
  CHECK_REFUSED("put dora's signature first", asked);
}

TEST(Signers, ALoginKeySignsNoRequest) {
  CHECK_REFUSED("use slot 9C", signed_by({world.login_signature(statement, world.card("dora"))}));
}

TEST(Signers, ASigningKeyDoesNotLogIn) {
  CHECK_REFUSED("use slot 9A", world.ask("login", {"dora"}, Object{{"audience", "gate"}}));
}

TEST(Signers, ALoginKeyLogsIn) {
  const Bytes login = world.write("login", "dora", Object{{"audience", "gate"}});
  CHECK_ACCEPTED(world.ask(login, evidence::serialise({{world.login_signature(login, world.card("dora"))}})));
}

TEST(Signers, TheGatesKeySpeaksForNobodyElse) {
  const auto asked = signed_by({world.signature(statement, "dora", world.gate_key, *world.gate_certificate)});
  CHECK_FALSE(asked.accepted());
  const Bytes login = world.write("login", "gate", Object{{"audience", "gate"}});
  CHECK_REFUSED("signed by people", world.ask(login, world.sign_as_gate(login)));
}

TEST(Signers, APersonSignsNoResult) {
  const auto request = world.must("extraction.request", {"dora"}, world.request_body());
  CHECK_REFUSED("signed by a gate",
                world.ask("extraction.result", {"dora"}, world.result_body(request.digest(), "refused")));
}

TEST(Signers, ASuspendedTokenIsKnownAndRefusedUntilTwoResumeIt) {
  world.must("token.suspend", {"ada"}, Object{{"serial", "1004"}, {"reason", "left in a train"}});
  const auto asked = request();
  CHECK(asked.identified);
  CHECK_REFUSED("is suspended", asked);
  const Object body{{"serial", "1004"}, {"reason", "found"}};
  CHECK_REFUSED("needs 2 administrators", world.ask("token.resume", {"ada"}, body));
  world.must("token.resume", {"ada", "bea"}, body);
  CHECK_ACCEPTED(request());
}

TEST(Signers, ARevokedTokenIsKnownAndRefusedAndItsIdStaysFree) {
  world.must("token.revoke", {"ada"}, Object{{"serial", "1004"}, {"reason", "stolen"}});
  const auto asked = request();
  CHECK(asked.identified);
  CHECK_FALSE(asked.verdict.consumed);
  CHECK_REFUSED("token 1004 of dora is revoked", asked);
}

TEST(Signers, AHolderStopsHerOwnTokenAlone) {
  CHECK_ACCEPTED(world.ask("token.revoke", {"dora"}, Object{{"serial", "1004"}, {"reason", "lost"}}));
  CHECK_REFUSED("dora is none",
                world.ask("token.revoke", {"dora"}, Object{{"serial", "1005"}, {"reason", "x"}}));
}

TEST(Signers, ACertificateOnTheRevocationListIsRefused) {
  const Bytes crl = world.crl(kBegin + 86400, 2, {*world.card("dora").sign.certificate});
  world.put_blob(crl);
  world.must("crl.publish", {"bea"},
             Object{{"authority", world.authority->digest()}, {"crl", sha256(crl)}, {"number", 2}});
  const auto asked = request();
  CHECK(asked.identified);
  CHECK_REFUSED("revoked", asked);
}

TEST(Signers, APastRevocationListStopsEverybodyUntilANewOneIsPublished) {
  const Bytes crl = world.crl(kBegin + 3600, 2);
  world.put_blob(crl);
  const Object body{{"authority", world.authority->digest()}, {"crl", sha256(crl)}, {"number", 2}};
  world.must("crl.publish", {"ada"}, body);
  world.clock.advance(7200);
  CHECK_REFUSED("next update", request());
  const Bytes fresh = world.crl(kBegin + 86400, 3);
  world.put_blob(fresh);
  world.must("crl.publish", {"ada"},
             Object{{"authority", world.authority->digest()}, {"crl", sha256(fresh)}, {"number", 3}});
  CHECK_ACCEPTED(request());
}

TEST(Signers, AnOlderRevocationListIsNotPublished) {
  const Bytes crl = world.crl(kBegin + 86400, 1);
  world.put_blob(crl);
  CHECK_REFUSED(
      "issue a newer one",
      world.ask("crl.publish", {"ada"},
                Object{{"authority", world.authority->digest()}, {"crl", sha256(crl)}, {"number", 1}}));
}

TEST(Signers, AListThatForgetsItsSignersRevocationIsNotPublishedByHer) {
  const Bytes crl = world.crl(kBegin + 86400, 2, {*world.card("ada").sign.certificate});
  world.put_blob(crl);
  const Object body{{"authority", world.authority->digest()}, {"crl", sha256(crl)}, {"number", 2}};
  world.must("crl.publish", {"bea"}, body);
  const Bytes clean = world.crl(kBegin + 86400, 3);
  world.put_blob(clean);
  CHECK_REFUSED(
      "is revoked",
      world.ask("crl.publish", {"ada"},
                Object{{"authority", world.authority->digest()}, {"crl", sha256(clean)}, {"number", 3}}));
}

TEST(Signers, AnExpiredCertificateIsRefused) {
  world.clock.set(kBegin + 701 * 86400);
  CHECK_REFUSED("expired", request());
}

TEST(Signers, WhoeverLeftIsNotHeard) {
  world.must("person.leave", {"ada"}, Object{{"person", "dora"}, {"reason", "retired"}});
  const auto asked = request();
  CHECK(asked.identified);
  CHECK_FALSE(asked.accepted());
}

TEST(Signers, AnAccountEndsOnItsDate) {
  world.must("person.add", {"ada"},
             Object{{"person", "dora"},
                    {"name", "Person dora"},
                    {"organisation", "cnam"},
                    {"engagement", "contractor"},
                    {"until", to_rfc3339(world.clock.now() + 60)}});
  CHECK_ACCEPTED(request());
  world.clock.advance(60);
  CHECK_REFUSED("account of dora ended", request());
}
