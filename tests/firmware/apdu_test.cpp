#include <random>

#include "card.h"

#include <CppUTest/TestHarness.h>

using namespace sceau::firmware;        // NOLINT
using namespace sceau::firmware::test;  // NOLINT

TEST_GROUP(Apdu){};

TEST(Apdu, ReadsTheFourCasesShortAndExtended) {
  const auto parse = [](const Bytes& bytes) { return parse_command(bytes); };
  const Bytes case1 = hex("00A40400");
  CHECK(parse(case1).ok());
  CHECK_FALSE(parse(case1).value().expects);
  const Bytes case2 = hex("00CB3FFF00");
  CHECK_EQUAL(256U, parse(case2).value().expected);
  const Bytes case3 = hex("00CB3FFF02AABB");
  CHECK_EQUAL(2U, parse(case3).value().data.size());
  CHECK_FALSE(parse(case3).value().expects);
  const Bytes case4 = hex("00CB3FFF02AABB10");
  CHECK_EQUAL(16U, parse(case4).value().expected);
  const Bytes extended2 = hex("00CB3FFF000000");
  CHECK_EQUAL(65536U, parse(extended2).value().expected);
  const Bytes extended3 = hex("00CB3FFF000002AABB");
  CHECK_EQUAL(2U, parse(extended3).value().data.size());
  const Bytes extended4 = hex("00CB3FFF000002AABB0100");
  CHECK_EQUAL(256U, parse(extended4).value().expected);
  CHECK(parse(extended4).value().extended);
}

TEST(Apdu, RefusesLengthsThatDoNotAddUp) {
  for (const char* text :
       {"", "00", "00A404", "00CB3FFF02AA", "00CB3FFF02AABBCCDD", "00CB3FFF0000", "00CB3FFF000002AA",
        "00CB3FFF000002AABBCC", "00CB3FFF000002AABBCCDDEE", "00CB3FFF000000AA", "00CB3FFF00000000AA"}) {
    const Bytes bytes = hex(text);
    CHECK_TEXT(!parse_command(bytes).ok(), text);
    Card card;
    CHECK_EQUAL(0x6700U, card.send(bytes).word);
  }
}

TEST(Apdu, SelectsByWholeAndRightTruncatedAid) {
  Card card;
  for (const char* aid : {"0B A000000308000010000100", "09 A00000030800001000", "05 A000000308"}) {
    const Answer answer = card.send(std::string("00A40400") + aid + "00");
    CHECK_EQUAL(0x9000U, answer.word);
    CHECK_EQUAL(0x61, answer.data[0]);
  }
  CHECK_EQUAL(0x6A82U, card.word("00A40400 0B A000000308000010000200 00"));
  CHECK_EQUAL(0x6A82U, card.word("00A40400 0C A00000030800001000010000 00"));
  CHECK_EQUAL(0x6A82U, card.word("00A40400 04 A0000003 00"));
  CHECK_EQUAL(0x6A82U, card.word("00A40400 08 A000000527471117 00"));
  CHECK_EQUAL(0x6A86U, card.word("00A40000 02 3F00"));
  const Answer silent = card.send("00A4040C 05 A000000308");
  CHECK_EQUAL(0x9000U, silent.word);
  CHECK(silent.data.empty());
  // The application selected before is still there.
  CHECK_EQUAL(0x9000U, card.word("00FD000000"));
}

TEST(Apdu, RefusesClassesItDoesNotKnow) {
  Card card;
  CHECK_EQUAL(0x6E00U, card.word("80FD000000"));
  CHECK_EQUAL(0x6881U, card.word("01FD000000"));
  CHECK_EQUAL(0x6882U, card.word("0CFD000000"));
  CHECK_EQUAL(0x6D00U, card.word("00EE000000"));
}

TEST(Apdu, FetchesALongAnswerInPieces) {
  Card card;
  CHECK_EQUAL(0x9000U, card.authenticate());
  const Bytes value(700, 0xC7);
  CHECK_EQUAL(0x9000U, card.command("00DB3FFF", hex("5C035FC105 53 8202BC") + value).word);
  const Answer whole = card.send("00CB3FFF 000005 5C035FC105 0000");
  CHECK_EQUAL(0x9000U, whole.word);
  CHECK_EQUAL(704U, whole.data.size());

  Answer piece = card.send("00CB3FFF 05 5C035FC105 00");
  CHECK_EQUAL(0x6100U, piece.word);
  Bytes pieces = piece.data;
  piece = card.send("00C0000000");
  CHECK_EQUAL(0x61C0U, piece.word);
  pieces = pieces + piece.data;
  piece = card.send("00C00000C0");
  CHECK_EQUAL(0x9000U, piece.word);
  pieces = pieces + piece.data;
  CHECK(pieces == whole.data);
  CHECK_EQUAL(0x6985U, card.word("00C0000000"));
}

