// FIDO2 keys: enrolled by their maker's attestation, signing as WebAuthn assertions.
#include "fido_keys.h"

using namespace sceau;
using namespace sceau::test;

TEST_GROUP_BASE(FidoKeys, FidoWorld){};

TEST(FidoKeys, AnEnrolledKeySignsRequestsFromThenOn) {
  CHECK_REFUSED("is not enrolled", ask_with(key).judgement);
  must_enrol(key);
  const Submitted asked = ask_with(key);
  CHECK_ACCEPTED(asked.judgement);
  STRCMP_EQUAL(evidence::fido_serial(key.credential).c_str(),
               world.registry.request(asked.digest())->serial.c_str());
}

TEST(FidoKeys, OneCredentialLogsInToo) {
  must_enrol(key);
  const Bytes login = world.write("login", "dora", Object{{"audience", "gate"}});
  CHECK_ACCEPTED(world.ask(login, signed_by(key, login)));
}

TEST(FidoKeys, ItDecidesThoughItCountsAndShowsNothing) {
  const Authenticator carls = world.vendor.sibling("carl's credential");
  const Bytes enrolling = world.write("token.enrol", "carl",
                                      Object{{"person", "carl"}, {"token", token_of(carls, kRealm, "carl")}});
  evidence::Evidence vouched{{by_key(carls, "carl", enrolling)}};
  for (const char* other : {"bea", "ada"})
    vouched.signatures.push_back(world.signature_of(enrolling, world.card(other)));
  CHECK_ACCEPTED(world.submit(enrolling, evidence::serialise(vouched)).judgement);
  const auto asked = world.must("extraction.request", {"dora"}, world.request_body("individual"));
  const Bytes approval = world.write(
      "approval", "carl", Object{{"request", asked.digest()}, {"evidence", asked.evidence_digest()}});
  const evidence::Evidence decided{{by_key(carls, "carl", approval)}};
  CHECK_ACCEPTED(world.ask(approval, evidence::serialise(decided)));
}

TEST(FidoKeys, TwoAdministratorsMustVouchForNobodyCertifiedItForItsHolder) {
  const Bytes statement = enrolment(token_of(key));
  CHECK_REFUSED("needs two administrators", world.ask(statement, signed_by(key, statement)));
  CHECK_REFUSED("needs two administrators", world.ask(statement, signed_by(key, statement, {"bea"})));
  CHECK_REFUSED("is no administrator", world.ask(statement, signed_by(key, statement, {"carl"})));
}

TEST(FidoKeys, TheNewKeyItselfMustSign) {
  const Bytes statement = enrolment(token_of(key));
  const auto other = world.ask(statement, signed_by(key.sibling("another"), statement, {"bea", "ada"}));
  CHECK_REFUSED("is not enrolled", other);
}

TEST(FidoKeys, AStrangersAttestationIsRefused) {
  Authenticator stranger("localhost");
  stranger.credential = key.credential;
  CHECK_REFUSED("no path to a configured attestation root", enrol(token_of(stranger), stranger));
}

TEST(FidoKeys, AnAttestationForAnotherPersonOrRealmIsRefused) {
  CHECK_REFUSED("answers another question", enrol(token_of(key, kRealm, "erik")));
  CHECK_REFUSED("answers another question", enrol(token_of(key, "another.example/realm")));
}

TEST(FidoKeys, AKeyThatItsAttestationDoesNotNameIsRefused) {
  Object token = token_of(key);
  Authenticator other = key.sibling("another");
  other.credential = key.credential;
  key_of(token)["public_key"] = to_base64(other.public_key());
  CHECK_REFUSED("attestation is for another credential", enrol(token, other));
}

TEST(FidoKeys, ItHasOneKeyAndNothingThatACardHas) {
  Object token = token_of(key);
  token["keys"].as_array().push_back(token["keys"].as_array().front());
  CHECK_REFUSED("has one credential, for sign", enrol(token));
  token = token_of(key);
  key_of(token)["use"] = "recovery";
  CHECK_REFUSED("has one credential, for sign", enrol(token));
  token = token_of(key);
  token["authority"] = world.authority->digest();
  CHECK_REFUSED("has no certificate", enrol(token));
  token = token_of(key);
  key_of(token).erase("attestation");
  CHECK_REFUSED("may be software-made", enrol(token));
  token = token_of(key);
  token["serial"] = "fido2-0000000000000000";
  CHECK_REFUSED("is not named after its credential", enrol(token));
}

