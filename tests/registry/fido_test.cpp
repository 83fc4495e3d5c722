// FIDO2 keys: enrolled by their maker's attestation, signing as WebAuthn assertions.
#include "check.h"
#include "sceau/evidence/fido_attestation.h"
#include "sceau/registry/host_copy.h"
#include "world.h"

using namespace sceau;
using namespace sceau::test;

namespace {

evidence::Signature by_key(const Authenticator& key, const std::string& person, ByteView statement) {
  return {person, evidence::webauthn_kind, serialise(key.assertion(sha256(statement)))};
}

}  // namespace

TEST_GROUP(FidoKeys) {
  World world;
  Authenticator key{world.vendor.sibling("dora's credential")};

  Object token_of(const Authenticator& made, const std::string& realm = kRealm,
                  const std::string& person = "dora") {
    Authenticator making = made;
    making.flags |= 0x40U;
    const Bytes attestation = serialise(making.attestation(evidence::enrolment_challenge(realm, person)));
    const Object one{{"use", "sign"},
                     {"slot", "fido2"},
                     {"public_key", to_base64(made.public_key())},
                     {"credential", to_base64(made.credential)},
                     {"attestation", world.put_blob(attestation)}};
    return {{"serial", evidence::fido_serial(made.credential)},
            {"kind", "fido2"},
            {"keys", Array{Value(one)}},
            {"attestation_chain", Array{}}};
  }
  static Object& key_of(Object & token) { return token["keys"].as_array().front().as_object(); }

  Bytes enrolment(const Object& token) {
    return world.write("token.enrol", "dora", Object{{"person", "dora"}, {"token", token}});
  }
  Bytes signed_by(const Authenticator& made, ByteView statement,
                  const std::vector<std::string>& others = {}) {
    evidence::Evidence evidence{{by_key(made, "dora", statement)}};
    for (const std::string& other : others) {
      evidence.signatures.push_back(world.signature_of(statement, world.card(other)));
    }
    return evidence::serialise(evidence);
  }
  registry::Judgement enrol(const Object& token) { return enrol(token, key); }
  registry::Judgement enrol(const Object& token, const Authenticator& signer) {
    const Bytes statement = enrolment(token);
    return world.ask(statement, signed_by(signer, statement, {"bea", "ada"}));
  }
  void must_enrol(const Authenticator& made) {
    const Bytes statement = enrolment(token_of(made));
    CHECK_ACCEPTED(world.submit(statement, signed_by(made, statement, {"bea", "ada"})).judgement);
  }
  Bytes request(const std::string& kind = "aggregate") {
    return world.write("extraction.request", "dora", world.request_body(kind));
  }
  Submitted ask_with(const Authenticator& made) {
    const Bytes statement = request();
    return world.submit(statement, signed_by(made, statement));
  }
};

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

TEST_GROUP_BASE(FidoTrust, TEST_GROUP_CppUTestGroupFidoKeys){
    void set(const char* name, Value value){Object policy = World::policy_body();
policy[name] = std::move(value);
world.must("policy.set", {"ada", "bea"}, Object{{"policy", policy}});
}
Bytes metadata(std::int64_t number, const std::string& trouble, const pki::Certificate& root) {
  evidence::Aaguid model{};
  model.fill(0xAA);
  evidence::FidoMetadata known{number, kBegin + 86400, {}};
  known.models[model] = {{root}, trouble};
  return serialise(known);
}
Object self_attested() {
  Authenticator making = key;
  making.flags |= 0x40U;
  Object token = token_of(key);
  key_of(token)["attestation"] =
      world.put_blob(serialise(making.self_attestation(evidence::enrolment_challenge(kRealm, "dora"))));
  return token;
}
}
;

