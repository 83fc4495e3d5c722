// The power goes while the clear-sign application works: what is counted stays counted, and comes once.
#include <algorithm>

#include "clear_card.h"
#include "samples.h"
#include "sceau/base/digest.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

using namespace sceau::firmware;        // NOLINT(google-build-using-namespace): the tests' own subject
using namespace sceau::firmware::test;  // NOLINT(google-build-using-namespace)

namespace {

Bytes login() { return sceau::test::sample(*sceau::statement::find_type("login"), true); }

constexpr Torn kWays[] = {Torn::kNothing, Torn::kEverything, Torn::kSomeBits, Torn::kSomeWords};

// Whether the journal's entries chain up to its head, and their counters to the slot's.
bool is_sound(ClearCard& clear) {
  const Answer head = clear.card.command("00 34 00 00", Bytes(32, 0));
  if (head.word != 0x9000) return false;
  const std::uint32_t count = clear.journal_count();
  Bytes hash(32, 0);
  for (std::uint32_t i = 1; i <= count; ++i) {
    const Answer entry = clear.card.command("00 35 00 00", Bytes{0, 0, 0, static_cast<std::uint8_t>(i)});
    if (entry.word != 0x9000 || entry.data[9] != i) return false;
    const auto end = entry.data.begin() + clearsign::kEntrySize;
    const auto next = sceau::sha256(hash + Bytes(entry.data.begin(), end));
    hash.assign(next.begin(), next.end());
    if (!std::equal(end, entry.data.end(), hash.begin(), hash.end())) return false;
  }
  const ByteView said = find_tlv(head.data, 0x81).value();
  return clear.counter() == count && std::equal(said.begin(), said.end(), hash.begin(), hash.end());
}

}  // namespace

TEST_GROUP(ClearSignPower) {
  ClearCard clear;
  Bytes flash;

  void setup() override {
    clear.verify();
    CHECK(!clear.generate().empty());
    LONGS_EQUAL(0x9000, clear.sign_statement(login()).word);
    flash = clear.card.flash().content();
  }

  void bring_to_signing() {
    clear.card.flash().content() = flash;
    CHECK(clear.card.insert());
    clear.select();
    LONGS_EQUAL(0x9000, clear.verify());
    clear.load("00", login());
    clear.show_all(clear.prepare());
  }
  void restart() {
    CHECK(clear.card.insert());
    clear.select();
  }
};

TEST(ClearSignPower, ACutAnywhereInSigningNeverRepeatsACounter) {
  int cuts = 0;
  for (const Torn way : kWays) {
    bool interrupted = true;
    for (std::size_t operation = 0; interrupted; ++operation) {
      bring_to_signing();
      clear.card.flash().cut_power_after(operation, way, static_cast<unsigned>(operation));
      const Answer made = clear.sign();
      interrupted = clear.card.flash().dead();
      CHECK_EQUAL(interrupted, made.word != 0x9000);
      restart();
      const std::uint32_t counted = clear.counter();
      CHECK(counted == 1 || counted == 2);
      if (!interrupted) LONGS_EQUAL(2, counted);
      CHECK(is_sound(clear));
      ++cuts;
    }
  }
  CHECK(cuts > 20);
}

TEST(ClearSignPower, TheKeyIsNotUsedBeforeTheCountIsDurable) {
  // Blinding a signature takes random bytes; so do the nonces of the three records that count.
  constexpr std::size_t kNonces = 3 * kSealNonce;
  bring_to_signing();
  const std::size_t before = clear.card.board().random_bytes;
  LONGS_EQUAL(0x9000, clear.sign().word);
  CHECK(clear.card.board().random_bytes - before > kNonces);
  for (std::size_t operation = 0;; ++operation) {
    bring_to_signing();
    const std::size_t drawn = clear.card.board().random_bytes;
    clear.card.flash().cut_power_after(operation, Torn::kNothing, 1);
    clear.sign();
    if (!clear.card.flash().dead()) break;
    CHECK(clear.card.board().random_bytes - drawn <= kNonces);
  }
}

TEST(ClearSignPower, ACutAnywhereInMakingAKeyLeavesNoneOrAWholeOne) {
  PolicyWords words;
  bool interrupted = true;
  for (std::size_t operation = 0; interrupted; ++operation) {
    clear.card.flash().content() = flash;
    restart();
    clear.verify();
    clear.card.flash().cut_power_after(operation, Torn::kSomeBits, static_cast<unsigned>(operation));
    clear.generate(words, "C2");
    interrupted = clear.card.flash().dead();
    restart();
    const unsigned word = clear.card.word("00 F7 00 C2 00 00 00");
    CHECK(word == 0x6A88 || word == 0x9000);
    if (!interrupted) LONGS_EQUAL(0x9000, word);
  }
}

TEST(ClearSignPower, ADeletedKeyIsGoneAndItsCounterGoesOn) {
  restart();
  clear.verify();
  LONGS_EQUAL(0x9000, clear.card.word("00 E4 00 C1"));
  LONGS_EQUAL(0x6A88, clear.card.word("00 F7 00 C1 00 00 00"));
  CHECK(!clear.generate().empty());
  LONGS_EQUAL(1, clear.counter());
  LONGS_EQUAL(0x9000, clear.sign_statement(login()).word);
  LONGS_EQUAL(2, clear.counter());
}

TEST(ClearSignPower, ResettingPivEmptiesTheSlotsAndKeepsTheCounters) {
  restart();
  for (int i = 0; i < 3; ++i) clear.verify("000000");
  LONGS_EQUAL(0x6983, clear.verify());
  clear.card.word("00 A4 04 00 05 A0 00 00 03 08 00");
  for (int i = 0; i < 3; ++i) clear.card.command("00 2C 00 80", Bytes(16, '0'));
  LONGS_EQUAL(0x9000, clear.card.word("00 FB 00 00"));
  clear.select();
  LONGS_EQUAL(0x9000, clear.verify());
  LONGS_EQUAL(0x6A88, clear.card.word("00 F7 00 C1 00 00 00"));
  CHECK(!clear.generate().empty());
  LONGS_EQUAL(1, clear.counter());
  LONGS_EQUAL(1, clear.journal_count());
}