TEST(FidoKeys, ItsSecretsAreNotOursToEscrow) {
  const Bytes statement =
      world.write("token.enrol", "dora",
                  Object{{"person", "dora"}, {"token", token_of(key)}, {"escrow", world.escrow_value()}});
  CHECK_REFUSED("leave the escrow out", world.ask(statement, signed_by(key, statement, {"bea", "ada"})));
}

TEST(FidoKeys, ARevokedKeySignsNothing) {
  must_enrol(key);
  world.must("token.revoke", {"bea"},
             Object{{"serial", evidence::fido_serial(key.credential)}, {"reason", "lost"}});
  CHECK_REFUSED("is revoked", ask_with(key).judgement);
}

TEST(FidoKeys, AnotherPersonsNameOverIt) {
  must_enrol(key);
  const Bytes statement = request();
  evidence::Evidence evidence{{by_key(key, "carl", statement)}};
  CHECK_REFUSED("'s, and the signature is said to be carl's",
                world.ask(statement, evidence::serialise(evidence)));
}

TEST(FidoKeys, WithoutATouchItIsRefusedAndRecorded) {
  must_enrol(key);
  key.flags = 0x04;
  const Submitted asked = ask_with(key);
  CHECK_REFUSED("wants a touch", asked.judgement);
  CHECK(asked.judgement.identified);
}

TEST(FidoKeys, AnAssertionOverOtherBytesIsNobodys) {
  must_enrol(key);
  const Bytes statement = request();
  const Bytes evidence = signed_by(key, request());
  const auto verdict = world.ask(statement, evidence);
  CHECK_REFUSED("answers another question", verdict);
  CHECK_FALSE(verdict.identified);
}

TEST(FidoKeys, AnotherOriginIsRefused) {
  must_enrol(key);
  key.origin = "https://localhost.evil.example";
  CHECK_REFUSED("does not speak for localhost", ask_with(key).judgement);
}

TEST(FidoKeys, ACounterThatStepsBackIsAnAlarm) {
  must_enrol(key);
  key.counter = 9;
  CHECK(ask_with(key).judgement.verdict.alarms.empty());
  const Submitted again = ask_with(key);
  CHECK_ACCEPTED(again.judgement);
  LONGS_EQUAL(1, again.judgement.verdict.alarms.size());
  STRCMP_CONTAINS("counted back from 9 to 9", again.judgement.verdict.alarms.front().c_str());
}

TEST(FidoKeys, PolicyMayRefuseACounterThatStepsBack) {
  must_enrol(key);
  Object policy = World::policy_body();
  policy["counter_step_back"] = "refuse";
  world.must("policy.set", {"ada", "bea"}, Object{{"policy", policy}});
  key.counter = 9;
  CHECK_ACCEPTED(ask_with(key).judgement);
  key.counter = 3;
  CHECK_REFUSED("counted back from 9 to 3", ask_with(key).judgement);
}

TEST(FidoKeys, AKeyWithoutACounterIsNormal) {
  key.counter = 0;
  must_enrol(key);
  CHECK(ask_with(key).judgement.verdict.alarms.empty());
  CHECK(ask_with(key).judgement.verdict.alarms.empty());
}

TEST(FidoKeys, WherePolicyWantsClearSignKeysItIsNone) {
  must_enrol(key);
  Object policy = World::policy_body();
  policy["clear_sign"] = 1;
  world.must("policy.set", {"ada", "bea"}, Object{{"policy", policy}});
  CHECK_REFUSED("wants a clear-sign key by policy", ask_with(key).judgement);
}

TEST(FidoKeys, NobodyBeginsALedgerWithOne) {
  World beginning{World::Until::nothing};
  Object body = beginning.genesis_body(false);
  body["administrators"].as_array()[1].as_object()["token"] = token_of(key, kRealm, "bea");
  const Bytes statement = beginning.write("genesis", "ada", body);
  const evidence::Evidence evidence{
      {beginning.signature_of(statement, beginning.card("ada")), by_key(key, "bea", statement)}};
  CHECK_REFUSED("begin with a PIV token", beginning.ask(statement, evidence::serialise(evidence)));
}
