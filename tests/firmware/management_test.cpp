#include <openssl/evp.h>

#include "card.h"
#include "crypto/triple_des.h"

#include <CppUTest/TestHarness.h>

using namespace sceau::firmware;        // NOLINT
using namespace sceau::firmware::test;  // NOLINT

namespace {

Bytes encrypt(const Bytes& block) {
  AesBlock in;
  copy(block, in);
  const AesBlock out = aes_encrypt_block(Card::default_key(), in).value();
  return {out.begin(), out.end()};
}

Bytes ask_challenge(Card& card) {
  const Answer answer = card.send("00870A9B 04 7C028100 00");
  CHECK_EQUAL(0x9000U, answer.word);
  return {answer.data.begin() + 4, answer.data.end()};
}

unsigned respond(Card& card, const Bytes& response) {
  Bytes content{0x82, static_cast<std::uint8_t>(response.size())};
  content = content + response;
  return card.command("00870A9B", Bytes{0x7C, static_cast<std::uint8_t>(content.size())} + content).word;
}

// Whether what needs the management key is done.
bool is_in(Card& card) { return card.word("00DB3FFF 09 5C035FC105 5302AABB") == 0x9000; }

// A host's side of mutual authentication, by OpenSSL.
Bytes decrypt(const Bytes& block) {
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  const Bytes key = Card::default_key();
  EVP_DecryptInit_ex(context, EVP_aes_192_ecb(), nullptr, key.data(), nullptr);
  EVP_CIPHER_CTX_set_padding(context, 0);
  Bytes plain(32);
  int size = 0;
  EVP_DecryptUpdate(context, plain.data(), &size, block.data(), static_cast<int>(block.size()));
  EVP_CIPHER_CTX_free(context);
  plain.resize(16);
  return plain;
}

}  // namespace

TEST_GROUP(ManagementAuthentication){};

TEST(ManagementAuthentication, OpensWithTheRightResponseOnly) {
  Card card;
  CHECK_FALSE(is_in(card));
  CHECK_EQUAL(0x9000U, respond(card, encrypt(ask_challenge(card))));
  CHECK(is_in(card));
}

TEST(ManagementAuthentication, ChallengeIsUsedOnce) {
  Card card;
  const Bytes response = encrypt(ask_challenge(card));
  CHECK_EQUAL(0x9000U, respond(card, response));
  card.token().reset();
  CHECK_EQUAL(0x6982U, respond(card, response));
  CHECK_FALSE(is_in(card));
  const Bytes challenge = ask_challenge(card);
  Bytes wrong = encrypt(challenge);
  wrong[15] ^= 1;
  CHECK_EQUAL(0x6982U, respond(card, wrong));
  CHECK_EQUAL(0x6982U, respond(card, encrypt(challenge)));
  CHECK_FALSE(is_in(card));
}

TEST(ManagementAuthentication, ChallengesAreFresh) {
  Card card;
  const Bytes first = ask_challenge(card);
  const Bytes second = ask_challenge(card);
  CHECK(first != second);
  CHECK_EQUAL(0x6982U, respond(card, encrypt(first)));
}

TEST(ManagementAuthentication, ChallengeIsDroppedAtSelectAndReset) {
  Card card;
  Bytes response = encrypt(ask_challenge(card));
  CHECK_EQUAL(0x9000U, card.word("00A40400 05 A000000308 00"));
  CHECK_EQUAL(0x6982U, respond(card, response));
  response = encrypt(ask_challenge(card));
  card.token().reset();
  CHECK_EQUAL(0x6982U, respond(card, response));
  CHECK_FALSE(is_in(card));
}

TEST(ManagementAuthentication, MutualNeedsTheWitness) {
  Card card;
  const Answer asked = card.send("00870A9B 04 7C028000 00");
  CHECK_EQUAL(0x9000U, asked.word);
  CHECK_EQUAL(0x80, asked.data[2]);
  const Bytes witness = decrypt({asked.data.begin() + 4, asked.data.end()});
  const Bytes challenge(16, 0x3C);
  const Answer answer =
      card.command("00870A9B", hex("7C26 8010") + witness + hex("8110") + challenge + hex("8200"));
  CHECK_EQUAL(0x9000U, answer.word);
  CHECK(answer.data == hex("7C12 8210") + encrypt(challenge));
  CHECK(is_in(card));
}

