// What each type of key does: RSA-2048, RSA-3072 and P-384, judged by OpenSSL.
#include "rsa_key.h"

#include <CppUTest/TestHarness.h>

using namespace sceau::firmware;        // NOLINT
using namespace sceau::firmware::test;  // NOLINT

namespace {

// 00 01 FF … FF 00 and a tail: any block below the modulus does.
Bytes padded_block(std::size_t size) {
  Bytes block(size, 0xFF);
  block[0] = 0;
  block[1] = 1;
  for (std::size_t i = size - 52; i < size; ++i) block[i] = static_cast<std::uint8_t>(i);
  return block;
}

const char* attested_key(Card& card, const std::string& slot, const Bytes& made) {
  const Answer attested = card.send("00F9" + slot + "00 00 0000");
  const Certificate leaf = attested.word == 0x9000 ? read_certificate(attested.data) : nullptr;
  if (leaf == nullptr) return "no certificate";
  return EVP_PKEY_eq(X509_get0_pubkey(leaf.get()), public_key(made).get()) == 1 ? "the key" : "another key";
}

}  // namespace

TEST_GROUP(RsaKeys){};

TEST(RsaKeys, AreGeneratedAndSignInShortAndExtendedCommands) {
  Card card;
  card.authenticate();
  const Bytes made = card.generate("9E", "", "07");
  CHECK_EQUAL(256U, made.size());
  CHECK(made == card.public_key_of("9E"));
  const OpenSslKey key = public_key(made);
  const Bytes block = padded_block(256);
  const Answer extended = card.use("07", "9E", block);
  CHECK_EQUAL(0x9000U, extended.word);
  const Answer chained = card.chained("0087079E", Card::use_template(0x81, block));
  CHECK_EQUAL(0x9000U, chained.word);
  CHECK(extended.data == chained.data);
  CHECK(raw_public(key.get(), Card::output_of(extended)) == block);
}

TEST(RsaKeys, DecipherWhatOpenSslEnciphered) {
  Card card;
  card.authenticate();
  const OpenSslKey key = public_key(card.generate("9D", "", "07"));
  const std::unique_ptr<EVP_PKEY_CTX, Freer<EVP_PKEY_CTX_free>> context(EVP_PKEY_CTX_new(key.get(), nullptr));
  EVP_PKEY_encrypt_init(context.get());
  EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING);
  const Bytes message = hex("00112233445566778899");
  Bytes enciphered(256);
  std::size_t size = enciphered.size();
  CHECK_EQUAL(1, EVP_PKEY_encrypt(context.get(), enciphered.data(), &size, message.data(), message.size()));
  CHECK_EQUAL(0x6982U, card.use("07", "9D", enciphered).word);
  card.verify("123456");
  const Bytes plain = Card::output_of(card.use("07", "9D", enciphered));
  CHECK_EQUAL(256U, plain.size());
  CHECK(Bytes(plain.end() - 11, plain.end()) == hex("00") + message);
}

TEST(RsaKeys, Of3072BitsWorkLikewise) {
  Card card;
  card.authenticate();
  const Bytes made = card.generate("9E", "", "05");
  CHECK_EQUAL(384U, made.size());
  const Bytes block = padded_block(384);
  const Bytes signature = Card::output_of(card.use("05", "9E", block));
  CHECK(raw_public(public_key(made).get(), signature) == block);
  STRCMP_EQUAL("the key", attested_key(card, "9E", made));
}

TEST(RsaKeys, TakeBlocksOfTheModulusSizeBelowItOnly) {
  Card card;
  card.authenticate();
  const Bytes modulus = card.generate("9E", "AB 01 02", "07");
  Bytes above = modulus;
  above.back() = static_cast<std::uint8_t>(above.back() + 1);  // a modulus is odd: no carry from FE
  Bytes below = modulus;
  below.back() = static_cast<std::uint8_t>(below.back() - 1);
  for (const Bytes& wrong : {modulus, above, Bytes(256, 0xFF), padded_block(255), Bytes(1, 1), Bytes(32, 1),
                             Bytes(1, 0) + padded_block(256), padded_block(384)}) {
    CHECK_EQUAL(0x6A80U, card.use("07", "9E", wrong).word);
    CHECK_EQUAL(0x6A80U, card.chained("0087079E", Card::use_template(0x81, wrong)).word);
  }
  CHECK_EQUAL(0x6A80U, card.use("07", "9E", padded_block(256), 0x85).word);
  CHECK_EQUAL(0, card.board().touches_asked);  // nobody is asked for what cannot be done
  CHECK_EQUAL(0x6A86U, card.use("11", "9E", Bytes(32, 1)).word);
  CHECK_EQUAL(0x6A86U, card.use("05", "9E", padded_block(384)).word);
  CHECK_EQUAL(0x9000U, card.use("07", "9E", below).word);
  CHECK_EQUAL(0x9000U, card.use("07", "9E", Bytes(256, 0)).word);
  STRCMP_EQUAL("Touch to sign or decipher", card.board().shown.at(0).c_str());
}

