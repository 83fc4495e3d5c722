// CTAPHID: channels, messages put together, and every way in which packets can come wrong.
#include "platform.h"

#include <deque>

#include <CppUTest/TestHarness.h>

using namespace sceau::firmware;        // NOLINT(google-build-using-namespace): the tests' own subject
using namespace sceau::firmware::test;  // NOLINT(google-build-using-namespace)

namespace {

using fido::Report;

struct TestLine final : fido::HidLine {
  bool poll(Report& report) override {
    if (coming.empty()) return false;
    report = coming.front();
    coming.pop_front();
    return true;
  }
  void send(const Report& report) override { sent.push_back(report); }
  std::size_t unread() const override { return keeps ? sent.size() : 0; }

  bool keeps = false;         // what was sent, until it is taken
  std::deque<Report> coming;  // while a command runs
  std::deque<Report> sent;
};

Report init_packet(std::uint32_t channel, unsigned command, std::size_t size, const Bytes& data = {}) {
  Report report{};
  store_be32(report.data(), channel);
  report[4] = static_cast<std::uint8_t>(0x80 | command);
  report[5] = static_cast<std::uint8_t>(size >> 8);
  report[6] = static_cast<std::uint8_t>(size);
  copy(data, ByteSpan(report).subspan(7));
  return report;
}
Report next_packet(std::uint32_t channel, std::uint8_t sequence, const Bytes& data = {}) {
  Report report{};
  store_be32(report.data(), channel);
  report[4] = sequence;
  copy(data, ByteSpan(report).subspan(5));
  return report;
}

constexpr std::uint32_t kBroadcast = 0xFFFFFFFF;
constexpr std::uint32_t kBase = 0x05000000;

}  // namespace

TEST_GROUP(FidoHid) {
  Platform token;
  TestLine line;
  Bytes message = Bytes(7609);
  Bytes answer = Bytes(1202);
  fido::CtapHid hid{token.card.board(), token.authenticator(), line, message, answer, kBase};
  std::uint32_t channel = 0;

  void setup() override { channel = open(); }

  std::uint32_t open() {
    hid.receive(init_packet(kBroadcast, 0x06, 8, {1, 2, 3, 4, 5, 6, 7, 8}));
    const Report told = take();
    return load_be32(told.data() + 15);
  }
  Report take() {
    CHECK(!line.sent.empty());
    const Report first = line.sent.front();
    line.sent.pop_front();
    return first;
  }
  // The one report sent is this error on this channel.
  void expect_error(unsigned code, std::uint32_t on) {
    const Report told = take();
    UNSIGNED_LONGS_EQUAL(on, load_be32(told.data()));
    UNSIGNED_LONGS_EQUAL(0xBF, told[4]);
    UNSIGNED_LONGS_EQUAL(code, told[7]);
    CHECK(line.sent.empty());
  }
  void send_message(std::uint32_t on, unsigned command, const Bytes& data) {
    const std::size_t first = data.size() < 57 ? data.size() : 57;
    hid.receive(
        init_packet(on, command, data.size(), {data.begin(), data.begin() + static_cast<long>(first)}));
    std::uint8_t sequence = 0;
    for (std::size_t at = first; at < data.size(); at += 59) {
      const std::size_t end = at + 59 < data.size() ? at + 59 : data.size();
      hid.receive(next_packet(on, sequence++,
                              {data.begin() + static_cast<long>(at), data.begin() + static_cast<long>(end)}));
    }
  }
  // All that was sent, as one message.
  Bytes take_message(unsigned command) {
    const Report first = take();
    UNSIGNED_LONGS_EQUAL(0x80 | command, first[4]);
    const std::size_t size = load_be16(first.data() + 5);
    Bytes data(first.begin() + 7, first.end());
    for (std::uint8_t sequence = 0; data.size() < size; ++sequence) {
      const Report next = take();
      UNSIGNED_LONGS_EQUAL(sequence, next[4]);
      data.insert(data.end(), next.begin() + 5, next.end());
    }
    data.resize(size);
    return data;
  }
};