TEST(FidoTrust, PolicyAddsRootsToThoseOfTheGenesis) {
  Authenticator stranger("localhost");
  stranger.credential = key.credential;
  CHECK_REFUSED("no path to a configured attestation root", enrol(token_of(stranger), stranger));
  set("attestation_roots", Array{Value(world.put_blob(stranger.maker.der()))});
  CHECK_ACCEPTED(enrol(token_of(stranger), stranger));
  CHECK_ACCEPTED(enrol(token_of(key), key));
  set("attestation_roots", Array{});
  CHECK_REFUSED("no path to a configured attestation root", enrol(token_of(stranger), stranger));
}

TEST(FidoTrust, ARootThatWasNotSentAlongIsNone) {
  Object policy = World::policy_body();
  policy["attestation_roots"] = Array{Value(std::string(64, 'a'))};
  CHECK_REFUSED("was not sent along", world.ask("policy.set", {"ada", "bea"}, Object{{"policy", policy}}));
  policy = World::policy_body();
  policy["fido_metadata"] = std::string(64, 'a');
  CHECK_REFUSED("was not sent along", world.ask("policy.set", {"ada", "bea"}, Object{{"policy", policy}}));
}

TEST(FidoTrust, ModelsThatMetadataRevokesAreRefused) {
  set("fido_metadata", Value(world.put_blob(metadata(7, "", world.vendor.maker))));
  CHECK_ACCEPTED(enrol(token_of(key), key));
  set("fido_metadata", Value(world.put_blob(metadata(8, "REVOKED", world.vendor.maker))));
  CHECK_REFUSED("REVOKED", enrol(token_of(key), key));
}

TEST(FidoTrust, MetadataNeverGoesBack) {
  set("fido_metadata", Value(world.put_blob(metadata(8, "REVOKED", world.vendor.maker))));
  Object policy = World::policy_body();
  policy["fido_metadata"] = world.put_blob(metadata(7, "", world.vendor.maker));
  CHECK_REFUSED("number 7, and 8 is known here",
                world.ask("policy.set", {"ada", "bea"}, Object{{"policy", policy}}));
}

TEST(FidoTrust, MetadataDoesNotGoBackOverAPolicyThatNamesNone) {
  set("fido_metadata", Value(world.put_blob(metadata(8, "REVOKED", world.vendor.maker))));
  set("approvals", 1);
  CHECK_FALSE(world.registry.fido_metadata().has_value());
  Object policy = World::policy_body();
  policy["fido_metadata"] = world.put_blob(metadata(7, "", world.vendor.maker));
  CHECK_REFUSED("number 7, and 8 is known here",
                world.ask("policy.set", {"ada", "bea"}, Object{{"policy", policy}}));
  set("fido_metadata", Value(world.put_blob(metadata(8, "REVOKED", world.vendor.maker))));
}

TEST(FidoTrust, SelfAttestationIsRefusedUnlessPolicyAllowsIt) {
  CHECK_REFUSED("as software could make it", enrol(self_attested(), key));
  set("fido_self_attestation", "allow");
  const Bytes statement = enrolment(self_attested());
  CHECK_ACCEPTED(world.submit(statement, signed_by(key, statement, {"bea", "ada"})).judgement);
  STRCMP_EQUAL("not attested (it vouches for itself)",
               world.registry.attestation_text(world.registry.tokens().back()).c_str());
  set("fido_self_attestation", "refuse");
  key = world.vendor.sibling("another");
  CHECK_REFUSED("as software could make it", enrol(self_attested(), key));
}

