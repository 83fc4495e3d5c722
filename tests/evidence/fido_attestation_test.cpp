#include "sceau/evidence/fido_attestation.h"

#include <CppUTest/TestHarness.h>

#include "authenticator.h"

using sceau::Bytes;
using sceau::ErrorKind;
using sceau::test::craft;
using namespace sceau::evidence;

namespace {

const sceau::Digest question = enrolment_challenge("a.example/realm", "alice");

}  // namespace

TEST_GROUP(FidoAttestation) {
  Authenticator key;
  RelyingParty party{"gate.example", {"https://gate.example"}};
  const FidoMetadata* metadata = nullptr;
  bool unattested = false;
  void setup() override { key.flags = 0x45; }

  sceau::Result<AttestedCredential> check(const FidoAttestation& attestation) const {
    const std::vector<sceau::pki::Certificate> roots = {key.maker};
    return check_fido_attestation(attestation, question, party, {roots, metadata, unattested},
                                  sceau::test::now_time);
  }
  void refused(const FidoAttestation& attestation, const char* why) const {
    const auto verdict = check(attestation);
    CHECK_FALSE(verdict.ok());
    STRCMP_CONTAINS(why, verdict.error().message.c_str());
  }
  FidoAttestation with_batch(const sceau::test::Plan& plan) {
    key.batch = craft(plan);
    return key.attestation(question);
  }
};

TEST(FidoAttestation, AKeyThatItsMakerAttestsIsBelieved) {
  const auto verdict = check(key.attestation(question));
  CHECK(verdict.ok());
  CHECK(verdict->id == key.credential);
  CHECK(verdict->public_key == key.public_key());
}

TEST(FidoAttestation, AnotherPersonsQuestionIsRefused) {
  refused(key.attestation(enrolment_challenge("a.example/realm", "bob")), "another question");
  refused(key.attestation(enrolment_challenge("b.example/realm", "alice")), "another question");
}

TEST(FidoAttestation, AMakerThatNobodyTrustsIsRefused) {
  const FidoAttestation stranger = Authenticator().attestation(question);
  CHECK_FALSE(check(stranger).ok());
  Authenticator other;
  other.flags = 0x45;
  refused(other.attestation(question), "no path to a configured attestation root");
}

TEST(FidoAttestation, SelfAttestationIsRefused) {
  FidoAttestation self = key.self_attestation(question);
  const auto read = read_fido_attestation(serialise(self));
  CHECK(read.ok() && *read == self);
  refused(self, "as software could make it");
  unattested = true;
  CHECK(check(self).ok());
  self.signature = key.attestation(question).signature;
  refused(self, "the new key did not sign it");
  self.signature.clear();  // none at all
  CHECK(check(self).ok());
  unattested = false;
  refused(self, "as software could make it");
}

TEST(FidoAttestation, AChainOverAnIntermediateIsFollowed) {
  const auto middle_key = sceau::test::craft_key("P-256");
  sceau::test::Plan middle;
  middle.name = "Middle";
  middle.key = middle_key;
  middle.issuer = &key.maker;
  middle.issuer_key = key.maker_key;
  middle.key_usage = "critical,keyCertSign";
  middle.basic_constraints = "critical,CA:TRUE";
  const auto link = craft(middle);
  auto plan = key.batch_plan();
  plan.issuer = &link;
  plan.issuer_key = middle_key;
  FidoAttestation made = with_batch(plan);
  refused(made, "no path to a configured attestation root");
  made.certificates.push_back(link.der());
  CHECK(check(made).ok());
}

TEST(FidoAttestation, MetadataGivesAModelItsRootsAndItsTroubles) {
  Aaguid model{};
  model.fill(0xAA);
  FidoMetadata known;
  metadata = &known;
  CHECK(check(key.attestation(question)).ok());  // not listed: the configured roots
  known.models[model] = {{key.maker}, ""};
  CHECK(check(key.attestation(question)).ok());
  Authenticator other;
  known.models[model] = {{other.maker}, ""};
  refused(key.attestation(question), "no path to a configured attestation root");
  known.models[model] = {{key.maker}, "ATTESTATION_KEY_COMPROMISE"};
  refused(key.attestation(question), "ATTESTATION_KEY_COMPROMISE");
  unattested = true;
  refused(key.self_attestation(question), "ATTESTATION_KEY_COMPROMISE");
}

TEST(FidoAttestation, ACertificateThatIsNoAuthenticatorsIsRefused) {
  auto plan = key.batch_plan();
  plan.unit = "Marketing";
  refused(with_batch(plan), "no authenticator's attestation certificate");
  plan = key.batch_plan();
  plan.basic_constraints = "critical,CA:TRUE";
  refused(with_batch(plan), "no authenticator's attestation certificate");
}

TEST(FidoAttestation, ACertificateForAnotherModelIsRefused) {
  auto plan = key.batch_plan();
  plan.extensions.front().second.back() ^= 1;
  refused(with_batch(plan), "another model");
}

TEST(FidoAttestation, AKeyMadeWithoutItsUserIsRefused) {
  for (const auto flags : std::to_array<std::uint8_t>({0x40, 0x41, 0x44})) {
    key.flags = flags;
    refused(key.attestation(question), "without its user's touch and PIN");
  }
}

TEST(FidoAttestation, NoByteOfItCanChange) {
  const FidoAttestation good = key.attestation(question);
  for (Bytes FidoAttestation::*part :
       {&FidoAttestation::authenticator_data, &FidoAttestation::client_data, &FidoAttestation::signature}) {
    for (std::size_t byte = 0; byte < (good.*part).size(); ++byte) {
      FidoAttestation changed = good;
      (changed.*part)[byte] ^= 1U;
      CHECK_FALSE(check(changed).ok());
    }
  }
}

TEST(FidoAttestation, ItSurvivesItsBytes) {
  const FidoAttestation made = key.attestation(question);
  const auto read = read_fido_attestation(serialise(made));
  CHECK(read.ok());
  CHECK(*read == made);
}
