#include "crafted.h"
#include "sceau/pki/trust.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

using namespace sceau;
using namespace sceau::pki;
using namespace sceau::test;

namespace {
const char* const ca = "critical,CA:TRUE";
const char* const ca_usage = "critical,keyCertSign,cRLSign";
}  // namespace

TEST_GROUP(Path) {
  Key root_key = craft_key("P-256");
  Key key = craft_key("P-256");
  Certificate root =
      craft({.name = "Root", .person = "", .key = root_key, .key_usage = ca_usage, .basic_constraints = ca});
  Certificate alice = craft({.key = key, .issuer = &root, .issuer_key = root_key});
  TrustStore trust;

  void setup() override {
    CHECK(trust.add_authority(root).ok());
    CHECK(trust.add_crl(craft_crl(root, root_key, {}, 1)).ok());
  }
  std::string why(const Certificate& certificate, KeyUse use = KeyUse::sign, Time at = now_time,
                  const std::vector<Certificate>& others = {}) {
    const auto path = check_path(trust, certificate, others, use, at);
    if (path) return "";
    CHECK(path.error().kind == ErrorKind::refused);
    return path.error().message;
  }
  Certificate with(Plan plan) {
    plan.key = key;
    plan.issuer = &root;
    plan.issuer_key = root_key;
    return craft(plan);
  }
};

TEST(Path, HoldsAndNamesItsCrlAndTimes) {
  const auto path = check_path(trust, alice, {}, KeyUse::sign, now_time);
  CHECK_TEXT(path.ok(), path ? "" : path.error().message.c_str());
  CHECK(path->root == root);
  CHECK(path->crls == std::vector<Digest>{trust.crls()[0].digest()});
  LONGS_EQUAL(now_time - 86400, path->valid_from);
  LONGS_EQUAL(now_time + 7 * 86400 - 1, path->valid_until);
}

TEST(Path, HoldsToTheSecondItSaysAndNoLonger) {
  const Certificate brief = with({.from = now_time - 5, .until = now_time + 5});
  const auto path = check_path(trust, brief, {}, KeyUse::sign, now_time);
  STRCMP_EQUAL("", why(brief, KeyUse::sign, path->valid_from).c_str());
  STRCMP_EQUAL("", why(brief, KeyUse::sign, path->valid_until).c_str());
  STRCMP_CONTAINS("is not valid before 2026-11-22T09:29:55Z",
                  why(brief, KeyUse::sign, path->valid_from - 1).c_str());
  STRCMP_CONTAINS("expired on 2026-11-22T09:30:05Z", why(brief, KeyUse::sign, path->valid_until + 1).c_str());
}

TEST(Path, NonRepudiationMustBeTheSigningKeysSoleUsage) {
  for (const char* usage : {"critical,digitalSignature", "critical,nonRepudiation,digitalSignature", "",
                            "critical,nonRepudiation,keyEncipherment", "critical,keyAgreement"}) {
    STRCMP_CONTAINS("keyUsage lacks nonRepudiation as sole usage", why(with({.key_usage = usage})).c_str());
  }
  STRCMP_CONTAINS("keyUsage lacks digitalSignature as sole usage", why(alice, KeyUse::login).c_str());
  STRCMP_EQUAL("", why(with({.key_usage = "critical,digitalSignature"}), KeyUse::login).c_str());
}

TEST(Path, AnAuthoritysKeySignsNoStatement) {
  STRCMP_CONTAINS("is an authority's", why(root).c_str());
  const Certificate both =
      with({.key_usage = "critical,nonRepudiation", .basic_constraints = "critical,CA:TRUE"});
  CHECK(!why(both).empty());
}

TEST(Path, RevocationTakesEffectWithTheNextCrl) {
  STRCMP_EQUAL("", why(alice).c_str());
  const Digest before = trust.version();
  CHECK(trust.add_crl(craft_crl(root, root_key, {alice}, 2)).ok());
  CHECK(trust.version() != before);
  STRCMP_EQUAL("certificate of \"CN=Alice Martin, serialNumber=alice\" is revoked: enrol a new token",
               why(alice).c_str());
}

TEST(Path, AnOlderCrlBringsNobodyBack) {
  CHECK(trust.add_crl(craft_crl(root, root_key, {alice}, 3)).ok());
  const Digest before = trust.version();
  CHECK(trust.add_crl(craft_crl(root, root_key, {}, 2)).ok());
  CHECK(trust.version() == before);
  STRCMP_CONTAINS("is revoked", why(alice).c_str());
}

TEST(Path, CrlsMustBeThereAndFresh) {
  STRCMP_CONTAINS("is past its next update of 2026-11-29T09:30:00Z",
                  why(alice, KeyUse::sign, now_time + 8 * 86400).c_str());
  STRCMP_CONTAINS("is not valid yet", why(alice, KeyUse::sign, now_time - 2 * 86400).c_str());
  TrustStore bare;
  CHECK(bare.add_authority(root).ok());
  const auto path = check_path(bare, alice, {}, KeyUse::sign, now_time);
  STRCMP_CONTAINS("no CRL of \"CN=Root\" is known", path.error().message.c_str());
}

