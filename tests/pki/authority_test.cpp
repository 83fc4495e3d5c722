#include "sceau/pki/authority.h"

#include "crafted.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

using namespace sceau;
using namespace sceau::pki;
using namespace sceau::test;

TEST_GROUP(Authority) {
  SystemRandom random;
  SoftwareKey key = *SoftwareKey::generate();
  SoftwareKey person_key = *SoftwareKey::generate();
  Validity long_time{begin_time, end_time};
  Certificate authority =
      *self_sign_authority(key.spki(), {"Sceau authority", "", "cnam"}, long_time, key.signer(), random);

  Result<Certificate> issued(KeyUse use) {
    return issue(authority, person_key.spki(), {"Éloïse Martin", "eloise", "cnam"}, use, long_time,
                 key.signer(), random);
  }
};

TEST(Authority, IsAnAuthorityAndNothingElse) {
  CHECK(authority.is_ca());
  CHECK(check_key_use(authority, KeyUse::authority).ok());
  CHECK_FALSE(check_key_use(authority, KeyUse::sign).ok());
  LONGS_EQUAL(usage_key_cert_sign | usage_crl_sign, authority.key_usage().value());
}

TEST(Authority, IssuesForSigningAndForLoggingIn) {
  const auto sign = issued(KeyUse::sign);
  LONGS_EQUAL(usage_non_repudiation, sign->key_usage().value());
  STRCMP_EQUAL("eloise", sign->person().c_str());
  STRCMP_EQUAL("O=cnam, serialNumber=eloise, CN=Éloïse Martin", sign->subject_text().c_str());
  CHECK(sign->spki() == person_key.spki());
  CHECK(sign->issuer_name() == authority.subject_name());
  LONGS_EQUAL(usage_digital_signature, issued(KeyUse::login)->key_usage().value());
  CHECK(check_key_use(*issued(KeyUse::login), KeyUse::login).ok());
}

TEST(Authority, IssuesWhatItsPathCheckTakes) {
  TrustStore trust;
  CHECK(trust.add_authority(authority).ok());
  CHECK(
      trust.add_crl(*Crl::from_der(*issue_crl(authority, {}, 1, now_time - 60, now_time + 60, key.signer())))
          .ok());
  const auto path = check_path(trust, *issued(KeyUse::sign), {}, KeyUse::sign, now_time);
  CHECK_TEXT(path.ok(), path ? "" : path.error().message.c_str());
  CHECK(path->root == authority);
  LONGS_EQUAL(1, path->crls.size());
}

TEST(Authority, SerialNumbersAreLongAndDiffer) {
  const auto one = issued(KeyUse::sign);
  const auto two = issued(KeyUse::sign);
  LONGS_EQUAL(16, one->serial_number().size());
  CHECK(one->serial_number() != two->serial_number());
}

TEST(Authority, RefusesWhatItShouldNotIssue) {
  CHECK(issued(KeyUse::authority).error().kind == ErrorKind::refused);
  const auto with = [&](Validity validity) {
    return issue(authority, person_key.spki(), {"A", "a", ""}, KeyUse::sign, validity, key.signer(), random)
        .ok();
  };
  CHECK_FALSE(with({begin_time - 1, end_time}));
  CHECK_FALSE(with({begin_time, end_time + 1}));
  CHECK_FALSE(with({now_time, now_time}));
  const Certificate person = *issued(KeyUse::sign);
  CHECK_FALSE(
      issue(person, key.spki(), {"A", "a", ""}, KeyUse::sign, long_time, person_key.signer(), random).ok());
  CHECK_FALSE(issue(authority, spki_of(craft_key("P-384")), {"A", "a", ""}, KeyUse::sign, long_time,
                    key.signer(), random)
                  .ok());
  CHECK_FALSE(
      issue(authority, Bytes{1, 2, 3}, {"A", "a", ""}, KeyUse::sign, long_time, key.signer(), random).ok());
  CHECK_FALSE(
      issue(authority, person_key.spki(), {"", "a", ""}, KeyUse::sign, long_time, key.signer(), random).ok());
  CHECK_FALSE(issue(authority, person_key.spki(), {std::string(65, 'x'), "a", ""}, KeyUse::sign, long_time,
                    key.signer(), random)
                  .ok());
}

TEST(Authority, NoticesASignatureByTheWrongToken) {
  const auto wrong = issue(authority, person_key.spki(), {"A", "a", ""}, KeyUse::sign, long_time,
                           person_key.signer(), random);
  CHECK_FALSE(wrong.ok());
  STRCMP_CONTAINS("the signature is not by the key of", wrong.error().message.c_str());
}

TEST(Authority, ATokenThatRefusesIsHeard) {
  const SignCallback refuses = [](ByteView) -> Result<Bytes> {
    return Error{ErrorKind::authentication, "wrong PIN"};
  };
  const auto failed =
      issue(authority, person_key.spki(), {"A", "a", ""}, KeyUse::sign, long_time, refuses, random);
  STRCMP_EQUAL("wrong PIN", failed.error().message.c_str());
  CHECK_FALSE(issue_crl(authority, {}, 1, now_time, now_time + 1, refuses).ok());
}

TEST(Authority, ReadsRequestsSignedByTheirOwnKeyOnly) {
  const auto request = make_csr(person_key.spki(), {"Alice", "alice", ""}, person_key.signer());
  const auto read = read_csr(*request);
  CHECK(read->spki == person_key.spki());
  STRCMP_EQUAL("serialNumber=alice, CN=Alice", read->subject_text.c_str());
  CHECK_FALSE(make_csr(person_key.spki(), {"Alice", "alice", ""}, key.signer()).ok());
  Bytes changed = *request;
  changed.back() ^= 1;
  CHECK_FALSE(read_csr(changed).ok());
  changed = *request;
  changed.push_back(0);
  CHECK_FALSE(read_csr(changed).ok());
}

TEST(Authority, SoftwareKeysGoThroughPem) {
  const Secret pem = key.to_pem();
  const auto again = SoftwareKey::from_pem(pem.view());
  CHECK(again->spki() == key.spki());
  CHECK_FALSE(
      SoftwareKey::from_pem(as_bytes("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")).ok());
}

TEST(Authority, AGatesOwnCertificateIsTrustedByBeingPinned) {
  const Certificate gate = *self_signed_gate(key, "gate-1", long_time, random);
  TrustStore trust;
  CHECK_FALSE(check_path(trust, gate, {}, KeyUse::result, now_time).ok());
  trust.add_pinned(gate);
  CHECK(check_path(trust, gate, {}, KeyUse::result, now_time).ok());
  CHECK_FALSE(check_path(trust, gate, {}, KeyUse::sign, now_time).ok());
  CHECK_FALSE(check_path(trust, gate, {}, KeyUse::result, end_time).ok());
  CHECK_FALSE(check_path(trust, gate, {}, KeyUse::result, begin_time - 1).ok());
}
