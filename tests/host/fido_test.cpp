// Logging in to a machine with a FIDO2 key: who gets in, and who does not.
#include <CppUTest/TestHarness.h>

#include "machine.h"
#include "sceau/evidence/fido_attestation.h"

using namespace sceau;
using namespace sceau::test;

namespace {

// A token::Signer over an authenticator in memory.
class KeyInMemory final : public token::Signer {
 public:
  explicit KeyInMemory(Authenticator made) : authenticator(std::move(made)) {}
  Result<token::KeyInfo> key() override {
    token::KeyInfo info;
    info.kind = token::SignatureKind::webauthn;
    info.token_serial =
        evidence::fido_serial(said_credential.empty() ? authenticator.credential : said_credential);
    info.person = person;
    info.rp_id = "localhost";
    return info;
  }
  Result<token::Signed> sign(const token::ToSign& to_sign, token::PinSource& pins) override {
    if (auto pin = pins.pin({}); !pin) return pin.error();
    auto made = authenticator.assertion_over(to_bytes(to_sign.client_data));
    token::AssertionFields fields{made.credential, made.authenticator_data, made.client_data};
    return token::Signed{made.signature, {}, std::move(fields), false};
  }
  Authenticator authenticator;
  Bytes said_credential;
  std::string person = "dora";
};

}  // namespace

TEST_GROUP(HostFidoLogIn) {
  Machine machine;
  KeyInMemory key{machine.world.vendor.sibling("dora's credential")};

  void setup() override {
    enrol(key.authenticator);
    machine.refresh();
  }
  void enrol(const Authenticator& made) {
    Authenticator making = made;
    making.flags |= 0x40U;
    const Bytes attestation = serialise(making.attestation(evidence::enrolment_challenge(kRealm, "dora")));
    const Object one{{"use", "sign"},
                     {"slot", "fido2"},
                     {"public_key", to_base64(made.public_key())},
                     {"credential", to_base64(made.credential)},
                     {"attestation", machine.world.put_blob(attestation)}};
    const Object token{{"serial", evidence::fido_serial(made.credential)},
                       {"kind", "fido2"},
                       {"keys", Array{Value(one)}},
                       {"attestation_chain", Array{}}};
    const Bytes statement =
        machine.world.write("token.enrol", "dora", Object{{"person", "dora"}, {"token", token}});
    evidence::Evidence proof{
        {{"dora", evidence::webauthn_kind, serialise(made.assertion(sha256(statement)))}}};
    for (const char* other : {"bea", "ada"})
      proof.signatures.push_back(machine.world.signature_of(statement, machine.world.card(other)));
    const auto submitted = machine.world.submit(statement, evidence::serialise(proof));
    STRCMP_EQUAL("", submitted.judgement.error ? submitted.judgement.error->message.c_str() : "");
  }
};

TEST(HostFidoLogIn, ItsHolderGetsInAndTheGateTakesTheStatement) {
  const auto done = machine.log_in(key);
  STRCMP_EQUAL("", said(done).c_str());
  STRCMP_EQUAL("dora", done.value().holder.person.c_str());
  const auto queued = machine.folder->read_queued(machine.folder->queue().value().front()).value();
  const auto submitted = machine.world.submit(queued.statement, queued.evidence);
  STRCMP_EQUAL("", submitted.judgement.error ? submitted.judgement.error->message.c_str() : "");
}

TEST(HostFidoLogIn, AWrongPinLetsNobodyIn) {
  machine.pins.wrong = true;
  CHECK_OUT("authentication: ", machine.log_in(key));
}

TEST(HostFidoLogIn, AnotherKeyUnderTheSameNameIsRefused) {
  KeyInMemory stranger{machine.world.vendor.sibling("another credential")};
  CHECK_OUT("refused: ", machine.log_in(stranger));
  stranger.said_credential = key.authenticator.credential;
  CHECK_OUT("refused: ", machine.log_in(stranger));
  stranger.authenticator.credential = key.authenticator.credential;
  CHECK_OUT("invalid: ", machine.log_in(stranger));
}

TEST(HostFidoLogIn, WithoutATouchOrAPinItIsRefused) {
  key.authenticator.flags = 0x04;
  CHECK_OUT("was not touched", machine.log_in(key));
  key.authenticator.flags = 0x01;
  CHECK_OUT("not verified", machine.log_in(key));
}

TEST(HostFidoLogIn, ItSpeaksForItsHolderAlone) {
  key.person = "carl";
  CHECK_OUT("refused: ", machine.log_in(key));
}

TEST(HostFidoLogIn, ARevokedKeyIsRefusedOnceTheCopyKnows) {
  machine.world.must(
      "token.revoke", {"bea"},
      Object{{"serial", evidence::fido_serial(key.authenticator.credential)}, {"reason", "lost"}});
  machine.refresh();
  CHECK_OUT("is revoked", machine.log_in(key));
}
