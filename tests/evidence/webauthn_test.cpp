#include "sceau/evidence/webauthn.h"

#include <CppUTest/TestHarness.h>

#include "authenticator.h"

using sceau::Bytes;
using sceau::ErrorKind;
using namespace sceau::evidence;

namespace {

const sceau::Digest statement = sceau::sha256(sceau::as_bytes("a statement"));

}  // namespace

TEST_GROUP(WebAuthn) {
  Authenticator key;
  RelyingParty party{"gate.example", {"https://other.example", "https://gate.example"}};

  sceau::Result<AuthenticatorData> verify(const Assertion& assertion) const {
    return verify_assertion(assertion, statement, key.public_key(), party);
  }
  void refused(const Assertion& assertion, ErrorKind kind, const char* why) const {
    const auto verdict = verify(assertion);
    CHECK_FALSE(verdict.ok());
    LONGS_EQUAL(static_cast<int>(kind), static_cast<int>(verdict.error().kind));
    STRCMP_CONTAINS(why, verdict.error().message.c_str());
  }
};

TEST(WebAuthn, AnAssertionOverTheStatementIsGood) {
  const auto verdict = verify(key.assertion(statement));
  CHECK(verdict.ok());
  CHECK(verdict->user_present);
  CHECK(verdict->user_verified);
  LONGS_EQUAL(7, verdict->counter);
}

TEST(WebAuthn, PresenceIsReportedAndLeftToTheCaller) {
  key.flags = 0x04;
  const auto verdict = verify(key.assertion(statement));
  CHECK(verdict.ok());
  CHECK_FALSE(verdict->user_present);
}

TEST(WebAuthn, AnotherStatementIsRefused) {
  refused(key.assertion(sceau::sha256(sceau::as_bytes("another"))), ErrorKind::invalid, "another question");
}

TEST(WebAuthn, AnotherOriginIsRefused) {
  key.origin = "https://gate.example.evil.example";
  refused(key.assertion(statement), ErrorKind::refused, "at an origin that does not speak for gate.example");
}

TEST(WebAuthn, AnOriginMayLeaveItsPortOpen) {
  party.origins = {"https://localhost:*"};
  for (const char* good : {"https://localhost:8443", "https://localhost:1"}) {
    key.origin = good;
    CHECK(verify(key.assertion(statement)).ok());
  }
  for (const char* bad :
       {"https://localhost", "https://localhost:", "https://localhost:8443/x", "https://localhost:port",
        "https://localhost.evil.example:1", "https://localhost:123456", "https://localhost:*"}) {
    key.origin = bad;
    CHECK_FALSE(verify(key.assertion(statement)).ok());
  }
}

TEST(WebAuthn, AnotherRelyingPartyIsRefused) {
  key.rp_id = "bank.example";
  refused(key.assertion(statement), ErrorKind::refused, "another RP id");
}

TEST(WebAuthn, WithoutUserVerificationItIsRefused) {
  key.flags = 0x01;
  refused(key.assertion(statement), ErrorKind::refused, "did not verify its user");
}

TEST(WebAuthn, AnotherKeysAssertionIsRefused) {
  refused(Authenticator().assertion(statement), ErrorKind::invalid, "did not make it");
}

TEST(WebAuthn, NoBitOfAnAssertionCanChange) {
  const Assertion good = key.assertion(statement);
  for (Bytes Assertion::*part :
       {&Assertion::authenticator_data, &Assertion::client_data, &Assertion::signature}) {
    for (std::size_t bit = 0; bit < (good.*part).size() * 8; ++bit) {
      Assertion changed = good;
      (changed.*part)[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
      CHECK_FALSE(verify(changed).ok());
    }
  }
}

TEST(WebAuthn, BrowsersMayAddFieldsToClientDataAfterThoseThatCount) {
  Bytes more = client_data(Ceremony::get, statement, key.origin);
  more.pop_back();
  sceau::append(more, sceau::as_bytes(R"(,"androidPackageName":"x"})"));
  CHECK(verify(key.assertion_over(more)).ok());
}

TEST(WebAuthn, ClientDataThatOnlyResemblesIsRefused) {
  const std::string good = sceau::to_text(client_data(Ceremony::get, statement, key.origin));
  const std::string framed = good.substr(0, good.size() - 6) + "true}";
  const std::string registration = sceau::to_text(client_data(Ceremony::create, statement, key.origin));
  for (const std::string& text :
       {framed, registration, " " + good, good + "}", good.substr(0, good.size() - 1), std::string()}) {
    CHECK_FALSE(verify(key.assertion_over(sceau::to_bytes(text))).ok());
  }
}

TEST(WebAuthn, AnAssertionThatBringsAKeyIsRefused) {
  key.flags = 0x45;
  refused(key.assertion(statement), ErrorKind::invalid, "holds no new key");
}

TEST(WebAuthn, ExtensionsAreAllowedWhereTheFlagsSaySo) {
  key.flags = 0x85;
  key.extensions = {0xA0};
  CHECK(verify(key.assertion(statement)).ok());
  key.flags = 0x05;
  refused(key.assertion(statement), ErrorKind::invalid, "does not end where its flags say");
  key.flags = 0x85;
  key.extensions.clear();
  refused(key.assertion(statement), ErrorKind::invalid, "does not end where its flags say");
}

TEST(WebAuthn, ABackedUpCredentialMustBeOneThatCanBe) {
  key.flags = 0x15;
  refused(key.assertion(statement), ErrorKind::invalid, "backed up");
}

TEST(WebAuthn, ANewCredentialIsReadWhole) {
  key.flags = 0x45;
  const auto data = read_authenticator_data(key.authenticator_data());
  CHECK(data.ok());
  CHECK(data->attested->id == key.credential);
  CHECK(data->attested->public_key == key.public_key());
}

TEST(WebAuthn, ACutOrChangedCredentialIsRefused) {
  key.flags = 0x45;
  const Bytes whole = key.authenticator_data();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CHECK_FALSE(read_authenticator_data(sceau::ByteView(whole).first(size)).ok());
  }
  Bytes off_curve = whole;
  off_curve.back() ^= 1;
  STRCMP_CONTAINS("no point of P-256", read_authenticator_data(off_curve).error().message.c_str());
}

TEST(WebAuthn, AnAssertionSurvivesItsBytes) {
  const Assertion made = key.assertion(statement);
  const auto read = read_assertion(serialise(made));
  CHECK(read.ok());
  CHECK(*read == made);
}

TEST(WebAuthn, BytesOfAnAssertionAreReadStrictly) {
  const std::string good = sceau::to_text(serialise(key.assertion(statement)));
  const std::string unknown = good.substr(0, good.size() - 1) + R"(,"z":"AA=="})";
  const std::string missing = "{" + good.substr(good.find("\"client_data\""));
  const std::string spaced = " " + good;
  for (const std::string& text : {unknown, missing, spaced, std::string("{}"), std::string()}) {
    CHECK_FALSE(read_assertion(sceau::as_bytes(text)).ok());
  }
}
