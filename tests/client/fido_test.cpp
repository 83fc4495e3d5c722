// Signing with a FIDO2 key, and believing such signatures without the whole ledger.
#include <CppUTest/TestHarness.h>

#include "authenticator.h"
#include "people.h"
#include "sceau/client/receipt.h"
#include "sceau/statement/statement.h"
#include "sceau/token/fido_user.h"

using namespace sceau;
using namespace sceau::client;

namespace {

// A token::Signer over an authenticator in memory.
class AuthenticatorSigner final : public token::Signer {
 public:
  explicit AuthenticatorSigner(Authenticator made) : authenticator(std::move(made)) {
    info.kind = token::SignatureKind::webauthn;
    info.person = "carol";
    info.rp_id = authenticator.rp_id;
    info.public_key = authenticator.public_key();
  }
  Result<token::KeyInfo> key() override { return info; }
  Result<token::Signed> sign(const token::ToSign& to_sign, token::PinSource& pins) override {
    if (auto pin = pins.pin({}); !pin) return pin.error();
    presence = to_sign.presence;
    auto made = authenticator.assertion_over(to_bytes(to_sign.client_data));
    token::AssertionFields fields{made.credential, made.authenticator_data, made.client_data};
    return token::Signed{made.signature, {}, std::move(fields), false};
  }
  Authenticator authenticator;
  token::KeyInfo info;
  bool presence = false;
};

}  // namespace

TEST_GROUP(FidoSignatures) {
  const Authenticator made;
  AuthenticatorSigner signer{made};
  client::test::FixedPins pins{"246824"};
  const Bytes statement = write("login", statement::Object{{"audience", "gate"}});
  FidoKeys keys{{made.rp_id, {made.origin}},
                {{sha256(made.credential), {"carol", "fido2-0123456789abcdef", made.public_key()}}}};

  static Bytes write(const char* type, statement::Object body) {
    statement::Statement act;
    act.type = type;
    act.realm = client::test::kRealm;
    act.id = "019a0000-0000-7000-8000-000000000001";
    act.by = "carol";
    act.at = client::test::kNow;
    act.until = client::test::kNow + 60;
    act.body = std::move(body);
    return statement::write_statement(act).value();
  }
  evidence::Evidence proof() {
    return {{sign_statement(signer, pins, statement, client::test::kNow).value()}};
  }
  Result<std::vector<Signer>> verified(const FidoKeys& known) {
    return verify_evidence(statement, proof(), {}, pki::KeyUse::login, client::test::kNow, known);
  }
};

TEST(FidoSignatures, TheChallengeIsTheStatementsDigest) {
  const auto signature = sign_statement(signer, pins, statement, client::test::kNow);
  CHECK(signature.ok());
  STRCMP_EQUAL("carol", signature->person.c_str());
  STRCMP_EQUAL("webauthn", signature->kind.c_str());
  const auto assertion = evidence::read_assertion(signature->bytes);
  CHECK(assertion.ok());
  CHECK(evidence::verify_assertion(*assertion, sha256(statement), made.public_key(), keys.party).ok());
  CHECK(signer.presence);
}

TEST(FidoSignatures, AnotherKeysSignatureIsNotGivenOut) {
  signer.info.public_key = made.sibling("another").public_key();
  CHECK_FALSE(sign_statement(signer, pins, statement, client::test::kNow).ok());
}

TEST(FidoSignatures, AnUnverifiedUsersSignatureIsNotGivenOutThoughItsKeyIsUnknown) {
  signer.info.public_key.clear();
  CHECK(sign_statement(signer, pins, statement, client::test::kNow).ok());
  signer.authenticator.flags = 0x01;
  const auto signature = sign_statement(signer, pins, statement, client::test::kNow);
  CHECK_FALSE(signature.ok());
  CHECK(signature.error().message.find("not verified") != std::string::npos);
}

TEST(FidoSignatures, AnotherRelyingPartysSignatureIsNotGivenOut) {
  signer.info.public_key.clear();
  signer.authenticator.rp_id = "elsewhere.example";
  CHECK_FALSE(sign_statement(signer, pins, statement, client::test::kNow).ok());
}

TEST(FidoSignatures, ACredentialMadeForNobodySignsNothing) {
  signer.info.person = "not an id!";
  CHECK_FALSE(sign_statement(signer, pins, statement, client::test::kNow).ok());
  CHECK_FALSE(signatory(signer).ok());
}

TEST(FidoSignatures, TheyVerifyWhereSomebodySaysWhoseTheKeyIs) {
  const auto signers = verified(keys);
  CHECK(signers.ok());
  STRCMP_EQUAL("FIDO2 key fido2-0123456789abcdef", signers->front().subject.c_str());
  CHECK_EQUAL(client::test::kNow, signers->front().signed_at);
  CHECK_FALSE(verified({}).ok());
}

TEST(FidoSignatures, AnotherPersonsKeyIsNotBelieved) {
  keys.keys.begin()->second.person = "dave";
  CHECK_FALSE(verified(keys).ok());
}

TEST(FidoSignatures, WhoseKeysTheyAreIsReadAsItWasWritten) {
  const auto read = read_fido_keys(write_fido_keys(keys));
  CHECK(read.ok());
  CHECK(verified(*read).ok());
  CHECK_FALSE(read_fido_keys(to_bytes("{\"keys\":[]}")).ok());
}

TEST(FidoSignatures, APolicyWithoutARelyingPartyMeansLocalhost) {
  STRCMP_EQUAL("localhost", relying_party(statement::Object{})->id.c_str());
  const auto named = relying_party(statement::Object{{"rp_id", "gate.example"}});
  STRCMP_EQUAL("gate.example", named->id.c_str());
  STRCMP_EQUAL("https://gate.example", named->origins.front().c_str());
}

TEST_GROUP(FidoUserHandles) { SeededRandom random{7}; };

TEST(FidoUserHandles, NoTwoOfAPersonAreTheSameAndEachSaysWhose) {
  const Bytes one = token::user_handle("carol", random);
  const Bytes other = token::user_handle("carol", random);
  LONGS_EQUAL(5 + 1 + 16, one.size());
  CHECK(one != other);
  STRCMP_EQUAL("carol", token::user_of(one).c_str());
  STRCMP_EQUAL("carol", token::user_of(other).c_str());
}

TEST(FidoUserHandles, LongIdsLeaveLessRoomForWhatIsRandom) {
  for (const std::size_t size : {47U, 60U, 63U, 64U}) {
    const std::string person(size, 'p');
    const Bytes handle = token::user_handle(person, random);
    LONGS_EQUAL(token::kMostUserHandle, handle.size());
    STRCMP_EQUAL(person.c_str(), token::user_of(handle).c_str());
  }
}

TEST(FidoUserHandles, EarlierOnesAreTheIdAlone) {
  STRCMP_EQUAL("carol", token::user_of(to_bytes("carol")).c_str());
  STRCMP_EQUAL("", token::user_of({}).c_str());
}