// CVE-2025-25201: a PIV application that took an answer it had not asked for, or an empty one, as right.
TEST(ManagementAuthentication, Cve2025_25201_NothingOpensWithoutTheAnswerThatWasAskedFor) {
  const Bytes zeros(16, 0);
  const std::vector<std::string> questions{"", "00870A9B 04 7C028000 00", "00870A9B 04 7C028100 00"};
  const std::vector<Bytes> answers{
      hex("7C02 8200"),
      hex("7C00"),
      hex("7C04 8000 8100"),
      hex("7C04 8000 8200"),
      hex("7C12 8210") + zeros,
      hex("7C12 8210") + encrypt(zeros),
      hex("7C24 8010") + zeros + hex("8110") + zeros,
      hex("7C14 8000 8110") + zeros,
      hex("7C12 8110") + zeros,
      hex("7C14 8110") + zeros + hex("8200"),
      hex("7C12 8010") + zeros,
      hex("7C03 8201") + hex("00"),
      hex("7C14 8010") + zeros + hex("8200"),
      hex("7C26 8010") + zeros + hex("8210") + zeros,
      hex("7C24 8210") + zeros + hex("8210") + zeros,
      hex("7C24 8210") + encrypt(zeros) + hex("8110") + zeros,
      hex("7C24 8210") + encrypt(zeros) + hex("8010") + zeros,
      {},
      hex("7C"),
      hex("8210") + zeros,
  };
  for (const std::string& question : questions) {
    for (const Bytes& answer : answers) {
      Card card;
      if (!question.empty()) card.send(question);
      card.command("00870A9B", answer);
      CHECK_FALSE(is_in(card));
    }
  }
}

TEST(ManagementAuthentication, WitnessAndChallengeDoNotStandInForEachOther) {
  Card card;
  const Answer asked = card.send("00870A9B 04 7C028000 00");
  const Bytes witness = decrypt({asked.data.begin() + 4, asked.data.end()});
  CHECK_EQUAL(0x6982U, respond(card, encrypt(witness)));
  const Bytes challenge = ask_challenge(card);
  CHECK_EQUAL(0x6982U,
              card.command("00870A9B", hex("7C24 8010") + challenge + hex("8110") + Bytes(16, 1)).word);
  CHECK_FALSE(is_in(card));
}

TEST(ManagementAuthentication, KeyEncryptsNothingForStrangers) {
  Card card;
  for (const char* apdu : {"00870A9B 14 7C128110 000102030405060708090A0B0C0D0E0F 00",
                           "00870A9B 16 7C148110 000102030405060708090A0B0C0D0E0F 8200 00"}) {
    const Answer answer = card.send(apdu);
    CHECK(answer.word != 0x9000);
    CHECK(answer.data.empty());
  }
}

TEST(ManagementAuthentication, FailureTakesTheStatusAway) {
  Card card;
  CHECK_EQUAL(0x9000U, card.authenticate());
  CHECK(is_in(card));
  CHECK_EQUAL(0x6982U, respond(card, Bytes(16, 0)));
  CHECK_FALSE(is_in(card));
}

TEST(ManagementAuthentication, WantsTheKeysOwnAlgorithm) {
  Card card;
  for (const char* algorithm : {"08", "0C", "11", "07"}) {
    CHECK_EQUAL(0x6A86U, card.word(std::string("0087") + algorithm + "9B 04 7C028100 00"));
  }
}

// Old tools know triple DES only. The default key is public, so a fresh card takes it in either way.
TEST(ManagementAuthentication, TakesTripleDesForTheDefaultKeyAndForKeysSetAsSuch) {
  const auto encrypt_with = [](const Bytes& key, const Bytes& block) {
    Bytes encrypted(8);
    CHECK(triple_des_encrypt_block(key, block, encrypted) == Status::kOk);
    return encrypted;
  };
  const auto authenticate = [&](Card& card, const Bytes& key) {
    const Answer asked = card.send("0087039B 04 7C028100 00");
    if (asked.word != 0x9000) return asked.word;
    CHECK_EQUAL(12U, asked.data.size());
    const Bytes response = encrypt_with(key, {asked.data.begin() + 4, asked.data.end()});
    return card.command("0087039B", hex("7C0A 8208") + response).word;
  };
  Card card;
  CHECK_EQUAL(0x6982U, authenticate(card, Bytes(24, 9)));
  CHECK_EQUAL(0x9000U, authenticate(card, Card::default_key()));
  CHECK_EQUAL(0x9000U, card.command("00FFFFFF",
                                    hex("03 9B 18") + hex("0123456789ABCDEF1122334455667788A1B2C3D4E5F60718"))
                           .word);
  CHECK_EQUAL(0x6A86U, card.authenticate());
  CHECK_EQUAL(0x9000U, authenticate(card, hex("0123456789ABCDEF1122334455667788A1B2C3D4E5F60718")));
  CHECK_EQUAL(0x9000U, card.command("00FFFFFF", hex("0A 9B 18") + Bytes(24, 5)).word);
  CHECK_EQUAL(0x6A86U, authenticate(card, Bytes(24, 5)));
}

TEST(ManagementAuthentication, QuestionAndAnswerComeWithOneAlgorithm) {
  Card card;
  const Answer asked = card.send("0087039B 04 7C028100 00");
  const Bytes challenge(asked.data.begin() + 4, asked.data.end());
  CHECK_EQUAL(0x6982U, respond(card, encrypt(challenge + Bytes(8, 0))));
  ask_challenge(card);
  CHECK_EQUAL(0x6982U, card.command("0087039B", hex("7C0A 8208") + Bytes(8, 0)).word);
  CHECK_FALSE(is_in(card));
}

