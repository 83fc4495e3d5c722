#include <CppUTest/TestHarness.h>

#include "people.h"
#include "sceau/client/receipt.h"
#include "sceau/evidence/verifier.h"

using namespace sceau;
using namespace sceau::client;

TEST_GROUP(SignStatement) {
  const test::People people;
  test::SoftwareSigner signer{people.key, people.certificate.der()};
  test::FixedPins pins{"246824"};
  const Bytes statement = to_bytes("{\"any\":\"statement\"}");
};

TEST(SignStatement, TheSignatureIsThePersonsAndVerifies) {
  auto signature = sign_statement(signer, pins, statement, test::kNow);
  CHECK(signature.ok());
  STRCMP_EQUAL("carol", signature->person.c_str());
  STRCMP_EQUAL("cades", signature->kind.c_str());
  evidence::Verifier verifier;
  auto verified =
      verifier.verify(*signature, sha256(statement), people.trust(), pki::KeyUse::sign, test::kNow);
  CHECK(verified.ok());
  CHECK_EQUAL(test::kNow, verified->signing_time);
}

TEST(SignStatement, AWrongPinIsAuthenticationAndSaysTheTriesLeft) {
  test::FixedPins wrong("111222");
  const auto signature = sign_statement(signer, wrong, statement, test::kNow);
  CHECK(!signature.ok());
  CHECK(signature.error().kind == ErrorKind::authentication);
  CHECK(signature.error().message.find("2 tries left") != std::string::npos);
}

TEST(SignStatement, ATokenThatSignsSomethingElseIsFoundOut) {
  signer.lies = true;
  const auto signature = sign_statement(signer, pins, statement, test::kNow);
  CHECK(!signature.ok());
  CHECK(signature.error().kind == ErrorKind::corrupt);
}

TEST(SignStatement, ACertificateWithoutAPersonIsRefused) {
  SeededRandom random(3);
  auto nobody = pki::issue(people.authority, people.key.spki(), {"Nobody", "", ""}, pki::KeyUse::sign,
                           {test::kNow - 10, test::kNow + 10}, people.authority_key.signer(), random);
  CHECK(nobody.ok());
  test::SoftwareSigner unnamed(people.key, nobody->der());
  const auto signature = sign_statement(unnamed, pins, statement, test::kNow);
  CHECK(!signature.ok());
  CHECK(signature.error().message.find("names no person") != std::string::npos);
}

TEST(SignStatement, NothingIsNotSigned) { CHECK(!sign_statement(signer, pins, {}, test::kNow).ok()); }