TEST(FidoHid, GivesChannelsOutAndTellsWhatItCan) {
  hid.receive(init_packet(kBroadcast, 0x06, 8, {8, 7, 6, 5, 4, 3, 2, 1}));
  const Report told = take();
  UNSIGNED_LONGS_EQUAL(kBroadcast, load_be32(told.data()));
  UNSIGNED_LONGS_EQUAL(17, load_be16(told.data() + 5));
  CHECK(Bytes(told.begin() + 7, told.begin() + 15) == (Bytes{8, 7, 6, 5, 4, 3, 2, 1}));
  UNSIGNED_LONGS_EQUAL(channel + 1, load_be32(told.data() + 15));
  UNSIGNED_LONGS_EQUAL(2, told[19]);
  UNSIGNED_LONGS_EQUAL(0x05, told[23]);
}

TEST(FidoHid, EchoesPingsOfEverySize) {
  for (std::size_t size : {0U, 1U, 57U, 58U, 116U, 117U, 1024U, 7609U}) {
    Bytes data(size);
    for (std::size_t i = 0; i < size; ++i) data[i] = static_cast<std::uint8_t>(i * 7);
    send_message(channel, 0x01, data);
    CHECK(take_message(0x01) == data);
    CHECK(line.sent.empty());
  }
}

TEST(FidoHid, RefusesChannelsThatWereNotGivenOut) {
  for (const std::uint32_t unknown : {0U, channel + 1, 1U, 0xFFFFFFFEU}) {
    hid.receive(init_packet(unknown, 0x01, 1));
    expect_error(0x0B, unknown);
    hid.receive(init_packet(unknown, 0x06, 8));
    expect_error(0x0B, unknown);
    hid.receive(next_packet(unknown, 0));
    CHECK(line.sent.empty());
  }
  hid.receive(init_packet(kBroadcast, 0x01, 1));
  expect_error(0x0B, kBroadcast);
}

TEST(FidoHid, RefusesLengthsAndCommandsThatItDoesNotKnow) {
  hid.receive(init_packet(channel, 0x01, 7610));
  expect_error(0x03, channel);
  hid.receive(init_packet(channel, 0x06, 7));
  expect_error(0x03, channel);
  hid.receive(init_packet(channel, 0x10, 0));
  expect_error(0x03, channel);
  hid.receive(init_packet(channel, 0x08, 1));
  expect_error(0x03, channel);
  hid.receive(init_packet(channel, 0x04, 0));
  expect_error(0x03, channel);
  hid.receive(init_packet(channel, 0x04, 1, {11}));
  expect_error(0x02, channel);
  for (const unsigned command : {0x00U, 0x02U, 0x05U, 0x40U, 0x7FU, 0x3BU, 0x3FU}) {
    hid.receive(init_packet(channel, command, 0));
    expect_error(0x01, channel);
  }
}

TEST(FidoHid, WantsPacketsInOrder) {
  hid.receive(init_packet(channel, 0x01, 200));
  hid.receive(next_packet(channel, 1));
  expect_error(0x04, channel);
  hid.receive(next_packet(channel, 0));  // nobody waits for it any more
  CHECK(line.sent.empty());
  hid.receive(init_packet(channel, 0x01, 200));
  hid.receive(init_packet(channel, 0x01, 1));
  expect_error(0x04, channel);
  send_message(channel, 0x01, Bytes(100, 1));
  UNSIGNED_LONGS_EQUAL(100, take_message(0x01).size());
}

TEST(FidoHid, InitBringsAChannelInStepInTheMiddleOfAMessage) {
  hid.receive(init_packet(channel, 0x01, 200));
  hid.receive(init_packet(channel, 0x06, 8, Bytes(8, 3)));
  const Report told = take();
  UNSIGNED_LONGS_EQUAL(0x86, told[4]);
  UNSIGNED_LONGS_EQUAL(channel, load_be32(told.data() + 15));
  hid.receive(next_packet(channel, 0));
  CHECK(line.sent.empty());
}

TEST(FidoHid, TellsOthersThatItIsBusy) {
  const std::uint32_t other = open();
  hid.receive(init_packet(channel, 0x01, 100, Bytes(57, 1)));
  hid.receive(init_packet(other, 0x01, 1));
  expect_error(0x06, other);
  hid.receive(next_packet(other, 0));
  CHECK(line.sent.empty());
  hid.receive(init_packet(kBroadcast, 0x06, 8));
  expect_error(0x06, kBroadcast);
  hid.receive(next_packet(channel, 0, Bytes(43, 2)));
  CHECK(take_message(0x01) == Bytes(57, 1) + Bytes(43, 2));
}