TEST(RsaKeys, ObeyTheirPinPolicies) {
  Card card;
  card.authenticate();
  const Bytes block = padded_block(256);
  card.generate("9C", "", "07");
  CHECK_EQUAL(0x6982U, card.use("07", "9C", block).word);
  card.verify("123456");
  CHECK_EQUAL(0x6A80U, card.use("07", "9C", Bytes(256, 0xFF)).word);  // refused, but the PIN is not spent
  CHECK_EQUAL(0x9000U, card.use("07", "9C", block).word);
  CHECK_EQUAL(0x6982U, card.use("07", "9C", block).word);
}

TEST(RsaKeys, TellTheirMetadataAndAreAttested) {
  Card card;
  card.authenticate();
  const Bytes made = card.generate("82", "AA 01 01 AB 01 03", "07");
  const Answer metadata = card.metadata("82");
  CHECK(metadata.data == hex("010107 02020103 030101 0482010981820100") + made + hex("8203010001"));
  STRCMP_EQUAL("the key", attested_key(card, "82", made));
}

TEST(RsaKeys, AreNotMadeWithoutRandomBytes) {
  Card card;
  card.authenticate();
  card.board().random_fails = true;
  CHECK_EQUAL(0x6581U, card.word("0047009A 05 AC03800107 00"));
  card.board().random_fails = false;
  CHECK_EQUAL(0x6A88U, card.metadata("9A").word);
  card.generate("9E", "", "07");
  card.board().random_fails = true;
  CHECK_EQUAL(0x6581U, card.use("07", "9E", padded_block(256)).word);
}

TEST_GROUP(P384Keys){};

TEST(P384Keys, SignInEveryKindOfSlot) {
  Card card;
  card.authenticate();
  const Bytes hash(48, 0x42);
  for (const char* slot : {"9A", "9C", "9D", "9E", "82", "95"}) {
    const Bytes made = card.generate(slot, "", "14");
    CHECK_EQUAL(97U, made.size());
    card.verify("123456");
    const Bytes signature = Card::output_of(card.use("14", slot, hash));
    CHECK(verifies(public_key(made).get(), hash, signature));
    CHECK_FALSE(verifies(public_key(made).get(), Bytes(48, 0x43), signature));
    STRCMP_EQUAL("the key", attested_key(card, slot, made));
  }
}

TEST(P384Keys, SignShorterHashesAndNoLongerOnes) {
  Card card;
  card.authenticate();
  const OpenSslKey key = public_key(card.generate("9E", "", "14"));
  const Bytes hash(32, 0x99);
  CHECK(verifies(key.get(), hash, Card::output_of(card.use("14", "9E", hash))));
  CHECK_EQUAL(0x6A80U, card.use("14", "9E", Bytes(49, 1)).word);
  CHECK_EQUAL(0x6A80U, card.use("14", "9E", Bytes(64, 1)).word);
  CHECK_EQUAL(0x6A86U, card.use("11", "9E", hash).word);
}

TEST(P384Keys, AgreeWithOpenSsl) {
  Card card;
  card.authenticate();
  const OpenSslKey theirs = public_key(card.generate("9D", "", "14"));
  const OpenSslKey ours(EVP_EC_gen("P-384"));
  Bytes point(97);
  std::size_t size = 0;
  EVP_PKEY_get_octet_string_param(ours.get(), "pub", point.data(), point.size(), &size);
  const std::unique_ptr<EVP_PKEY_CTX, Freer<EVP_PKEY_CTX_free>> context(
      EVP_PKEY_CTX_new(ours.get(), nullptr));
  EVP_PKEY_derive_init(context.get());
  EVP_PKEY_derive_set_peer(context.get(), theirs.get());
  Bytes secret(48);
  size = secret.size();
  EVP_PKEY_derive(context.get(), secret.data(), &size);
  card.verify("123456");
  CHECK(Card::output_of(card.use("14", "9D", point, 0x85)) == secret);
  Bytes off = point;
  off[96] ^= 1;
  Bytes compressed(point.begin(), point.begin() + 49);
  compressed[0] = static_cast<std::uint8_t>(2 + (point[96] & 1));
  for (const Bytes& wrong :
       {off, compressed, Bytes(97, 0), Bytes(1, 4) + Bytes(96, 0xFF), Bytes(1, 0), Bytes(65, 4)}) {
    CHECK_EQUAL(0x6A80U, card.use("14", "9D", wrong, 0x85).word);
  }
}