TEST(Path, OnlyAConfiguredAuthoritysCrlIsTaken) {
  const Key other_key = craft_key("P-256");
  const Certificate other = craft(
      {.name = "Other", .person = "", .key = other_key, .key_usage = ca_usage, .basic_constraints = ca});
  STRCMP_CONTAINS("no configured authority signed it",
                  trust.add_crl(craft_crl(other, other_key, {}, 9)).error().message.c_str());
  const Certificate imitation =
      craft({.name = "Root", .person = "", .key = other_key, .key_usage = ca_usage, .basic_constraints = ca});
  CHECK_FALSE(trust.add_crl(craft_crl(imitation, other_key, {}, 9)).ok());
}

TEST(Path, NoPathWithoutAConfiguredAuthority) {
  const Key other_key = craft_key("P-256");
  const Certificate other = craft(
      {.name = "Other", .person = "", .key = other_key, .key_usage = ca_usage, .basic_constraints = ca});
  const Certificate stranger = craft({.key = key, .issuer = &other, .issuer_key = other_key});
  STRCMP_CONTAINS("has no path to a configured authority", why(stranger).c_str());
  STRCMP_CONTAINS("has no path to a configured authority",
                  why(stranger, KeyUse::sign, now_time, {other}).c_str());
  STRCMP_CONTAINS("has no path to a configured authority", why(craft({.key = key})).c_str());
  const Certificate imitation =
      craft({.name = "Root", .person = "", .key = other_key, .key_usage = ca_usage, .basic_constraints = ca});
  CHECK(!why(craft({.key = key, .issuer = &imitation, .issuer_key = other_key})).empty());
}

TEST(Path, APersonCannotIssueForAnother) {
  const Certificate forged =
      craft({.name = "Bob", .key = craft_key("P-256"), .issuer = &alice, .issuer_key = key});
  CHECK(!why(forged, KeyUse::sign, now_time, {alice}).empty());
}

TEST(Path, GoesThroughAnIntermediateAndChecksItToo) {
  const Key middle_key = craft_key("P-256");
  const Certificate middle = craft({.name = "Middle",
                                    .person = "",
                                    .key = middle_key,
                                    .issuer = &root,
                                    .issuer_key = root_key,
                                    .key_usage = ca_usage,
                                    .basic_constraints = "critical,CA:TRUE,pathlen:0"});
  const Certificate carol =
      craft({.name = "Carol", .person = "carol", .key = key, .issuer = &middle, .issuer_key = middle_key});
  STRCMP_CONTAINS("no CRL of \"CN=Middle\" is known", why(carol, KeyUse::sign, now_time, {middle}).c_str());
  CHECK(trust.add_authority(middle).ok());
  CHECK(trust.add_crl(craft_crl(middle, middle_key, {}, 1)).ok());
  STRCMP_EQUAL("", why(carol).c_str());
  CHECK(trust.add_crl(craft_crl(middle, middle_key, {carol}, 2)).ok());
  STRCMP_CONTAINS("is revoked", why(carol).c_str());
}

TEST(Path, OnlyAuthoritiesAreTrusted) {
  CHECK_FALSE(TrustStore().add_authority(alice).ok());
  CHECK_FALSE(TrustStore().add_authority(with({.key_usage = ca_usage})).ok());
}

TEST(Path, ACopyOfATrustStoreGoesItsOwnWay) {
  TrustStore copy = trust;
  CHECK(copy.add_crl(craft_crl(root, root_key, {alice}, 2)).ok());
  STRCMP_EQUAL("", why(alice).c_str());
  CHECK_FALSE(check_path(copy, alice, {}, KeyUse::sign, now_time).ok());
}

TEST(Path, WeakKeysHaveNoPath) {
  const Certificate weak = craft({.key = craft_key("RSA-1024"), .issuer = &root, .issuer_key = root_key});
  CHECK(!why(weak).empty());
}

TEST(Path, AnAuthorityThatItsOwnIssuerRevokedIsTrustedNoMore) {
  const Key middle_key = craft_key("P-256");
  const Certificate middle = craft({.name = "Middle",
                                    .person = "",
                                    .key = middle_key,
                                    .issuer = &root,
                                    .issuer_key = root_key,
                                    .key_usage = ca_usage,
                                    .basic_constraints = "critical,CA:TRUE,pathlen:0"});
  const Certificate carol = craft({.name = "Carol", .key = key, .issuer = &middle, .issuer_key = middle_key});
  CHECK(trust.add_authority(middle).ok());
  CHECK(trust.add_crl(craft_crl(middle, middle_key, {}, 1)).ok());
  STRCMP_EQUAL("", why(carol).c_str());
  CHECK(trust.add_crl(craft_crl(root, root_key, {middle}, 2)).ok());
  STRCMP_CONTAINS("certificate of \"CN=Middle\" is revoked", why(carol).c_str());
}
