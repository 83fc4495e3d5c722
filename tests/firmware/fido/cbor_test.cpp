// The reader of CBOR: what is canonical is taken, and nothing else.
#include "platform.h"

#include <CppUTest/TestHarness.h>

using namespace sceau::firmware;        // NOLINT(google-build-using-namespace): the tests' own subject
using namespace sceau::firmware::test;  // NOLINT(google-build-using-namespace)

namespace {

bool is_taken(const std::string& digits) {
  return fido::check_cbor(hex(digits)) == fido::CtapStatus::kSuccess;
}

void taken(const std::string& digits) { CHECK_TEXT(is_taken(digits), digits.c_str()); }
void refused(const std::string& digits) { CHECK_TEXT(!is_taken(digits), digits.c_str()); }

}  // namespace

TEST_GROUP(FidoCbor){};

TEST(FidoCbor, TakesEachKindInItsShortestForm) {
  for (const char* one : {"00",     "17", "1818",   "18FF", "190100",     "1A00010000", "1B0000000100000000",
                          "20",     "37", "3818",   "40",   "4401020304", "60",         "6161",
                          "62C3A9", "80", "820102", "A0",   "A10102",     "F4",         "F5",
                          "F6",     "F7"}) {
    taken(one);
  }
}

TEST(FidoCbor, RefusesHeadsThatCouldBeShorter) {
  for (const char* one : {"1800", "1817", "190017", "1900FF", "1A0000FFFF", "1B00000000FFFFFFFF", "3817",
                          "580401020304", "7801 61", "9801 01", "B80101 02", "5900 01 AA", "F814", "F8FF"}) {
    refused(one);
  }
}

TEST(FidoCbor, RefusesWhatItIsCutShort) {
  for (const char* one :
       {"", "18", "19FF", "1AFFFFFF", "42AA", "6261", "81", "8201", "A1", "A101", "A20102 03"}) {
    refused(one);
  }
}

TEST(FidoCbor, RefusesTagsFloatsIndefiniteLengthsAndReservedHeads) {
  for (const char* one : {"C000", "C11A5A5A5A5A", "F90000", "FA00000000", "FB0000000000000000", "5FFF",
                          "7FFF", "9FFF", "BFFF", "FF", "1C", "1D", "1E", "1F", "FC", "E0", "F0", "F3"}) {
    refused(one);
  }
}

TEST(FidoCbor, RefusesWhatFollowsTheItem) {
  refused("0000");
  refused("A000");
  refused("8000");
}

TEST(FidoCbor, WantsKeysOnceAndInOrder) {
  taken("A3 0101 0202 2003");       // unsigned before negative
  taken("A2 0001 6161 02");         // numbers before text
  taken("A2 6162 01 626161 02");    // shorter before longer
  refused("A2 0101 0102");          // twice
  refused("A2 0201 0102");          // backwards
  refused("A2 6161 01 6161 02");    // twice
  refused("A2 626161 01 6162 02");  // longer first
  refused("A2 2001 0102");          // negative first
  refused("A2 6161 01 0102");       // text first
  refused("A1 8001");               // a container as a key
  refused("A1 F501");               // a boolean as a key
  refused("81 A2 0101 0101");       // inside, too
}

TEST(FidoCbor, CountsDepthOfContainers) {
  taken("81818180");
  refused("8181818180");
  taken("A101A101A101A0");
  refused("A101A101A101A101A0");
  refused("9A7FFFFFFF");  // more items than bytes
  refused("BAFFFFFFFF 00");
  refused("5B7FFFFFFFFFFFFFFF 00");
}

TEST(FidoCbor, WantsTextToBeUtf8) {
  taken("64F09F9880");
  for (const char* one :
       {"61FF", "61C3", "62C080", "63EDA080", "64F4908080", "63E08080", "64F0808080", "6180"}) {
    refused(one);
  }
}

TEST(FidoCbor, SurvivesEveryMessageOfTwoBytes) {
  int good = 0;
  for (unsigned value = 0; value < 0x10000; ++value) {
    const Bytes message{static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
    if (fido::check_cbor(message) != fido::CtapStatus::kSuccess) continue;
    fido::CborReader reader(message);
    UNSIGNED_LONGS_EQUAL(2, reader.item().size());
    CHECK(reader.done());
    ++good;
  }
  CHECK(good > 500);
}

TEST(FidoCbor, ReadsTypesStrictlyAndGoesOnAfterARefusal) {
  const Bytes message = hex("0A");
  fido::CborReader reader(message);
  CHECK(reader.text().status() == fido::CtapStatus::kCborUnexpectedType);
  CHECK(reader.bytes().status() == fido::CtapStatus::kCborUnexpectedType);
  CHECK(reader.boolean().status() == fido::CtapStatus::kCborUnexpectedType);
  CHECK(reader.array().status() == fido::CtapStatus::kCborUnexpectedType);
  CHECK(reader.map().status() == fido::CtapStatus::kCborUnexpectedType);
  UNSIGNED_LONGS_EQUAL(10, reader.number().value());
  const Bytes large = hex("1B0000000100000000");
  CHECK(fido::CborReader(large).number().status() == fido::CtapStatus::kInvalidParameter);
  const Bytes beyond = hex("3BFFFFFFFFFFFFFFFF");
  CHECK(fido::CborReader(beyond).integer().status() == fido::CtapStatus::kCborUnexpectedType);
}

TEST(FidoCbor, WritesWhatItReads) {
  for (const std::int64_t value :
       {0L, 23L, 24L, 255L, 256L, 65535L, 65536L, 4294967296L, -1L, -24L, -25L, -256L, -257L, -4294967297L}) {
    const Bytes written = number(value);
    CHECK(fido::check_cbor(written) == fido::CtapStatus::kSuccess);
    LONGS_EQUAL(value, fido::CborReader(written).integer().value());
  }
}
