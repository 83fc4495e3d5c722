#include "sceau/evidence/verifier.h"

#include <atomic>
#include <thread>

#include "forge.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

using namespace sceau;
using namespace sceau::evidence;
using namespace sceau::test;

TEST_GROUP(Verifying) {
  Key root_key = craft_key("P-256");
  Key key = craft_key("P-256");
  pki::Certificate root = craft({.name = "Root",
                                 .person = "",
                                 .key = root_key,
                                 .key_usage = "critical,keyCertSign,cRLSign",
                                 .basic_constraints = "critical,CA:TRUE"});
  pki::Certificate alice = craft({.key = key, .issuer = &root, .issuer_key = root_key});
  pki::TrustStore trust;
  Verifier verifier;
  Digest statement = sha256(as_bytes("statement"));

  void setup() override {
    CHECK(trust.add_authority(root).ok());
    CHECK(trust.add_crl(craft_crl(root, root_key, {}, 1)).ok());
  }
  Signature signed_by(const pki::Certificate& certificate, const Digest& digest) {
    const Bytes attributes = signed_attributes(digest, certificate, now_time);
    return {"alice", "cades", *assemble_cades(certificate, {}, attributes, *signer_of(key)(attributes))};
  }
  std::string why(const Signature& signature, pki::KeyUse use = pki::KeyUse::sign, Time at = now_time) {
    const auto verified = verifier.verify(signature, statement, trust, use, at);
    return verified ? "" : verified.error().message;
  }
};

TEST(Verifying, TellsWhoSignedWhenAndByWhichCrl) {
  const auto verified =
      verifier.verify(signed_by(alice, statement), statement, trust, pki::KeyUse::sign, now_time);
  CHECK_TEXT(verified.ok(), verified ? "" : verified.error().message.c_str());
  CHECK(verified->certificate == alice);
  LONGS_EQUAL(now_time, verified->signing_time);
  CHECK(verified->path.root == root);
  CHECK(verified->path.crls == std::vector<Digest>{trust.crls()[0].digest()});
}

TEST(Verifying, ARevocationTakesEffectAtOnceEvenWhenThePathIsRemembered) {
  const Signature signature = signed_by(alice, statement);
  STRCMP_EQUAL("", why(signature).c_str());
  STRCMP_EQUAL("", why(signature).c_str());
  CHECK(trust.add_crl(craft_crl(root, root_key, {alice}, 2)).ok());
  STRCMP_CONTAINS("is revoked", why(signature).c_str());
  STRCMP_CONTAINS("is revoked", why(signature).c_str());
}

TEST(Verifying, ARememberedPathEndsWithItsCrlAndItsCertificate) {
  const Signature signature = signed_by(alice, statement);
  STRCMP_EQUAL("", why(signature).c_str());
  STRCMP_CONTAINS("past its next update", why(signature, pki::KeyUse::sign, now_time + 7 * 86400).c_str());
  STRCMP_CONTAINS("not valid yet", why(signature, pki::KeyUse::sign, now_time - 2 * 86400).c_str());
  STRCMP_EQUAL("", why(signature).c_str());
}

TEST(Verifying, ARememberedPathServesOneUseOnly) {
  const pki::Certificate login =
      craft({.key = key, .issuer = &root, .issuer_key = root_key, .key_usage = "critical,digitalSignature"});
  STRCMP_EQUAL("", why(signed_by(login, statement), pki::KeyUse::login).c_str());
  STRCMP_CONTAINS("keyUsage lacks nonRepudiation",
                  why(signed_by(login, statement), pki::KeyUse::sign).c_str());
  STRCMP_EQUAL("", why(signed_by(alice, statement), pki::KeyUse::sign).c_str());
  STRCMP_CONTAINS("keyUsage lacks digitalSignature",
                  why(signed_by(alice, statement), pki::KeyUse::login).c_str());
}

TEST(Verifying, ARememberedPathServesOneTrustStoreOnly) {
  const Signature signature = signed_by(alice, statement);
  STRCMP_EQUAL("", why(signature).c_str());
  const pki::TrustStore nobody;
  CHECK_FALSE(verifier.verify(signature, statement, nobody, pki::KeyUse::sign, now_time).ok());
}

TEST(Verifying, AnotherStatementsSignatureIsNotThisOnes) {
  STRCMP_CONTAINS("over another statement", why(signed_by(alice, sha256(as_bytes("other")))).c_str());
}

TEST(Verifying, EveryFlippedBitOfAKnownSignersFileIsNoticed) {
  const Signature good = signed_by(alice, statement);
  STRCMP_EQUAL("", why(good).c_str());
  for (std::size_t i = 0; i < good.bytes.size(); ++i) {
    Signature changed = good;
    changed.bytes[i] ^= 0x01;
    CHECK_FALSE_TEXT(why(changed).empty(), std::to_string(i).c_str());
  }
}

TEST(Verifying, KindsWithoutACertificateAreRefused) {
  Signature signature = signed_by(alice, statement);
  signature.kind = "webauthn";
  STRCMP_CONTAINS("kind \"webauthn\" has no certificate", why(signature).c_str());
}

TEST(Verifying, TheSignatureAloneCanBeCheckedWithoutTrust) {
  CHECK(*verifier.verify_signature_only(signed_by(alice, statement), statement) == alice);
  Signature changed = signed_by(alice, statement);
  changed.bytes.back() ^= 1;
  CHECK_FALSE(verifier.verify_signature_only(changed, statement).ok());
}

TEST(Verifying, APinnedGateNeedsNoPath) {
  SystemRandom random;
  const auto gate_key = *pki::SoftwareKey::generate();
  const auto gate = *pki::self_signed_gate(gate_key, "gate-1", {begin_time, end_time}, random);
  const Bytes attributes = signed_attributes(statement, gate, now_time);
  const Signature signature{"gate-1", "cades",
                            *assemble_cades(gate, {}, attributes, *gate_key.sign(attributes))};
  CHECK(!why(signature, pki::KeyUse::result).empty());
  trust.add_pinned(gate);
  STRCMP_EQUAL("", why(signature, pki::KeyUse::result).c_str());
}

TEST(Verifying, ManyThreadsShareOneVerifier) {
  const Signature good = signed_by(alice, statement);
  Signature bad = good;
  bad.bytes.back() ^= 1;
  std::atomic<int> wrong{0};
  const auto work = [&] {
    for (int i = 0; i < 50; ++i) {
      wrong += verifier.verify(good, statement, trust, pki::KeyUse::sign, now_time).ok() ? 0 : 1;
      wrong += verifier.verify(bad, statement, trust, pki::KeyUse::sign, now_time).ok() ? 1 : 0;
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(work);
  for (auto& thread : threads) thread.join();
  LONGS_EQUAL(0, wrong.load());
}
