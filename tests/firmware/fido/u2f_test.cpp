// U2F, and CTAP2 in APDUs: through the card's dispatcher.
#include "platform.h"

#include "crypto/elliptic.h"

#include <CppUTest/TestHarness.h>

using namespace sceau::firmware;        // NOLINT(google-build-using-namespace): the tests' own subject
using namespace sceau::firmware::test;  // NOLINT(google-build-using-namespace)

namespace {

constexpr const char* kSelect = "00 A4 04 00 08 A0 00 00 06 47 2F 00 01 00";

}  // namespace

TEST_GROUP(FidoCard) {
  Platform token;
  Bytes challenge = Bytes(32, 0xC1);
  Bytes application = Bytes(32, 0xA2);

  void setup() override { token.card.send(kSelect); }

  // Public point, key handle; empty when refused.
  std::pair<Bytes, Bytes> enrol() {
    const Answer answer = token.card.command("00 01 00 00", challenge + application);
    if (answer.word != 0x9000 && (answer.word & 0xFF00) != 0x6100) return {};
    Bytes data = answer.data;
    unsigned word = answer.word;
    while ((word & 0xFF00) == 0x6100) {
      const Answer more = token.card.send("00 C0 00 00 00");
      data = data + more.data;
      word = more.word;
    }
    const auto at = data.begin() + 66;
    return {{data.begin() + 1, at}, {at + 1, at + 1 + *at}};
  }
  Answer sign(const char* p1, const Bytes& handle) {
    return token.card.command(
        std::string("00 02 ") + p1 + " 00",
        challenge + application + Bytes{static_cast<std::uint8_t>(handle.size())} + handle);
  }
};

TEST(FidoCard, TellsItsVersions) {
  CHECK(token.card.send(kSelect).data == to_bytes("U2F_V2"));
  CHECK(token.card.send("00 03 00 00 00").data == to_bytes("U2F_V2"));
}

TEST(FidoCard, RegistersAndAuthenticatesByU2f) {
  const auto enrolled = enrol();
  UNSIGNED_LONGS_EQUAL(65, enrolled.first.size());
  UNSIGNED_LONGS_EQUAL(0x6985, sign("07", enrolled.second).word);
  const Answer first = sign("03", enrolled.second);
  UNSIGNED_LONGS_EQUAL(0x9000, first.word);
  UNSIGNED_LONGS_EQUAL(1, first.data[0]);
  const Answer silent = sign("08", enrolled.second);
  UNSIGNED_LONGS_EQUAL(0, silent.data[0]);
  UNSIGNED_LONGS_EQUAL(load_be32(first.data.data() + 1) + 1, load_be32(silent.data.data() + 1));
}

TEST(FidoCard, RefusesOtherHandlesApplicationsAndLengths) {
  const auto enrolled = enrol();
  Bytes forged = enrolled.second;
  forged[20] ^= 1;
  UNSIGNED_LONGS_EQUAL(0x6A80, sign("03", forged).word);
  UNSIGNED_LONGS_EQUAL(0x6A80, sign("07", {}).word);
  application[0] ^= 1;
  UNSIGNED_LONGS_EQUAL(0x6A80, sign("07", enrolled.second).word);
  application[0] ^= 1;
  UNSIGNED_LONGS_EQUAL(0x6A86, sign("05", enrolled.second).word);
  UNSIGNED_LONGS_EQUAL(0x6700, token.card.command("00 02 03 00", Bytes(65, 9)).word);
  UNSIGNED_LONGS_EQUAL(0x6700, token.card.command("00 01 00 00", Bytes(63, 1)).word);
  UNSIGNED_LONGS_EQUAL(0x6700, token.card.word("00 03 00 00 01 00"));
  UNSIGNED_LONGS_EQUAL(0x6D00, token.card.word("00 04 00 00"));
  token.card.board().touch = Touch::kTimedOut;
  UNSIGNED_LONGS_EQUAL(0x6985, sign("03", enrolled.second).word);
}

TEST(FidoCard, WhatU2fRegisteredWorksInCtap2) {
  application = sha(to_bytes("example.org"));
  Made made;
  const auto enrolled = enrol();
  made.point = enrolled.first;
  made.id = enrolled.second;
  CHECK(token.get(made).verified);
}

TEST(FidoCard, CarriesCtap2InShortChainedAndExtendedCommands) {
  const Bytes get_info{0x04};
  const Answer extended = token.card.send(hex("80 10 00 00 00 00 01 04 00 00"));
  UNSIGNED_LONGS_EQUAL(0x9000, extended.word);
  const Answer chained = token.card.chained("80 10 00 00", get_info);
  CHECK(chained.data == extended.data);
  UNSIGNED_LONGS_EQUAL(0, extended.data[0]);
  UNSIGNED_LONGS_EQUAL(0x9000, token.card.word("80 10 80 00 01 0B 00"));
  const Bytes padded = Bytes{0x02} + bytes(Bytes(600, 1));
  const Answer wrong = token.card.chained("80 10 00 00", padded);
  UNSIGNED_LONGS_EQUAL(0x9000, wrong.word);
  CHECK(wrong.data == Bytes{0x11});
  UNSIGNED_LONGS_EQUAL(0x6700, token.card.chained("80 10 00 00", Bytes(1201, 0)).word);
  UNSIGNED_LONGS_EQUAL(0x6A86, token.card.word("80 10 01 00 01 04 00"));
  UNSIGNED_LONGS_EQUAL(0x6D00, token.card.word("80 20 00 00 01 04 00"));
  UNSIGNED_LONGS_EQUAL(0x9000, token.card.word("80 12 01 00"));
}

TEST(FidoCard, ClassEightIsForThisApplicationAlone) {
  token.card.send("00 A4 04 00 05 A0 00 00 03 08");
  UNSIGNED_LONGS_EQUAL(0x6E00, token.card.word("80 10 00 00 01 04 00"));
  token.card.send("00 A4 04 00 07 F0 53 43 45 41 55 01 00");
  UNSIGNED_LONGS_EQUAL(0x6E00, token.card.word("80 10 00 00 01 04 00"));
  token.card.send(kSelect);
  UNSIGNED_LONGS_EQUAL(0x6E00, token.card.word("A0 10 00 00 01 04 00"));
}

TEST(FidoCard, AnotherApplicationEndsItsIterations) {
  Extra extra;
  extra.options = Platform::resident();
  for (std::uint8_t id = 1; id <= 2; ++id) token.make("a", {id}, extra);
  const Bytes ask = Bytes{0x02} + map({{number(1), text("a")}, {number(2), bytes(Bytes(32, 1))}});
  UNSIGNED_LONGS_EQUAL(0, token.card.command("80 10 00 00", ask).data[0]);
  token.card.send("00 A4 04 00 05 A0 00 00 03 08");
  token.card.send(kSelect);
  CHECK(token.card.command("80 10 00 00", {0x08}).data == Bytes{0x30});
}