namespace {

// Long and short, whole and in pieces, and after an answer of which much was not fetched.
void write_and_read(Card& card) {
  CHECK_EQUAL(0x9000U, card.authenticate());
  Bytes value(3000, 0xC7);
  for (std::size_t i = 0; i < value.size(); ++i) value[i] = static_cast<std::uint8_t>(i % 251);
  const Bytes written = hex("53 820BB8") + value;
  CHECK_EQUAL(0x9000U, card.command("00DB3FFF", hex("5C035FC105") + written).word);
  CHECK(card.send("00CB3FFF 000005 5C035FC105 0000").data == written);
  for (int round = 0; round < 2; ++round) {
    Answer piece = card.send("00CB3FFF 05 5C035FC105 00");
    Bytes pieces = piece.data;
    while ((piece.word & 0xFF00U) == 0x6100U) {
      piece = card.send("00C0000000");
      pieces = pieces + piece.data;
    }
    CHECK(pieces == written);
    CHECK_EQUAL(0x6100U, card.word("00CB3FFF 05 5C035FC105 00"));
    CHECK_EQUAL(0x6100U, card.word("00C0000000"));
    CHECK_EQUAL(0x9000U, card.chained("00DB3FFF", hex("5C035FC105") + written).word);
    CHECK_EQUAL(0x6100U, card.word("00CB3FFF 05 5C035FC105 00"));
    CHECK_EQUAL(0x9000U, card.command("00DB3FFF", hex("5C035FC105") + written).word);
  }
  CHECK_EQUAL(0x6985U, card.word("00C0000000"));
}

}  // namespace

TEST(Apdu, CommandsInTheTokensOwnBufferAreAnsweredAsOthers) {
  Card card;
  card.in_frame = true;
  write_and_read(card);
}

TEST(Apdu, CommandsThatTheirAnswersOverwriteAreAnsweredAsOthers) {
  Card card;
  card.in_place = true;
  write_and_read(card);
}

TEST(Apdu, DropsAnAnswerThatIsNotFetched) {
  Card card;
  CHECK_EQUAL(0x9000U, card.authenticate());
  CHECK_EQUAL(0x9000U, card.command("00DB3FFF", hex("5C035FC105 53 820200") + Bytes(512, 1)).word);
  CHECK_EQUAL(0x6100U, card.word("00CB3FFF 05 5C035FC105 00"));
  CHECK_EQUAL(0x9000U, card.word("00FD000000"));
  CHECK_EQUAL(0x6985U, card.word("00C0000000"));
  CHECK_EQUAL(0x6100U, card.word("00CB3FFF 05 5C035FC105 00"));
  card.token().reset();
  CHECK_EQUAL(0x6985U, card.word("00C0000000"));
}

TEST(Apdu, PutsAChainTogether) {
  Card card;
  CHECK_EQUAL(0x9000U, card.authenticate());
  CHECK_EQUAL(0x9000U, card.word("10DB3FFF 05 5C035FC105"));
  CHECK_EQUAL(0x9000U, card.word("10DB3FFF 03 530401"));
  CHECK_EQUAL(0x9000U, card.word("00DB3FFF 03 020304"));
  const Answer read = card.send("00CB3FFF 05 5C035FC105 00");
  CHECK(read.data == hex("53 04 01020304"));
}

TEST(Apdu, DropsAChainThatAnotherCommandInterrupts) {
  for (const char* interruption :
       {"00A40400 05 A000000308 00", "00FD000000", "00C0000000", "80FD000000", "00CB3FFF 03 5C017E 00"}) {
    Card card;
    CHECK_EQUAL(0x9000U, card.authenticate());
    CHECK_EQUAL(0x9000U, card.word("10DB3FFF 05 5C035FC105"));
    card.send(interruption);
    // What would have been the end of the chain is a command of its own, and not a good one.
    CHECK_EQUAL_TEXT(0x6A80U, card.word("00DB3FFF 06 530401020304"), interruption);
    CHECK_EQUAL(0x6A82U, card.word("00CB3FFF 05 5C035FC105 00"));
  }
}

TEST(Apdu, RefusesAChainLongerThanItsBuffer) {
  Card card;
  unsigned word = 0x9000;
  int links = 0;
  while (word == 0x9000 && links < 100) {
    word = card.send(hex("10DB3FFF FF") + Bytes(255, 0)).word;
    ++links;
  }
  CHECK_EQUAL(0x6700U, word);
  CHECK_EQUAL(13, links);
  CHECK_EQUAL(0x9000U, card.word("00FD000000"));
}

TEST(Apdu, TakesNoExtendedLengthWhenShortOnly) {
  Card card({.short_only = true});
  CHECK_EQUAL(0x6700U, card.word("00CB3FFF 000003 5C017E 0000"));
  CHECK_EQUAL(0x9000U, card.word("00CB3FFF 03 5C017E 00"));
  CHECK_EQUAL(0x80, card.token().answer_to_reset()[8]);
  CHECK_EQUAL(0xC0, Card().token().answer_to_reset()[8]);
}

TEST(Apdu, SurvivesRandomBytes) {
  Card card;
  std::mt19937 random(11);
  const Bytes instructions = hex("A4 20 24 2C 47 87 CB DB F7 F8 F9 FA FB FD FF C0");
  for (int round = 0; round < 3000; ++round) {
    Bytes apdu(random() % 40);
    for (std::uint8_t& byte : apdu) byte = static_cast<std::uint8_t>(random());
    if (apdu.size() >= 4 && random() % 4 != 0) {
      apdu[0] = random() % 8 == 0 ? 0x10 : 0;
      apdu[1] = instructions[random() % instructions.size()];
      if (apdu.size() > 5) apdu[4] = static_cast<std::uint8_t>(apdu.size() - 5);
    }
    const unsigned word = card.send(apdu).word;
    CHECK((word >> 12) == 6 || (word >> 12) == 9);
    CHECK(word != 0x6F00);
    CHECK(word != 0x6581);
  }
}
