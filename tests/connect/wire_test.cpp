#include "client.h"
#include "connect/values.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

using namespace sceau;
using namespace sceau::connect;

TEST_GROUP(Wire){};

TEST(Wire, AStartupMessageIsReadInPieces) {
  const std::string body = int32(kProtocol) + zero("user") + zero("carol") + zero("");
  const std::string packet = int32(static_cast<std::int64_t>(body.size()) + 4) + body;
  MessageReader reader;
  for (std::size_t i = 0; i + 1 < packet.size(); ++i) {
    reader.feed(packet.substr(i, 1));
    const auto opening = reader.opening();
    CHECK(opening.ok());
    CHECK(!opening->has_value());
  }
  reader.feed(packet.substr(packet.size() - 1));
  const auto opening = reader.opening();
  CHECK(opening.ok());
  STRCMP_EQUAL("carol", (*opening)->parameters.at("user").c_str());
}

TEST(Wire, LengthsThatCannotBeAreRefusedBeforeAnythingIsKept) {
  for (const std::int64_t length : {0, 3, 7, 10001, 2000000000}) {
    MessageReader reader;
    reader.feed(int32(length));
    CHECK(!reader.opening().ok());
  }
  MessageReader reader;
  reader.feed("Q" + int32(1 << 21));
  CHECK(!reader.message().ok());
  MessageReader small;
  small.feed("Q" + int32(3));
  CHECK(!small.message().ok());
}

TEST(Wire, CountsAreNotBelievedBeforeTheirBytesAreThere) {
  CHECK(!read_parse(zero("") + zero("SELECT 1") + int16(500) + int32(23)).ok());
  CHECK(!read_bind(zero("") + zero("") + int16(0) + int16(2) + int32(1) + "x").ok());
  CHECK(!read_bind(zero("") + zero("") + int16(0) + int16(1) + int32(1000000) + "x" + int16(0)).ok());
  CHECK(!read_bind(zero("") + zero("") + int16(1) + int16(7) + int16(0) + int16(0)).ok());
  CHECK(!read_execute(zero("") + int32(0) + "more").ok());
  CHECK(!read_named("X" + zero("")).ok());
}

TEST(Wire, ANullAndAnEmptyValueAreTwoThings) {
  const auto bind =
      read_bind(zero("") + zero("s") + int16(0) + int16(2) + int32(-1) + int32(0) + int16(1) + int16(1));
  CHECK(bind.ok());
  CHECK(!bind->values[0].has_value());
  STRCMP_EQUAL("", bind->values[1]->c_str());
  CHECK(format_of(bind->results_binary, 5));
}

TEST(Wire, ValuesGoThroughBinaryAndBack) {
  const struct {
    std::uint32_t type;
    const char* text;
  } values[] = {
      {kInt8, "-9007199254740993"}, {kInt4, "-7"}, {kInt2, "12"}, {kFloat8, "0.1"}, {kFloat4, "1.5"},
      {kOid, "4000000000"},         {kBool, "t"},  {kText, "été"}};
  for (const auto& one : values) {
    const auto binary = encoded(Value(one.text), one.type, true);
    CHECK(binary.ok());
    const auto text = text_of(*binary, one.type, true);
    CHECK(text.ok());
    STRCMP_EQUAL(one.text, (*text)->c_str());
  }
  CHECK(!text_of(Value("123"), kInt4, true).ok());
  CHECK(!encoded(Value("1"), kNumeric, true).ok());
  for (const auto type : {kInt2, kInt4, kOid}) CHECK(!encoded(Value("5000000000"), type, true).ok());
  CHECK(*encoded(Value("2000-01-02"), kDate, true) == Value(int32(1)));
  CHECK(*encoded(Value("1999-12-31"), kDate, true) == Value(int32(-1)));
  CHECK(*encoded(Value("2000-01-01 00:00:01+00"), kTimestamptz, true) == Value(int32(0) + int32(1000000)));
  CHECK(*encoded(Value("2000-01-01 00:00:01"), kTimestamp, true) == Value(int32(0) + int32(1000000)));
  CHECK(!encoded(Value("soon"), kTimestamp, true).ok());
}

TEST(Wire, ALiteralIsANumberOrQuoted) {
  STRCMP_EQUAL("'O''Brien'", literal(Value("O'Brien"), kText).c_str());
  STRCMP_EQUAL("(-5)", literal(Value("-5"), kInt4).c_str());
  STRCMP_EQUAL("'1; DROP TABLE x'", literal(Value("1; DROP TABLE x"), kInt4).c_str());
  STRCMP_EQUAL("'nan'", literal(Value("nan"), kFloat8).c_str());
  STRCMP_EQUAL("NULL", literal(Value(), kInt4).c_str());
}
