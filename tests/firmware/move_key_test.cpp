// MOVE KEY (Yubico's F6): keys moved to another slot, and deleted.
#include <algorithm>

#include "rsa_key.h"

#include <CppUTest/TestHarness.h>

using namespace sceau::firmware;        // NOLINT
using namespace sceau::firmware::test;  // NOLINT

namespace {

// Whether these bytes are anywhere on the flash.
bool on_flash(Card& card, const Bytes& bytes) {
  const Bytes& content = card.flash().content();
  return std::search(content.begin(), content.end(), bytes.begin(), bytes.end()) != content.end();
}

}  // namespace

TEST_GROUP(MoveKey){};

TEST(MoveKey, TakesTheKeyWithItsPoliciesToTheOtherSlot) {
  Card card;
  card.authenticate();
  const Bytes point = card.generate("9A", "AA 01 01 AB 01 02", "14");
  const Bytes before = card.metadata("9A").data;
  CHECK_EQUAL(0x9000U, card.word("00F6829A"));
  CHECK_EQUAL(0x6A88U, card.metadata("9A").word);
  CHECK(card.metadata("82").data == before);
  card.insert();
  const Bytes hash(48, 7);
  CHECK(verifies(public_key(point).get(), hash, Card::output_of(card.use("14", "82", hash))));
  CHECK_EQUAL(0x6A88U, card.use("14", "9A", hash).word);
}

TEST(MoveKey, ToFfDeletesTheKeyForGood) {
  Card card;
  card.authenticate();
  CHECK_EQUAL(0x9000U, card.command("00FE079C", import_data(rsa_parts(rsa_2048()))).word);
  CHECK_EQUAL(0x9000U, card.word("00DB3FFF 09 5C035FC10A 5302AABB"));
  const Bytes& content = card.flash().content();
  const Bytes with_key = content;
  CHECK_EQUAL(0x9000U, card.word("00F6FF9C"));
  CHECK_EQUAL(0x6A88U, card.metadata("9C").word);
  CHECK_EQUAL(0x6A88U, card.word("00F6FF9C"));
  CHECK_EQUAL(0x9000U, card.word("00CB3FFF 05 5C035FC10A 00"));  // the certificate is the host's to remove
  // Somewhere on the flash, what was the record of the key is zeros now.
  std::size_t wiped = 0;
  for (std::size_t i = 0; i < content.size(); ++i) wiped += with_key[i] != 0 && content[i] == 0 ? 1U : 0U;
  CHECK(wiped >= 640);
  CHECK(on_flash(card, Bytes(500, 0)));
}

TEST(MoveKey, IsRefusedWithoutChangingAnything) {
  Card card;
  card.authenticate();
  card.generate("9A");
  card.generate("9E");
  const Bytes before = card.flash().content();
  CHECK_EQUAL(0x6985U, card.word("00F69E9A"));  // over another key
  CHECK_EQUAL(0x6985U, card.word("00F69A9A"));
  CHECK_EQUAL(0x6A88U, card.word("00F6829C"));
  CHECK_EQUAL(0x6A88U, card.word("00F6FF9C"));
  CHECK_EQUAL(0x6985U, card.word("00F6FFF9"));
  CHECK_EQUAL(0x6985U, card.word("00F682F9"));
  CHECK_EQUAL(0x6985U, card.word("00F6F99A"));
  CHECK_EQUAL(0x6A86U, card.word("00F69B9A"));
  CHECK_EQUAL(0x6A86U, card.word("00F6829B"));
  CHECK_EQUAL(0x6A86U, card.word("00F6FFFF"));
  CHECK_EQUAL(0x6A86U, card.word("00F69AFF"));
  CHECK_EQUAL(0x6700U, card.word("00F6829A 01 00"));
  card.insert();
  CHECK_EQUAL(0x6982U, card.word("00F6829A"));
  CHECK_EQUAL(0x6982U, card.word("00F6FF9A"));
  CHECK(before == card.flash().content());
}

TEST(MoveKey, CutLeavesTheKeyInOneSlotOrTheOther) {
  std::size_t cuts = 0;
  for (std::size_t cut = 0; cut < 60; ++cut) {
    Card card;
    card.authenticate();
    const Bytes point = card.generate("9E");
    card.flash().cut_power_after(cut, Torn::kSomeBits, static_cast<unsigned>(cut));
    card.word("00F6829E");
    if (!card.flash().dead()) break;
    ++cuts;
    CHECK(card.insert());
    const bool stayed = card.public_key_of("9E") == point;
    const bool moved = card.public_key_of("82") == point;
    CHECK(stayed != moved);
  }
  CHECK(cuts >= 4);
}
