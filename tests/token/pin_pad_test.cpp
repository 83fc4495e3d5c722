// PIN pads: what is said to the reader, and what its answers mean.
#include "pin_pad.h"

#include "sceau/token/piv.h"
#include "scripted_channel.h"

using namespace sceau;
using namespace sceau::token;
using namespace sceau::test;

namespace {

// A reader with a pad whose answer is given.
class PadChannel final : public Channel {
 public:
  explicit PadChannel(std::string answer) : answer_(std::move(answer)) {}
  Result<Bytes> transmit(ByteView /*command*/) override { return *from_hex("9000"); }
  Result<bool> has_pin_pad() override { return true; }
  Result<Bytes> verify_on_pad(ByteView structure) override {
    seen = to_hex(structure);
    if (answer_.empty()) return Error{ErrorKind::unavailable, "lost the card in reader \"Test\""};
    return *from_hex(answer_);
  }
  Result<Bytes> change_on_pad(ByteView structure) override { return verify_on_pad(structure); }
  [[nodiscard]] std::string name() const override { return "Test"; }
  [[nodiscard]] bool extended_length() const override { return true; }
  std::string seen;
  std::string answer_;
};

}  // namespace

TEST_GROUP(PinPad) {
  PadChannel* channel = nullptr;
  std::unique_ptr<PivCard> card_answering(const std::string& answer) {
    auto made = std::make_unique<PadChannel>(answer);
    channel = made.get();
    return std::make_unique<PivCard>(std::move(made));
  }
};

TEST(PinPad, FindsVerifyAmongAReadersFeatures) {
  LONGS_EQUAL(0x42330006, verify_code(*from_hex("120442330012060442330006")).value_or(0));
  CHECK_FALSE(verify_code(*from_hex("120442330012")).has_value());
  CHECK_FALSE(verify_code({}).has_value());
}

TEST(PinPad, AFeatureListThatBreaksItsFormatHasNone) {
  CHECK_FALSE(verify_code(*from_hex("0604423300")).has_value());
  CHECK_FALSE(verify_code(*from_hex("120342330006")).has_value());
}

TEST(PinPad, HandsTheReaderAVerifyOfSixToEightDigitsInABlockOfEight) {
  auto card = card_answering("9000");
  CHECK(card->has_pin_pad().value());
  CHECK(card->verify_pin_on_pad().ok());
  STRCMP_EQUAL("0000820800080602010904000000000d0000000020008008ffffffffffffffff", channel->seen.c_str());
}

TEST(PinPad, AWrongPinTellsTheTriesLeft) {
  auto card = card_answering("63c2");
  const auto verified = card->verify_pin_on_pad();
  CHECK(verified.error().kind == ErrorKind::authentication);
  LONGS_EQUAL(2, card->tries_left().value_or(-1));
  card = card_answering("6983");
  CHECK(card->verify_pin_on_pad().error().kind == ErrorKind::authentication);
  LONGS_EQUAL(0, card->tries_left().value_or(-1));
}

TEST(PinPad, NobodyTypesOrTheCardIsGone) {
  for (const char* status : {"6400", "6401", "6403"}) {
    const auto verified = card_answering(status)->verify_pin_on_pad();
    CHECK(verified.error().kind == ErrorKind::authentication);
    STRCMP_CONTAINS("no PIN was typed", verified.error().message.c_str());
  }
  CHECK(card_answering("")->verify_pin_on_pad().error().kind == ErrorKind::unavailable);
  CHECK(card_answering("90")->verify_pin_on_pad().error().kind == ErrorKind::corrupt);
}

TEST(PinPad, HandsTheReaderAChangeOfTwoBlocksWithTheNewPinTypedTwice) {
  auto card = card_answering("9000");
  CHECK(card->change_pin_on_pad().ok());
  STRCMP_EQUAL("0000820800000808060302030904000102000000150000000024008010ffffffffffffffffffffffffffffffff",
               channel->seen.c_str());
  CHECK(card_answering("6402")->change_pin_on_pad().error().kind == ErrorKind::authentication);
  LONGS_EQUAL(0x42330007, modify_code(*from_hex("120442330012070442330007")).value_or(0));
}

TEST(PinPad, NobodyTypedLeavesNoTriesOfAnEarlierAnswer) {
  auto card = card_answering("63c2");
  CHECK(!card->verify_pin_on_pad().ok());
  channel->answer_ = "6401";
  CHECK(!card->verify_pin_on_pad().ok());
  CHECK_FALSE(card->tries_left().has_value());
}
