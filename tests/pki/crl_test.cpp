#include "sceau/pki/crl.h"

#include "crafted.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

using namespace sceau;
using namespace sceau::pki;
using namespace sceau::test;

namespace {
const char* const ca = "critical,CA:TRUE,pathlen:0";
const char* const ca_usage = "critical,keyCertSign,cRLSign";
}  // namespace

TEST_GROUP(RevocationList) {
  Key key = craft_key("P-256");
  Certificate authority =
      craft({.name = "Authority", .person = "", .key = key, .key_usage = ca_usage, .basic_constraints = ca});
  Certificate alice = craft({.key = craft_key("P-256"), .issuer = &authority, .issuer_key = key});
  Certificate bob = craft(
      {.name = "Bob", .person = "bob", .key = craft_key("P-256"), .issuer = &authority, .issuer_key = key});
};

TEST(RevocationList, NamesWhomItRevokesAndNobodyElse) {
  const Crl crl = craft_crl(authority, key, {alice}, 7);
  CHECK(crl.is_revoked(alice));
  CHECK_FALSE(crl.is_revoked(bob));
  LONGS_EQUAL(7, crl.number());
  LONGS_EQUAL(now_time - 86400, crl.this_update());
  LONGS_EQUAL(now_time + 7 * 86400, crl.next_update());
  CHECK(crl.issuer() == authority.subject_name());
  CHECK(crl.check_signature(authority).ok());
}

TEST(RevocationList, TheNextOneStartsFromTheLast) {
  auto entries = revoked_in(craft_crl(authority, key, {alice}, 1));
  LONGS_EQUAL(1, entries.size());
  CHECK(entries[0].serial == alice.serial_number());
  CHECK(entries[0].reason == RevocationReason::key_compromise);
  LONGS_EQUAL(now_time - 86400, entries[0].time);
  entries.push_back({bob.serial_number(), now_time, RevocationReason::unspecified});
  const auto next = Crl::from_der(*issue_crl(authority, entries, 2, now_time, now_time + 60, signer_of(key)));
  CHECK(next->is_revoked(alice) && next->is_revoked(bob));
  LONGS_EQUAL(2, revoked_in(*next).size());
}

TEST(RevocationList, ASerialOfAnotherAuthorityIsNotRevoked) {
  const Key other_key = craft_key("P-256");
  const Certificate other =
      craft({.name = "Other", .key = other_key, .key_usage = ca_usage, .basic_constraints = ca});
  CHECK_FALSE(craft_crl(other, other_key, {alice}, 1).is_revoked(alice));
}

TEST(RevocationList, RefusesASignatureByAnotherKey) {
  const Key other = craft_key("P-256");
  CHECK_FALSE(issue_crl(authority, {}, 1, now_time, now_time + 60, signer_of(other)).ok());
  const Crl crl = craft_crl(authority, key, {}, 1);
  const auto status = crl.check_signature(alice);
  CHECK_FALSE(status.ok());
  STRCMP_CONTAINS("did not sign it", status.error().message.c_str());
}

TEST(RevocationList, RefusesDatesInTheWrongOrder) {
  CHECK_FALSE(issue_crl(authority, {}, 1, now_time, now_time, signer_of(key)).ok());
}

TEST(RevocationList, GoesThroughPemAndRefusesTruncation) {
  const Crl crl = craft_crl(authority, key, {alice}, 1);
  CHECK(Crl::from_pem(authority.to_pem() + crl.to_pem())->digest() == crl.digest());
  CHECK_FALSE(Crl::from_pem(authority.to_pem()).ok());
  for (std::size_t length = 0; length < crl.der().size(); ++length) {
    CHECK_FALSE(Crl::from_der(ByteView(crl.der()).first(length)).ok());
  }
}
