#include "scripted_channel.h"

using namespace sceau;
using namespace sceau::token;
using sceau::test::Line;
using sceau::test::repeat;
using sceau::test::ScriptedChannel;

TEST_GROUP(Exchange){};

TEST(Exchange, ShortCommandCarriesDataAndLe) {
  ScriptedChannel channel(std::vector<Line>{{"00cb3fff035c017e00", "53019000"}});
  const Bytes data{0x5C, 0x01, 0x7E};
  const auto response = exchange(channel, {0x00, 0xCB, 0x3F, 0xFF, data, true});
  CHECK(response.ok());
  CHECK(response->success());
  LONGS_EQUAL(2, response->data.size());
}

TEST(Exchange, LongDataIsChainedWhereTheCardTakesNoExtendedLength) {
  const Bytes data(300, 0xAA);
  ScriptedChannel channel(
      {{"10db3fffff" + repeat("aa", 255), "9000"}, {"00db3fff2d" + repeat("aa", 45), "9000"}});
  CHECK(exchange(channel, {0x00, 0xDB, 0x3F, 0xFF, data, false})->success());
  CHECK(channel.played());
}

TEST(Exchange, AChainTheCardRefusesStopsThere) {
  const Bytes data(600, 0xAA);
  ScriptedChannel channel({{"", "9000"}, {"", "6a84"}});
  LONGS_EQUAL(0x6A84, exchange(channel, {0x00, 0xDB, 0x3F, 0xFF, data, false})->status);
}

TEST(Exchange, ExtendedLengthSendsAllInOneCommand) {
  const Bytes data(300, 0xAA);
  ScriptedChannel channel({{"00db3fff00012c" + repeat("aa", 300), "9000"}, {"00cb3fff0000015c0000", "9000"}},
                          true);
  CHECK(exchange(channel, {0x00, 0xDB, 0x3F, 0xFF, data, false})->success());
  CHECK(exchange(channel, {0x00, 0xCB, 0x3F, 0xFF, Bytes{0x5C}, true})->success());
}

TEST(Exchange, GetResponseCollectsEveryPart) {
  ScriptedChannel channel({{"00f8000000", "010261ff"}, {"00c0000000", "036101"}, {"00c0000000", "049000"}});
  const auto response = exchange(channel, {0x00, 0xF8, 0x00, 0x00, {}, true});
  CHECK(response->data == (Bytes{1, 2, 3, 4}));
}

TEST(Exchange, AnswerWithoutStatusIsCorrupt) {
  ScriptedChannel channel(std::vector<Line>{{"", "90"}});
  CHECK(exchange(channel, {0x00, 0xF8, 0x00, 0x00, {}, true}).error().kind == ErrorKind::corrupt);
}

TEST(Exchange, CardThatNeverEndsIsCutOff) {
  std::vector<Line> lines(kMaxParts, {"", repeat("00", 256) + "6100"});
  ScriptedChannel endless(lines);
  CHECK(exchange(endless, {0x00, 0xF8, 0x00, 0x00, {}, true}).error().kind == ErrorKind::corrupt);
  // And one that sends nothing, for ever.
  ScriptedChannel empty(std::vector<Line>(kMaxParts, {"", "6101"}));
  CHECK(exchange(empty, {0x00, 0xF8, 0x00, 0x00, {}, true}).error().kind == ErrorKind::corrupt);
}

TEST(Exchange, AnEmptyAnswerIsACardThatWentAway) {
  ScriptedChannel pulled(std::vector<Line>{{"", ""}});
  CHECK(exchange(pulled, {0x00, 0xF8, 0x00, 0x00, {}, true}).error().kind == ErrorKind::unavailable);
}

TEST(Exchange, CardGoneIsUnavailable) {
  ScriptedChannel channel({{"", "6110"}, {"", ""}});
  CHECK(exchange(channel, {0x00, 0xF8, 0x00, 0x00, {}, true}).error().kind == ErrorKind::unavailable);
}

TEST_GROUP(AnswerToReset){};

TEST(AnswerToReset, YubiKeyAnnouncesExtendedLength) {
  CHECK(announces_extended_length(*from_hex("3bfd1300008131fe158073c021c057597562694b657940")));
}

TEST(AnswerToReset, ChainingAloneIsNotExtendedLength) {
  CHECK_FALSE(announces_extended_length(*from_hex("3b8580017380218051")));
  CHECK_FALSE(announces_extended_length(*from_hex("3b858001807300218051")));
}

TEST(AnswerToReset, NoPrefixOfAnyAtrIsReadOutside) {
  const Bytes whole = *from_hex("3bfd1300008131fe158073c021c057597562694b657940");
  for (std::size_t size = 0; size + 1 < whole.size(); ++size) {
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK_FALSE(announces_extended_length(cut));
  }
  for (unsigned first = 0; first < 256; ++first) {
    Bytes wild(33, static_cast<std::uint8_t>(first));
    (void)announces_extended_length(wild);
  }
}
