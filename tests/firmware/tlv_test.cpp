#include <memory>
#include <random>

#include "card.h"
#include "core/tlv.h"

#include <CppUTest/TestHarness.h>

using namespace sceau::firmware;        // NOLINT
using namespace sceau::firmware::test;  // NOLINT

TEST_GROUP(Tlv){};

TEST(Tlv, ReadsTagsOfOneTwoAndThreeBytes) {
  const Bytes bytes = hex("5C 03 5FC102 7F49 00 5FC105 01 AA");
  TlvReader reader(bytes);
  CHECK_EQUAL(0x5CU, reader.next().value().tag);
  CHECK_EQUAL(0x7F49U, reader.next().value().tag);
  const Tlv third = reader.next().value();
  CHECK_EQUAL(0x5FC105U, third.tag);
  CHECK_EQUAL(0xAA, third.value[0]);
  CHECK(reader.done());
}

TEST(Tlv, RefusesWhatDoesNotFit) {
  for (const char* text :
       {"53", "53 80 00 00", "53 02 AA", "53 81", "53 82 01", "53 82 01 00 AA", "5F", "5F C1",
        "1F 81 82 83 01 00", "53 83 00 00 01 AA", "53 84 00 00 00 01 AA", "53 FF"}) {
    const Bytes bytes = hex(text);
    CHECK_TEXT(TlvReader(bytes).next().status() == Status::kInvalid, text);
  }
}

TEST(Tlv, NeverReadsPastRandomBytes) {
  std::mt19937 random(7);
  std::size_t accepted = 0;
  for (int round = 0; round < 20000; ++round) {
    const std::size_t size = random() % 12;
    const std::unique_ptr<std::uint8_t[]> exact(new std::uint8_t[size]);
    for (std::size_t i = 0; i < size; ++i) {
      exact[i] = static_cast<std::uint8_t>(random() % 3 == 0 ? random() : random() % 5);
    }
    TlvReader reader({exact.get(), size});
    std::size_t consumed = 0;
    while (!reader.done()) {
      const Result<Tlv> tlv = reader.next();
      if (!tlv.ok()) break;
      consumed += tlv.value().value.size();
      ++accepted;
    }
    CHECK(consumed <= size);
  }
  CHECK(accepted > 1000);
}

TEST(Tlv, WritesTheShortestLengths) {
  for (const std::size_t size : {0U, 1U, 127U, 128U, 255U, 256U, 3000U}) {
    Bytes buffer(4000);
    Writer out(buffer);
    TlvWriter tlv(out);
    const std::size_t mark = tlv.begin(0x7F49);
    tlv.element(0x53, Bytes(size, 0xAB));
    tlv.end(mark);
    CHECK_FALSE(out.overflowed());
    const std::size_t inner_header = size < 128 ? 2 : size < 256 ? 3 : 4;
    const std::size_t inner = size + inner_header;
    const std::size_t outer_header = inner < 128 ? 3 : inner < 256 ? 4 : 5;
    CHECK_EQUAL(inner + outer_header, out.size());
    const Bytes written(buffer.begin(), buffer.begin() + static_cast<long>(out.size()));
    const Result<ByteView> content = find_tlv(written, 0x7F49);
    CHECK(content.ok());
    CHECK_EQUAL(size, find_tlv(content.value(), 0x53).value().size());
  }
}

TEST(Tlv, MarksABufferThatIsTooSmallAndStaysInside) {
  for (std::size_t size = 0; size < 12; ++size) {
    const std::unique_ptr<std::uint8_t[]> exact(new std::uint8_t[size]);
    Writer out({exact.get(), size});
    TlvWriter tlv(out);
    const std::size_t mark = tlv.begin(0x7C);
    tlv.element(0x82, hex("0102030405060708"));
    tlv.end(mark);
    CHECK_EQUAL(true, out.overflowed());
  }
}

TEST_GROUP(ConstantTime){};

// A byte that counts how often it is looked at.
struct WatchedByte {
  std::uint8_t value;
  operator std::uint8_t() const {  // NOLINT: as a byte converts
    ++looks;
    return value;
  }
  static int looks;
};
int WatchedByte::looks = 0;

TEST(ConstantTime, LooksAtEveryByteWhereverTheDifferenceLies) {
  for (int different = -1; different < 32; ++different) {
    std::array<WatchedByte, 32> left{};
    std::array<WatchedByte, 32> right{};
    if (different >= 0) right[static_cast<std::size_t>(different)].value = 1;
    WatchedByte::looks = 0;
    std::uint32_t examined = 0;
    const bool same = equal_in_constant_time(std::span<const WatchedByte>(left),
                                             std::span<const WatchedByte>(right), examined);
    CHECK_EQUAL(different < 0, same);
    CHECK_EQUAL(64, WatchedByte::looks);
    CHECK_EQUAL(32U, examined);
  }
}