TEST_GROUP_BASE(ImportedKeys, TEST_GROUP_CppUTestGroupFidoKeys) {
  Authenticator machine_key{"pam://laptop-12"};
  void setup() override {
    machine_key.credential = to_bytes("pamu2fcfg's credential");
    machine_key.origin = "pam://laptop-12";
  }
  void allow() {
    Object policy = World::policy_body();
    policy["u2f_import"] = "allow";
    world.must("policy.set", {"ada", "bea"}, Object{{"policy", policy}});
  }
  Object imported() {
    const Object one{{"use", "login"},
                     {"slot", "fido2"},
                     {"public_key", to_base64(machine_key.public_key())},
                     {"credential", to_base64(machine_key.credential)},
                     {"rp_id", machine_key.rp_id}};
    return {{"serial", evidence::fido_serial(machine_key.credential)},
            {"kind", "fido2"},
            {"keys", Array{Value(one)}},
            {"attestation_chain", Array{}}};
  }
  registry::Judgement bring(const Object& token, const std::vector<std::string>& who = {"bea", "ada"}) {
    return world.ask("token.enrol", who, Object{{"person", "dora"}, {"token", token}});
  }
  registry::Judgement log_in(const std::string& audience) {
    const Bytes statement = world.write("login", "dora", Object{{"audience", audience}, {"account", "dora"}});
    return world.ask(statement, signed_by(machine_key, statement));
  }
  static Object binding(const std::string& host) {
    return {
        {"account", "dora"}, {"host", host}, {"person", "dora"}, {"until", to_rfc3339(kBegin + 30 * 86400)}};
  }
  void enrol_imported() {
    allow();
    world.must("token.enrol", {"bea", "ada"}, Object{{"person", "dora"}, {"token", imported()}});
  }
};

TEST(ImportedKeys, AreEnrolledByTwoAdministratorsWherePolicySaysSo) {
  CHECK_REFUSED("policy's u2f_import does not allow it", bring(imported()));
  allow();
  CHECK_REFUSED("needs two administrators", bring(imported(), {"bea"}));
  CHECK_REFUSED("is no administrator", bring(imported(), {"bea", "carl"}));
  CHECK_ACCEPTED(bring(imported()));
}

TEST(ImportedKeys, HaveOneCredentialOfAMachineForLoggingIn) {
  allow();
  Object token = imported();
  key_of(token)["use"] = "sign";
  CHECK_REFUSED("for login", bring(token));
  token = imported();
  key_of(token)["rp_id"] = "localhost";
  CHECK_REFUSED("only credentials of a machine", bring(token));
  token = imported();
  token["serial"] = "fido2-0000000000000000";
  CHECK_REFUSED("is not named after its credential", bring(token));
  token = imported();
  token["keys"].as_array().push_back(token["keys"].as_array().front());
  CHECK_REFUSED("has one credential", bring(token));
}

TEST(ImportedKeys, LogInToThatMachineAndDoNothingElse) {
  enrol_imported();
  world.must("account.bind", {"ada"}, binding("laptop-12"));
  CHECK_ACCEPTED(log_in("host:laptop-12"));
  STRCMP_EQUAL("not attested (imported from pam://laptop-12)",
               world.registry.attestation_text(world.registry.tokens().back()).c_str());
  CHECK_REFUSED("imported for logging in to laptop-12", log_in("host:laptop-13"));
  CHECK_REFUSED("imported for logging in to laptop-12", log_in("gate"));
  const Bytes asked = request();
  CHECK_REFUSED("imported for logging in to laptop-12", world.ask(asked, signed_by(machine_key, asked)));
}

TEST(ImportedKeys, AreInTheCopyOfTheirMachineAlone) {
  enrol_imported();
  for (const char* host : {"laptop-12", "laptop-13"}) world.must("account.bind", {"ada"}, binding(host));
  const auto blob = [this](const Digest& digest) -> Result<Bytes> { return world.blobs.at(digest); };
  const auto own = make_host_copy(world.registry, "laptop-12", kBegin, blob);
  CHECK(own.ok());
  CHECK_EQUAL(1, own->fido_keys.size());
  CHECK(own->fido_keys[0].id == machine_key.credential && own->fido_keys[0].rp_id == "pam://laptop-12");
  const auto again = registry::read_host_copy(write_host_copy(*own));
  CHECK(again.ok() && again->fido_keys[0].id == machine_key.credential);
  CHECK(make_host_copy(world.registry, "laptop-13", kBegin, blob)->fido_keys.empty());
}