TEST(ManagementAuthentication, SetsKeysOfAllSizes) {
  Card card;
  CHECK_EQUAL(0x6982U, card.word("00FFFFFF 13 089B10 000102030405060708090A0B0C0D0E0F"));
  Bytes key = Card::default_key();
  std::uint8_t algorithm = 0x0A;
  for (const auto& [next, size] : {std::pair<std::uint8_t, std::size_t>{0x08, 16}, {0x0C, 32}, {0x0A, 24}}) {
    CHECK_EQUAL(0x9000U, card.authenticate(key, algorithm));
    key = Bytes(size, next);
    algorithm = next;
    CHECK_EQUAL(0x9000U,
                card.command("00FFFFFF", Bytes{next, 0x9B, static_cast<std::uint8_t>(size)} + key).word);
    card.insert();
    CHECK_EQUAL(0x6982U, card.authenticate(Bytes(size, 0), algorithm));
  }
  CHECK_EQUAL(0x9000U, card.authenticate(key, algorithm));
  CHECK_EQUAL(0x6A80U, card.command("00FFFFFF", hex("07 9B 18") + Bytes(24, 1)).word);
  CHECK_EQUAL(0x6A80U, card.command("00FFFFFF", hex("0A 9B 10") + Bytes(16, 1)).word);
  CHECK_EQUAL(0x6A80U, card.command("00FFFFFF", hex("0A 9A 18") + Bytes(24, 1)).word);
  CHECK_EQUAL(0x6A86U, card.command("00FFFFFD", hex("0A 9B 18") + Bytes(24, 1)).word);
  CHECK(card.send("00F7009B00").data == hex("01010A 02020001 050100"));
}

TEST(ManagementAuthentication, AsksForATouchWhereTheKeyWantsOne) {
  Card card;
  CHECK_EQUAL(0x9000U, card.authenticate());
  CHECK_EQUAL(0x9000U, card.command("00FFFFFE", hex("0A 9B 18") + Card::default_key()).word);
  card.insert();
  card.board().touch = Touch::kDenied;
  CHECK_EQUAL(0x6982U, card.authenticate());
  CHECK_FALSE(is_in(card));
  card.board().touch = Touch::kTouched;
  CHECK_EQUAL(0x9000U, card.authenticate());
}

TEST_GROUP(RandomBytes){};

TEST(RandomBytes, ComeByGetChallengeAsManyAsAsked) {
  Card card;
  const Answer first = card.send("0084000010");
  const Answer second = card.send("0084000010");
  CHECK_EQUAL(0x9000U, first.word);
  CHECK_EQUAL(16U, first.data.size());
  CHECK(first.data != second.data);
  CHECK_EQUAL(1U, card.send("0084000001").data.size());
  CHECK_EQUAL(256U, card.send("0084000000").data.size());
  CHECK_EQUAL(256U, card.send("00840000000100").data.size());
}

TEST(RandomBytes, AreRefusedInOtherForms) {
  Card card;
  CHECK_EQUAL(0x6700U, card.word("00840000"));
  CHECK_EQUAL(0x6700U, card.word("00840000000101"));
  CHECK_EQUAL(0x6700U, card.word("00840000000000"));
  CHECK_EQUAL(0x6700U, card.word("00840000 01 00 10"));
  CHECK_EQUAL(0x6A86U, card.word("0084010010"));
  CHECK_EQUAL(0x6A86U, card.word("0084000110"));
  card.board().random_fails = true;
  const Answer failed = card.send("0084000010");
  CHECK_EQUAL(0x6581U, failed.word);
  CHECK(failed.data.empty());
}

// OpenSC fetches random bytes with an algorithm reference of 00.
TEST(RandomBytes, ComeAsAChallengeForNoKeyThatOpensNothing) {
  Card card;
  const Answer asked = card.send("0087009B 04 7C028100 00");
  CHECK_EQUAL(0x9000U, asked.word);
  CHECK_EQUAL(20U, asked.data.size());
  CHECK(asked.data != card.send("0087009B 04 7C028100 00").data);
  const Answer last = card.send("0087009B 04 7C028100 00");
  const Bytes challenge(last.data.begin() + 4, last.data.end());
  CHECK_EQUAL(0x6982U, respond(card, encrypt(challenge)));
  CHECK_EQUAL(0x6A86U, card.command("0087009B", hex("7C12 8210") + encrypt(challenge)).word);
  CHECK_EQUAL(0x6A86U, card.word("0087009B 04 7C028000 00"));
  CHECK_FALSE(is_in(card));
  // Nor does a challenge asked for before stand after it.
  const Bytes response = encrypt(ask_challenge(card));
  CHECK_EQUAL(0x9000U, card.word("0087009B 04 7C028100 00"));
  CHECK_EQUAL(0x6982U, respond(card, response));
  CHECK_FALSE(is_in(card));
}