TEST(FidoHid, SendsAnAnswerAsItsLineHasRoom) {
  line.keeps = true;
  send_message(channel, 0x01, Bytes(400, 6));
  UNSIGNED_LONGS_EQUAL(fido::kAhead, line.sent.size());
  CHECK(hid.answering());
  Bytes got;
  for (std::size_t reports = 0; reports < 7; ++reports) {
    CHECK(hid.answering());
    const Report told = take();
    got.insert(got.end(), told.begin() + (reports == 0 ? 7 : 5), told.end());
    hid.go_on_answering();
  }
  CHECK(!hid.answering());
  got.resize(400);
  CHECK(got == Bytes(400, 6));
  CHECK(message == Bytes(message.size()));
}

TEST(FidoHid, GivesUpAMessageThatStopsComing) {
  hid.receive(init_packet(channel, 0x01, 100));
  CHECK(hid.waiting());
  token.card.board().now += 499;
  hid.tick();
  CHECK(line.sent.empty());
  token.card.board().now += 1;
  hid.tick();
  expect_error(0x05, channel);
  CHECK(!hid.waiting());
  hid.receive(init_packet(channel, 0x01, 100));
  token.card.board().now += 600;
  hid.receive(next_packet(channel, 0));
  expect_error(0x05, channel);
}

TEST(FidoHid, LocksForOneChannelAndForATime) {
  const std::uint32_t other = open();
  hid.receive(init_packet(channel, 0x04, 1, {5}));
  UNSIGNED_LONGS_EQUAL(0x84, take()[4]);
  hid.receive(init_packet(other, 0x01, 0));
  expect_error(0x06, other);
  hid.receive(init_packet(channel, 0x01, 0));
  UNSIGNED_LONGS_EQUAL(0x81, take()[4]);
  token.card.board().now += 5000;
  hid.receive(init_packet(other, 0x01, 0));
  UNSIGNED_LONGS_EQUAL(0x81, take()[4]);
  hid.receive(init_packet(channel, 0x04, 1, {5}));
  take();
  hid.receive(init_packet(channel, 0x04, 1, {0}));
  take();
  hid.receive(init_packet(other, 0x01, 0));
  UNSIGNED_LONGS_EQUAL(0x81, take()[4]);
}

TEST(FidoHid, CarriesCtap2AndU2f) {
  send_message(channel, 0x10, {0x04});
  const Bytes info = take_message(0x10);
  UNSIGNED_LONGS_EQUAL(0, info[0]);
  CHECK(fido::check_cbor(ByteView(info).subspan(1)) == fido::CtapStatus::kSuccess);
  for (const char* version :
       {"00 03 00 00", "00 03 00 00 00", "00 03 00 00 00 00 00", "00 03 00 00 00 00 00 00 00"}) {
    send_message(channel, 0x03, hex(version));
    CHECK(take_message(0x03) == to_bytes("U2F_V2") + hex("9000"));
  }
  send_message(channel, 0x03, hex("00 03"));
  CHECK(take_message(0x03) == hex("6700"));
  send_message(channel, 0x03, hex("00 01 00 00 00 00 40") + Bytes(64, 1) + hex("00 00"));
  CHECK(take_message(0x03).size() > 500);
}

TEST(FidoHid, KeepsItsHostPatientAndHearsItGiveUp) {
  const std::uint32_t other = open();
  token.card.board().on_wait = [this](std::uint64_t passed) { token.card.board().now += passed; };
  token.card.board().touch = Touch::kTimedOut;
  send_message(channel, 0x10, {0x0B});
  std::size_t patience = 0;
  while (line.sent.size() > 1) {
    const Report told = take();
    UNSIGNED_LONGS_EQUAL(0xBB, told[4]);
    UNSIGNED_LONGS_EQUAL(2, told[7]);
    ++patience;
  }
  CHECK(patience > 200 && patience < 500);  // in 30 seconds
  CHECK(take_message(0x10) == Bytes{0x2F});

  line.coming = {init_packet(other, 0x01, 1), init_packet(kBroadcast, 0x06, 8), init_packet(other, 0x11, 0),
                 init_packet(channel, 0x11, 0)};
  send_message(channel, 0x10, {0x0B});
  UNSIGNED_LONGS_EQUAL(other, load_be32(take().data()));
  UNSIGNED_LONGS_EQUAL(kBroadcast, load_be32(take().data()));
  CHECK(take_message(0x10) == Bytes{0x2D});
  CHECK(line.sent.empty());
  hid.receive(init_packet(channel, 0x11, 0));  // too late: left aside
  CHECK(line.sent.empty());
}

