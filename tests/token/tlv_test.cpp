#include "tlv.h"

#include <CppUTest/TestHarness.h>

#include "sceau/base/random.h"

using namespace sceau;
using namespace sceau::token;

namespace {
std::optional<Tlv> first(const Bytes& bytes) { return TlvReader(bytes).next(); }
}  // namespace

TEST_GROUP(Tlv){};

TEST(Tlv, ReadsTagsOfOneToThreeBytes) {
  LONGS_EQUAL(0x53, first({0x53, 0x00})->tag);
  LONGS_EQUAL(0x7F49, first({0x7F, 0x49, 0x00})->tag);
  LONGS_EQUAL(0x5FC102, first({0x5F, 0xC1, 0x02, 0x00})->tag);
}

TEST(Tlv, RefusesWhatEndsTooEarly) {
  for (const Bytes& bytes : std::vector<Bytes>{{0x53},
                                               {0x7F},
                                               {0x7F, 0x49},
                                               {0x5F, 0xC1},
                                               {0x53, 0x02, 0x00},
                                               {0x53, 0x81},
                                               {0x53, 0x82, 0x00},
                                               {0x53, 0x82, 0xFF, 0xFF, 0x00}})
    CHECK_FALSE(first(bytes).has_value());
}

TEST(Tlv, RefusesIndefiniteAndHugeLengthsAndLongTags) {
  CHECK_FALSE(first({0x53, 0x80, 0x00, 0x00}).has_value());
  CHECK_FALSE(first({0x53, 0x83, 0x00, 0x00, 0x00}).has_value());
  CHECK_FALSE(first({0x53, 0x84, 0xFF, 0xFF, 0xFF, 0xFF}).has_value());
  CHECK_FALSE(first({0x53, 0xFF}).has_value());
  CHECK_FALSE(first({0x5F, 0xC1, 0x82, 0x03, 0x00}).has_value());
}

TEST(Tlv, OnlyElementRefusesCompany) {
  CHECK(only_element(Bytes{0x53, 0x01, 0x05}, 0x53).has_value());
  CHECK_FALSE(only_element(Bytes{0x53, 0x01, 0x05, 0x00}, 0x53).has_value());
  CHECK_FALSE(only_element(Bytes{0x54, 0x01, 0x05}, 0x53).has_value());
  CHECK_FALSE(only_element({}, 0x53).has_value());
}

TEST(Tlv, FindRefusesARowThatBreaksAfterTheElement) {
  CHECK(find_element(Bytes{0x70, 0x01, 0x05, 0x71, 0x01, 0x00}, 0x71).has_value());
  CHECK_FALSE(find_element(Bytes{0x70, 0x01, 0x05, 0x71, 0x09, 0x00}, 0x70).has_value());
}

TEST(Tlv, WritesWhatItReads) {
  for (const std::size_t size : {0U, 127U, 128U, 255U, 256U, 3000U}) {
    Bytes out;
    append_tlv(out, 0x5FC10A, Bytes(size, 0x11));
    const auto value = only_element(out, 0x5FC10A);
    CHECK(value.has_value());
    LONGS_EQUAL(size, value->size());
  }
}

TEST(Tlv, RandomBytesNeverLeadOutside) {
  SeededRandom random(7);
  for (int round = 0; round < 20000; ++round) {
    Bytes bytes(random.next() % 40);
    random.fill(bytes);
    TlvReader reader(bytes);
    std::size_t total = 0;
    while (!reader.done()) {
      const auto element = reader.next();
      if (!element) break;
      for (const std::uint8_t byte : element->value) total += byte;
    }
    CHECK(total <= 255 * bytes.size());
  }
}
