#include "sceau/pki/attestation.h"

#include "crafted.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

using namespace sceau;
using namespace sceau::pki;
using namespace sceau::test;

namespace {
const char* const ca = "critical,CA:TRUE";
const char* const ca_usage = "critical,keyCertSign";
const std::pair<std::string, Bytes> firmware{"1.3.6.1.4.1.41482.3.3", {5, 4, 3}};
const std::pair<std::string, Bytes> serial{"1.3.6.1.4.1.41482.3.7", {0x02, 0x04, 0x00, 0xBC, 0x61, 0x4E}};
const std::pair<std::string, Bytes> policy{"1.3.6.1.4.1.41482.3.8", {3, 2}};
}  // namespace

TEST_GROUP(Attestation) {
  Key root_key = craft_key("P-256");
  Key device_key = craft_key("P-256");
  Key key = craft_key("P-256");
  Certificate root =
      craft({.name = "Maker", .person = "", .key = root_key, .key_usage = ca_usage, .basic_constraints = ca});
  Certificate device = craft({.name = "Sceau PIV Attestation",
                              .person = "",
                              .key = device_key,
                              .issuer = &root,
                              .issuer_key = root_key,
                              .key_usage = ca_usage,
                              .basic_constraints = "critical,CA:TRUE,pathlen:0"});

  Plan plan() {
    return {.name = "Sceau PIV Attestation 9C",
            .person = "",
            .key = key,
            .issuer = &device,
            .issuer_key = device_key,
            .key_usage = "",
            .basic_constraints = "",
            .extensions = {firmware, serial, policy}};
  }
  Result<Attested> check(const Certificate& attestation, Time at = now_time) {
    const std::vector<Bytes> chain{device.der()};
    const std::vector<Certificate> roots{root};
    return check_attestation(attestation.der(), chain, roots, at);
  }
  std::string why(const Certificate& attestation, Time at = now_time) {
    const auto attested = check(attestation, at);
    return attested ? "" : attested.error().message;
  }
};

TEST(Attestation, TellsKeySerialPoliciesAndSlot) {
  const auto attested = check(craft(plan()));
  CHECK_TEXT(attested.ok(), attested ? "" : attested.error().message.c_str());
  STRCMP_EQUAL("12345678", attested->serial.c_str());
  STRCMP_EQUAL("5.4.3", attested->firmware.c_str());
  STRCMP_EQUAL("9c", attested->slot.c_str());
  LONGS_EQUAL(pin_policy_always, attested->pin_policy);
  LONGS_EQUAL(touch_policy_always, attested->touch_policy);
  CHECK(attested->public_key == spki_of(key));
}

TEST(Attestation, ACertificateMadeInSoftwareIsCalledSo) {
  Plan forged = plan();
  forged.issuer = nullptr;
  STRCMP_CONTAINS("is software-made", why(craft(forged)).c_str());
  const Key other = craft_key("P-256");
  const Certificate imitation = craft({.name = "Sceau PIV Attestation",
                                       .person = "",
                                       .key = other,
                                       .key_usage = ca_usage,
                                       .basic_constraints = ca});
  forged.issuer = &imitation;
  forged.issuer_key = other;
  STRCMP_CONTAINS("is software-made", why(craft(forged)).c_str());
}

TEST(Attestation, AWholeForgedChainHasNoConfiguredRoot) {
  const Key other = craft_key("P-256");
  const Certificate imitation = craft({.name = "Sceau PIV Attestation",
                                       .person = "",
                                       .key = other,
                                       .key_usage = ca_usage,
                                       .basic_constraints = ca});
  Plan forged = plan();
  forged.issuer = &imitation;
  forged.issuer_key = other;
  const std::vector<Bytes> chain{imitation.der()};
  const std::vector<Certificate> roots{root};
  const auto attested = check_attestation(craft(forged).der(), chain, roots, now_time);
  STRCMP_CONTAINS("has no path to a configured attestation root", attested.error().message.c_str());
  CHECK(attested.error().kind == ErrorKind::refused);
}

TEST(Attestation, AnAttestedKeyAttestsNothing) {
  const Certificate attested = craft(plan());
  Plan forged = plan();
  forged.key = craft_key("P-256");
  forged.issuer = &attested;
  forged.issuer_key = key;
  const std::vector<Bytes> chain{attested.der(), device.der()};
  const std::vector<Certificate> roots{root};
  CHECK_FALSE(check_attestation(craft(forged).der(), chain, roots, now_time).ok());
}

TEST(Attestation, ExtensionsMustBeThereAndWellFormed) {
  for (const auto& extensions : std::vector<std::vector<std::pair<std::string, Bytes>>>{
           {firmware, serial},
           {serial, policy},
           {firmware, policy},
           {firmware, serial, {policy.first, {3}}},
           {{firmware.first, {5, 4}}, serial, policy},
           {firmware, {serial.first, {0x02, 0x05, 0x00}}, policy},
           {firmware, {serial.first, {0x02, 0x01, 0xFF}}, policy},
           {firmware, {serial.first, {0x04, 0x01, 0x01}}, policy}}) {
    Plan broken = plan();
    broken.extensions = extensions;
    CHECK_FALSE(check(craft(broken)).ok());
  }
}

TEST(Attestation, TheSlotMustBeNamed) {
  for (const char* name :
       {"Sceau PIV Attestation", "Sceau PIV Attestation zz", "Sceau PIV Attestation 9c0", "Alice"}) {
    Plan unnamed = plan();
    unnamed.name = name;
    STRCMP_CONTAINS("does not name a slot", why(craft(unnamed)).c_str());
  }
}

TEST(Attestation, ExpiredAndMissingChainsAreRefused) {
  STRCMP_CONTAINS("has no path", why(craft(plan()), end_time + 1).c_str());
  const std::vector<Certificate> roots{root};
  CHECK_FALSE(check_attestation(craft(plan()).der(), {}, roots, now_time).ok());
  CHECK_FALSE(check_attestation(Bytes{0x30, 0x00}, std::vector<Bytes>{device.der()}, roots, now_time).ok());
  CHECK_FALSE(check_attestation(craft(plan()).der(), std::vector<Bytes>{Bytes{1}}, roots, now_time).ok());
}
