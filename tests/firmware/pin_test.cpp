#include <algorithm>

#include "card.h"

#include <CppUTest/TestHarness.h>

using namespace sceau::firmware;        // NOLINT
using namespace sceau::firmware::test;  // NOLINT

TEST_GROUP(PinVerify){};

TEST(PinVerify, TakesTheRightPinAndCountsWrongOnes) {
  Card card;
  CHECK_EQUAL(0x63C3U, card.word("00200080"));
  CHECK_EQUAL(0x63C2U, card.verify("000000"));
  CHECK_EQUAL(0x63C1U, card.verify("12345"));
  CHECK_EQUAL(0x9000U, card.verify("123456"));
  CHECK_EQUAL(0x9000U, card.word("00200080"));
  card.token().reset();
  CHECK_EQUAL(0x63C3U, card.word("00200080"));
}

TEST(PinVerify, BlocksAfterTheLastTryEvenForTheRightPin) {
  Card card;
  card.verify("000000");
  card.verify("000000");
  CHECK_EQUAL(0x6983U, card.verify("000000"));
  CHECK_EQUAL(0x6983U, card.verify("123456"));
  CHECK_EQUAL(0x6983U, card.word("00200080"));
  card.insert();
  CHECK_EQUAL(0x6983U, card.verify("123456"));
}

TEST(PinVerify, RemembersTriesAcrossPowerOn) {
  Card card;
  card.verify("000000");
  card.insert();
  CHECK_EQUAL(2U, card.tries());
}

TEST(PinVerify, ForgetsThePinWhenToldTo) {
  Card card;
  card.verify("123456");
  CHECK_EQUAL(0x9000U, card.word("0020FF80"));
  CHECK_EQUAL(0x63C3U, card.word("00200080"));
}

TEST(PinVerify, WrongPinTakesTheStatusAway) {
  Card card;
  card.verify("123456");
  CHECK_EQUAL(0x63C2U, card.verify("654321"));
  CHECK_EQUAL(0x63C2U, card.word("00200080"));
}

// Whatever the instant of the cut: if a comparison was made, its try is gone; and no try is ever won.
TEST(PinVerify, PowerCutAfterCountdownNeverGivesAFreeTry) {
  std::size_t cuts = 0;
  std::size_t compared_cuts = 0;
  for (const char* pin : {"000000", "123456"}) {
    for (const Torn torn : {Torn::kNothing, Torn::kEverything, Torn::kSomeBits, Torn::kSomeWords}) {
      for (std::size_t cut = 0; cut < 100; ++cut) {
        Card card;
        CHECK_EQUAL(0x63C2U, card.verify("999999"));
        card.flash().cut_power_after(cut, torn, static_cast<unsigned>(cut));
        const std::uint32_t compared_before = card.token().piv().pins().compared();
        const unsigned word = card.verify(pin);
        if (!card.flash().dead()) break;
        ++cuts;
        CHECK_EQUAL(0x6581U, word);
        const bool compared = card.token().piv().pins().compared() != compared_before;
        CHECK(card.insert());
        const unsigned left = card.tries();
        const bool right = std::string(pin) == "123456";
        if (compared) {
          ++compared_cuts;
          CHECK(right ? left == 1 || left == 3 : left == 1);
        } else {
          CHECK(left == 1 || left == 2);
        }
      }
    }
  }
  CHECK(cuts > 20);
  CHECK(compared_cuts > 4);
}

TEST(PinVerify, CountsTheTryDurablyBeforeItComparesAnything) {
  // Each operation on the flash, up to the one that makes the countdown last, finds nothing compared yet.
  Card card;
  for (std::size_t cut = 0;; ++cut) {
    card.insert();
    const unsigned left = card.tries();
    card.flash().cut_power_after(cut, Torn::kEverything, 1);
    card.verify("000000");
    const bool compared = card.token().piv().pins().compared() != 0;
    CHECK(card.flash().dead());
    card.insert();
    const unsigned now = card.tries();
    if (now == left) {
      CHECK_FALSE(compared);
      continue;
    }
    CHECK_EQUAL(left - 1, now);
    break;
  }
}

TEST(PinVerify, ComparesEveryByteWhereverTheDifferenceLies) {
  for (const char* pin : {"023456", "123455", "123456", "12345678"}) {
    Card card;
    const std::uint32_t before = card.token().piv().pins().compared();
    card.verify(pin);
    CHECK_EQUAL(32U, card.token().piv().pins().compared() - before);
  }
}

TEST(PinVerify, KeepsNoPinOnFlash) {
  Card card;
  CHECK_EQUAL(0x9000U, card.command("00240080", Card::padded("123456") + Card::padded("86421357")).word);
  const Bytes& raw = card.flash().content();
  const Bytes pin{'8', '6', '4', '2', '1', '3', '5', '7'};
  CHECK(std::search(raw.begin(), raw.end(), pin.begin(), pin.end()) == raw.end());
}

