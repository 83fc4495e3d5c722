// Credentials made in a browser.
#include "web/enrolments.h"

#include <CppUTest/TestHarness.h>

#include "gate_home.h"

using namespace sceau;
using namespace sceau::test;

TEST_GROUP(WebEnrolments) {
  GateHome home;
  std::unique_ptr<gate::Gate> gate = home.open();
  web::Enrolments enrolments{*gate, home.world.clock};

  // What a page sends of a credential of this key's, made for `person`. CBOR as WebAuthn 6.5.4 has it.
  std::string made(const Authenticator& key, const std::string& person, const std::string& claimed) {
    const auto attestation = making(key).attestation(evidence::enrolment_challenge(kRealm, person));
    Bytes object =
        to_bytes(std::string_view("\xA3\x63"
                                  "fmt"
                                  "\x66"
                                  "packed"
                                  "\x67"
                                  "attStmt"
                                  "\xA3\x63"
                                  "alg"
                                  "\x26\x63"
                                  "sig"));
    add(object, attestation.signature);
    append(object, as_bytes("\x63"
                            "x5c"
                            "\x81"));
    add(object, attestation.certificates.front());
    return sent(object, attestation, claimed);
  }
  // The same without a certificate: signed by the new key itself, or by nobody (format "none").
  std::string made_unattested(const Authenticator& key, bool by_itself) {
    const auto attestation = making(key).self_attestation(evidence::enrolment_challenge(kRealm, "erik"));
    Bytes object =
        to_bytes(std::string_view("\xA3\x63"
                                  "fmt"));
    append(object, as_bytes(by_itself ? "\x66"
                                        "packed"
                                        "\x67"
                                        "attStmt"
                                        "\xA2\x63"
                                        "alg"
                                        "\x26\x63"
                                        "sig"
                                      : "\x64"
                                        "none"
                                        "\x67"
                                        "attStmt"
                                        "\xA0"));
    if (by_itself) add(object, attestation.signature);
    return sent(object, attestation, "erik");
  }
  static Authenticator making(Authenticator key) {
    key.flags |= 0x40U;
    return key;
  }
  static std::string sent(Bytes object, const evidence::FidoAttestation& attestation,
                          const std::string& claimed) {
    append(object, as_bytes("\x68"
                            "authData"));
    add(object, attestation.authenticator_data);
    return statement::to_canonical(Object{{"attestation_object", to_base64(object)},
                                          {"client_data", to_base64(attestation.client_data)},
                                          {"person", claimed}});
  }
  static void add(Bytes & object, const Bytes& content) {
    object.push_back(0x59);
    append_u16(object, static_cast<std::uint16_t>(content.size()));
    if (content.size() < 256) {
      object.resize(object.size() - 3);
      object.push_back(0x58);
      object.push_back(static_cast<std::uint8_t>(content.size()));
    }
    append(object, content);
  }
  void fails(const std::string& sent, const char* why) {
    const auto finished = enrolments.finish(sent);
    CHECK_FALSE(finished.ok());
    STRCMP_CONTAINS(why, finished.error().message.c_str());
  }
};

TEST(WebEnrolments, AnAttestedCredentialBecomesAnEnrolmentFile) {
  const Authenticator key = home.world.vendor.sibling("erik's");
  const auto finished = enrolments.finish(made(key, "erik", "erik"));
  STRCMP_EQUAL("", finished ? "" : finished.error().message.c_str());
  const Value value = statement::parse_wire(as_bytes(*finished), 1U << 20U).value();
  const Value& file = *value.find("enrolment");
  STRCMP_EQUAL("erik", statement::text_field(file, "person").value().c_str());
  const Value& described = file.find("token")->find("keys")->as_array().front();
  CHECK(statement::base64_field(described, "credential").value() == key.credential);
  CHECK(statement::base64_field(described, "public_key").value() == key.public_key());
  const Bytes blob = from_base64(file.find("blobs")->as_array().front().as_text()).value();
  CHECK(statement::digest_field(described, "attestation").value() == sha256(blob));
}

TEST(WebEnrolments, TheChallengeIsThePersonsAtThisLedger) {
  const auto begun = enrolments.begin("erik");
  CHECK(begun.ok());
  const Value value = statement::parse_wire(as_bytes(*begun), 4096).value();
  const Digest challenge = evidence::enrolment_challenge(kRealm, "erik");
  STRCMP_EQUAL(to_base64(challenge).c_str(), statement::text_field(value, "challenge").value().c_str());
  CHECK_FALSE(enrolments.begin("../etc").ok());
  CHECK_FALSE(enrolments.begin("").ok());
}

TEST(WebEnrolments, AnotherPersonsStrangersOrUnverifiedCredentialIsRefused) {
  const Authenticator key = home.world.vendor.sibling("erik's");
  fails(made(key, "erik", "dora"), "another question");
  fails(made(Authenticator("localhost"), "erik", "erik"), "no path to a configured attestation root");
  Authenticator elsewhere = key;
  elsewhere.origin = "https://evil.example";
  fails(made(elsewhere, "erik", "erik"), "origin");
  Authenticator unverified = key;
  unverified.flags = 0x01;
  fails(made(unverified, "erik", "erik"), "touch and PIN");
}

TEST(WebEnrolments, PolicySaysWhetherAMakerMustAttest) {
  const Authenticator key = home.world.vendor.sibling("erik's");
  for (const bool by_itself : {true, false})
    fails(made_unattested(key, by_itself), "as software could make it");
  Object policy = World::policy_body();
  policy["fido_self_attestation"] = "allow";
  must_be(*gate, home.write(*gate, "policy.set", {"ada", "bea"}, Object{{"policy", policy}}), "admitted");
  for (const bool by_itself : {true, false}) {
    const auto finished = enrolments.finish(made_unattested(key, by_itself));
    STRCMP_EQUAL("", finished ? "" : finished.error().message.c_str());
  }
}

TEST(WebEnrolments, AnythingElseIsInvalid) {
  for (const std::string& sent :
       {std::string("{}"), std::string(""), std::string("[1]"), std::string(200'000, '['),
        std::string(R"({"attestation_object":"oA==","client_data":"e30=","person":"erik","z":1})"),
        std::string(R"({"attestation_object":"oA==","client_data":"e30=","person":"Erik"})"),
        std::string(R"({"attestation_object":"oA==","client_data":"e30=","person":"erik"})"),
        std::string(R"({"attestation_object":1,"client_data":"e30=","person":"erik"})")}) {
    const auto finished = enrolments.finish(sent);
    CHECK_FALSE(finished.ok());
    CHECK(finished.error().kind == ErrorKind::invalid);
  }
}
