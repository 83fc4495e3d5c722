#include "sceau/evidence/cades.h"

#include "forge.h"
#include "sceau/pki/der.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

using namespace sceau;
using namespace sceau::evidence;
using namespace sceau::test;

namespace {
const char* const ca = "critical,CA:TRUE";
const char* const ca_usage = "critical,keyCertSign,cRLSign";
}  // namespace

TEST_GROUP(Cades) {
  Key root_key = craft_key("P-256");
  Key key = craft_key("P-256");
  pki::Certificate root =
      craft({.name = "Root", .person = "", .key = root_key, .key_usage = ca_usage, .basic_constraints = ca});
  pki::Certificate middle = craft({.name = "Middle",
                                   .person = "",
                                   .key = root_key,
                                   .issuer = &root,
                                   .issuer_key = root_key,
                                   .key_usage = ca_usage,
                                   .basic_constraints = ca});
  pki::Certificate alice = craft({.key = key, .issuer = &root, .issuer_key = root_key});
  Digest statement = sha256(as_bytes("statement"));

  Bytes signature_over(const Bytes& attributes) { return *signer_of(key)(attributes); }
};

TEST(Cades, TheAttributesAreADerSetOfTheFour) {
  Forge forge;
  forge.certificate = &alice;
  forge.statement = statement;
  CHECK(signed_attributes(statement, alice, now_time) == forge.fill().set_of_attributes());
}

TEST(Cades, HandMadeAndOpenSslsBytesAreTheSame) {
  Forge forge;
  forge.certificate = &alice;
  forge.statement = statement;
  forge.fill();
  std::sort(forge.attributes.begin(), forge.attributes.end());
  for (const bool chained : {false, true}) {
    const std::vector<pki::Certificate> chain(chained ? 1 : 0, middle);
    const Bytes signature = signature_over(forge.set_of_attributes());
    const auto ours = assemble_cades(alice, chain, forge.set_of_attributes(), signature);
    CHECK_TEXT(ours.ok(), ours ? "" : ours.error().message.c_str());
    CHECK(*ours == openssl_cades(alice, chain, forge.attributes, signature));
  }
}

TEST(Cades, HandMadeAndOpenSslsBytesAreTheSameForRsa) {
  const Key rsa = craft_key("RSA");
  const pki::Certificate with_rsa = craft({.key = rsa, .issuer = &root, .issuer_key = root_key});
  Forge forge;
  forge.certificate = &with_rsa;
  forge.statement = statement;
  forge.fill();
  std::sort(forge.attributes.begin(), forge.attributes.end());
  const Bytes signature = *signer_of(rsa)(forge.set_of_attributes());
  CHECK(*assemble_cades(with_rsa, {}, forge.set_of_attributes(), signature) ==
        openssl_cades(with_rsa, {}, forge.attributes, signature));
}

TEST(Cades, ReadsBackItsParts) {
  const Bytes attributes = signed_attributes(statement, alice, now_time);
  const Bytes signature = signature_over(attributes);
  const std::vector<pki::Certificate> chain{middle};
  const Bytes file = *assemble_cades(alice, chain, attributes, signature);
  const auto view = read_cades(file);
  LONGS_EQUAL(now_time, view->signing_time);
  CHECK(view->message_digest == statement);
  CHECK(view->certificate_digest == alice.digest());
  CHECK(to_bytes(view->certificate) == alice.der());
  LONGS_EQUAL(1, view->chain.size());
  CHECK(to_bytes(view->chain[0]) == middle.der());
  CHECK(to_bytes(view->signature) == signature);
  CHECK(view->algorithm == SignatureAlgorithm::ecdsa_sha256);
  CHECK(view->token_statement.empty());
}

TEST(Cades, SigningTimesChangeTheirFormIn2050) {
  const auto time_of = [&](Time time) {
    const Bytes attributes = signed_attributes(statement, alice, time);
    return read_cades(*assemble_cades(alice, {}, attributes, signature_over(attributes)))->signing_time;
  };
  for (const Time time : {Time{0}, now_time, Time{2524607999}, Time{2524608000}, Time{4102444800}})
    LONGS_EQUAL(time, time_of(time));
}

TEST(Cades, NothingIsAssembledThatTheReaderWouldRefuse) {
  const Bytes attributes = signed_attributes(statement, alice, now_time);
  const Bytes signature = signature_over(attributes);
  CHECK_FALSE(assemble_cades(alice, {}, Bytes{}, signature).ok());
  CHECK_FALSE(assemble_cades(alice, {}, Bytes{0x31, 0x00}, signature).ok());
  CHECK_FALSE(assemble_cades(alice, {}, ByteView(attributes).first(attributes.size() - 1), signature).ok());
  CHECK_FALSE(assemble_cades(alice, {}, attributes, Bytes{}).ok());
  const std::vector<pki::Certificate> twice{alice};
  CHECK_FALSE(assemble_cades(alice, twice, attributes, signature).ok());
}

TEST(Cades, ReadingSurvivesEveryTruncationAndEveryFlippedByte) {
  const Bytes attributes = signed_attributes(statement, alice, now_time);
  const Bytes file = *assemble_cades(alice, {}, attributes, signature_over(attributes));
  for (std::size_t i = 0; i < file.size(); ++i) {
    CHECK_FALSE(read_cades(ByteView(file).first(i)).ok());
    for (const int flip : {0x01, 0x80, 0xFF}) {
      Bytes changed = file;
      changed[i] = static_cast<std::uint8_t>(changed[i] ^ flip);
      const auto view = read_cades(changed);
      CHECK(!view.ok() || view->attributes.size() + view->signature.size() < changed.size());
    }
  }
}

TEST_GROUP_BASE(Merged, TEST_GROUP_CppUTestGroupCades){};

TEST(Merged, TwoSignersAreInOneFile) {
  const Key bobs = craft_key("P-256");
  const pki::Certificate bob =
      craft({.name = "Bob", .person = "bob", .key = bobs, .issuer = &root, .issuer_key = root_key});
  const Bytes of_alice = signed_attributes(statement, alice, now_time);
  const Bytes of_bob = signed_attributes(statement, bob, now_time);
  const Bytes files[] = {*assemble_cades(alice, {}, of_alice, signature_over(of_alice)),
                         *assemble_cades(bob, {}, of_bob, *signer_of(bobs)(of_bob))};
  const auto merged = merge_cades(files);
  CHECK_TEXT(merged.ok(), merged ? "" : merged.error().message.c_str());
  LONGS_EQUAL(2, read_signers(*merged)->size());
  STRCMP_CONTAINS("2 signers where one is meant", read_cades(*merged).error().message.c_str());
  pki::TrustStore trust;
  CHECK(trust.add_authority(root).ok());
  CHECK(trust.add_crl(craft_crl(root, root_key, {}, 1)).ok());
  STRCMP_EQUAL("", openssl_verdict(*merged, as_bytes("statement"), trust, now_time).c_str());
  CHECK(!openssl_verdict(*merged, as_bytes("statemenT"), trust, now_time).empty());
}

TEST(Merged, OnlySignaturesOverOneStatementGoTogether) {
  const Bytes one = signed_attributes(statement, alice, now_time);
  const Bytes two = signed_attributes(sha256(as_bytes("other")), alice, now_time);
  const Bytes files[] = {*assemble_cades(alice, {}, one, signature_over(one)),
                         *assemble_cades(alice, {}, two, signature_over(two))};
  STRCMP_CONTAINS("different statements", merge_cades(files).error().message.c_str());
  CHECK_FALSE(merge_cades({}).ok());
}