TEST(PinVerify, RefusesOtherFormsAndReferencesWithoutCounting) {
  Card card;
  CHECK_EQUAL(0x6A80U, card.word("00200080 06 313233343536"));
  CHECK_EQUAL(0x6A80U, card.word("00200080 09 313233343536FFFFFF"));
  CHECK_EQUAL(0x6A86U, card.word("00200180 08 303030303030FFFF"));
  CHECK_EQUAL(0x6A86U, card.word("0020FF80 08 303030303030FFFF"));
  CHECK_EQUAL(0x6A88U, card.word("00200000 08 303030303030FFFF"));
  CHECK_EQUAL(0x6A88U, card.word("00200081 08 303030303030FFFF"));
  CHECK_EQUAL(3U, card.tries());
}

TEST_GROUP(PinChange){};

TEST(PinChange, ReplacesThePinAndNeedsTheOldOne) {
  Card card;
  CHECK_EQUAL(0x63C2U, card.command("00240080", Card::padded("000000") + Card::padded("777777")).word);
  CHECK_EQUAL(0x9000U, card.command("00240080", Card::padded("123456") + Card::padded("777777")).word);
  card.insert();
  CHECK_EQUAL(3U, card.tries());
  CHECK_EQUAL(0x63C2U, card.verify("123456"));
  CHECK_EQUAL(0x9000U, card.verify("777777"));
}

TEST(PinChange, RefusesAMalformedNewPinWithoutCounting) {
  Card card;
  for (const char* pin : {"1", "12345", ""}) {
    CHECK_EQUAL(0x6A80U, card.command("00240080", Card::padded("000000") + Card::padded(pin)).word);
  }
  CHECK_EQUAL(0x6A80U, card.command("00240080", hex("313233343536FFFF 3132FF34353637FF")).word);
  CHECK_EQUAL(0x6A80U, card.command("00240080", Card::padded("123456")).word);
  CHECK_EQUAL(3U, card.tries());
}

TEST(PinChange, CutShowsOldOrNewPinAndNeverMoreTries) {
  std::size_t cuts = 0;
  for (std::size_t cut = 0; cut < 100; ++cut) {
    Card card;
    card.verify("000000");
    card.flash().cut_power_after(cut, Torn::kSomeBits, static_cast<unsigned>(cut + 5));
    card.command("00240080", Card::padded("123456") + Card::padded("777777"));
    if (!card.flash().dead()) break;
    ++cuts;
    CHECK(card.insert());
    const unsigned left = card.tries();
    CHECK(left >= 1 && left <= 3);
    const bool old_pin = card.verify("123456") == 0x9000;
    const bool new_pin = !old_pin && card.verify("777777") == 0x9000;
    CHECK(old_pin || new_pin);
  }
  CHECK(cuts > 8);
}

TEST(PinChange, PukUnblocksAndBlocksItself) {
  Card card;
  for (int i = 0; i < 3; ++i) card.verify("000000");
  CHECK_EQUAL(0x63C2U, card.command("002C0080", Card::padded("00000000") + Card::padded("777777")).word);
  CHECK_EQUAL(0x9000U, card.command("002C0080", Card::padded("12345678") + Card::padded("777777")).word);
  CHECK_EQUAL(0x63C3U, card.word("00200080"));
  CHECK_EQUAL(0x9000U, card.verify("777777"));
  for (int i = 0; i < 3; ++i) {
    card.command("002C0080", Card::padded("00000000") + Card::padded("777777"));
  }
  CHECK_EQUAL(0x6983U, card.command("002C0080", Card::padded("12345678") + Card::padded("777777")).word);
}

TEST(PinChange, ChangesThePuk) {
  Card card;
  CHECK_EQUAL(0x9000U, card.command("00240081", Card::padded("12345678") + Card::padded("87654321")).word);
  CHECK_EQUAL(0x63C2U, card.command("002C0080", Card::padded("12345678") + Card::padded("777777")).word);
  CHECK_EQUAL(0x9000U, card.command("002C0080", Card::padded("87654321") + Card::padded("777777")).word);
}

TEST(PinChange, SetsTheNumberOfTries) {
  Card card;
  CHECK_EQUAL(0x6982U, card.word("00FA0504"));
  CHECK_EQUAL(0x9000U, card.authenticate());
  CHECK_EQUAL(0x6982U, card.word("00FA0504"));
  CHECK_EQUAL(0x9000U, card.verify("123456"));
  CHECK_EQUAL(0x9000U, card.word("00FA0504"));
  CHECK_EQUAL(0x63C5U, card.word("00200080"));
  CHECK(card.send("00F7008100").data == hex("01 01 FF 05 01 01 06 02 04 04"));
}

TEST(PinChange, ResetNeedsBothBlockedAndLeavesAFreshCard) {
  Card card;
  CHECK_EQUAL(0x9000U, card.authenticate());
  CHECK_FALSE(card.generate("9A").empty());
  CHECK_EQUAL(0x6985U, card.word("00FB0000"));
  for (int i = 0; i < 3; ++i) card.verify("000000");
  CHECK_EQUAL(0x6985U, card.word("00FB0000"));
  for (int i = 0; i < 3; ++i) card.command("002C0080", Card::padded("00000000") + Card::padded("777777"));
  CHECK_EQUAL(0x9000U, card.word("00FB0000"));
  CHECK_EQUAL(0x63C3U, card.word("00200080"));
  CHECK_EQUAL(0x6A88U, card.word("00F7009A00"));
  CHECK_EQUAL(0x9000U, card.word("00F700F900"));
  CHECK_EQUAL(0x6982U, card.word("00DB3FFF 09 5C035FC105 5302AABB"));
}