TEST(FidoHid, InitOnTheChannelOfACommandEndsItWithoutAnAnswer) {
  token.card.board().on_wait = [this](std::uint64_t passed) { token.card.board().now += passed; };
  token.card.board().touch = Touch::kTimedOut;
  for (const unsigned command : {0x10U, 0x03U}) {
    line.coming = {init_packet(channel, 0x06, 8, {9, 8, 7, 6, 5, 4, 3, 2})};
    if (command == 0x10) {
      send_message(channel, command, {0x0B});
    } else {
      send_message(channel, command, hex("00 01 00 00 00 00 40") + Bytes(64, 1) + hex("00 00"));
    }
    const Report told = take();
    UNSIGNED_LONGS_EQUAL(0x86, told[4]);
    CHECK(Bytes(told.begin() + 7, told.begin() + 11) == (Bytes{9, 8, 7, 6}));
    UNSIGNED_LONGS_EQUAL(channel, load_be32(told.data() + 15));
    CHECK(line.sent.empty());
  }
}

TEST(FidoHid, AResetLeavesNothingForTheNextHost) {
  const std::uint32_t other = open();
  hid.receive(init_packet(other, 0x04, 1, {10}));
  take();
  hid.receive(init_packet(other, 0x01, 100, Bytes(57, 9)));
  hid.reset();
  CHECK(!hid.waiting());
  CHECK(Bytes(message.begin(), message.begin() + 100) == Bytes(100));
  hid.receive(next_packet(other, 0));
  CHECK(line.sent.empty());
  hid.receive(init_packet(other, 0x01, 1));
  expect_error(0x0B, other);
  UNSIGNED_LONGS_EQUAL(kBase + 1, open());
  hid.receive(init_packet(kBase + 1, 0x01, 0));  // nobody has the lock
  UNSIGNED_LONGS_EQUAL(0x81, take()[4]);
}

TEST(FidoHid, AResetInTheMiddleOfACommandEndsItWithoutAnAnswer) {
  token.card.board().on_wait = [this](std::uint64_t passed) {
    token.card.board().now += passed;
    hid.reset();
    hid.keep_alive();
  };
  token.card.board().touch = Touch::kTimedOut;
  send_message(channel, 0x10, {0x0B});
  CHECK(line.sent.empty());
  send_message(open(), 0x03, hex("00 01 00 00 00 00 40") + Bytes(64, 1) + hex("00 00"));
  CHECK(line.sent.empty());
  token.card.board().on_wait = nullptr;
  send_message(open(), 0x10, {0x04});
  UNSIGNED_LONGS_EQUAL(0, take_message(0x10)[0]);
}

TEST(FidoHid, TwoHostsIterateOnlyOnTheirOwnChannels) {
  Extra extra;
  extra.options = Platform::resident();
  for (std::uint8_t id = 1; id <= 3; ++id) token.make("a", {id}, extra);
  const std::uint32_t other = open();
  const Bytes ask = Bytes{0x02} + map({{number(1), text("a")}, {number(2), bytes(Bytes(32, 1))}});
  send_message(channel, 0x10, ask);
  UNSIGNED_LONGS_EQUAL(0, take_message(0x10)[0]);
  send_message(channel, 0x10, {0x08});
  UNSIGNED_LONGS_EQUAL(0, take_message(0x10)[0]);
  send_message(other, 0x10, {0x08});
  CHECK(take_message(0x10) == Bytes{0x30});
  send_message(channel, 0x10, ask);
  take_message(0x10);
  hid.receive(init_packet(channel, 0x06, 8, Bytes(8, 1)));  // the host began anew
  take();
  send_message(channel, 0x10, {0x08});
  CHECK(take_message(0x10) == Bytes{0x30});
}

TEST(FidoHid, WinksOnTheDisplay) {
  hid.receive(init_packet(channel, 0x08, 0));
  UNSIGNED_LONGS_EQUAL(0x88, take()[4]);
  STRCMP_EQUAL("FIDO: this is the token", token.card.board().shown.at(0).c_str());
}
