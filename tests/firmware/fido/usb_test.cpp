// The USB device: what the tests over USB/IP cannot make happen.
#include "usb/device.h"

#include "platform.h"
#include "usb/ccid_class.h"
#include "usb/hid_class.h"

#include <CppUTest/TestHarness.h>

using namespace sceau::firmware;        // NOLINT(google-build-using-namespace): the tests' own subject
using namespace sceau::firmware::test;  // NOLINT(google-build-using-namespace)

namespace {

// Answers with what it was asked, and does something of the test's meanwhile.
struct EchoSlot final : usb::CardSlot {
  ByteView answer_to_reset() const override { return atr; }
  void power(bool on) override { powers.push_back(on); }
  std::size_t exchange(ByteView command, ByteSpan answer) override {
    if (meanwhile) meanwhile();
    const std::size_t size = command.size() < most ? command.size() : most;
    copy(command.first(size), answer);
    return size;
  }

  Bytes atr{0x3B, 0x00};
  std::vector<bool> powers;
  std::size_t most = usb::kMaxCcidMessage;  // of an answer
  std::function<void()> meanwhile;
};

Bytes ccid_message(std::uint8_t type, std::uint8_t sequence, const Bytes& data = {}) {
  Bytes message(10);
  message[0] = type;
  store_le32(message.data() + 1, static_cast<std::uint32_t>(data.size()));
  message[6] = sequence;
  return message + data;
}

}  // namespace

TEST_GROUP(Usb) {
  Platform token;
  EchoSlot slot;
  Bytes buffer = Bytes(usb::kMaxCcidMessage);
  Bytes fido_message = Bytes(fido::kMaxMessage);
  Bytes fido_answer = Bytes(fido::kMaxMessage + 2);
  usb::CcidFunction ccid{slot, buffer};
  usb::HidFunction hid;
  fido::CtapHid fido{token.card.board(), token.authenticator(), hid, fido_message, fido_answer, 0};
  usb::Device device{ccid, hid, 0x1234ABCD};

  void setup() override {
    hid.attach(fido);
    configure();
  }
  void configure() { CHECK(control({0x00, 9, 1, 0, 0}).outcome == usb::Outcome::kDone); }
  usb::Transfer control(const usb::Setup& request) {
    Bytes into(request.length);
    return device.control(request, {}, into);
  }
  void send(const Bytes& data) {
    UNSIGNED_LONGS_EQUAL(data.size(), device.out(usb::kEndpointCcid, data).size);
    device.work();
  }
  Bytes read(std::size_t most = usb::kMaxCcidMessage) {
    Bytes into(most);
    into.resize(device.in(usb::kEndpointCcid, into).size);
    return into;
  }

  static Bytes packet(std::uint32_t channel, unsigned kind, const Bytes& data) {
    Bytes report(64);
    store_be32(report.data(), channel);
    report[4] = static_cast<std::uint8_t>(kind);
    copy(data, ByteSpan(report).subspan(5));
    return report;
  }
  // Without doing it.
  usb::Outcome give(const Bytes& report) { return device.out(usb::kEndpointHid, report).outcome; }
  Bytes read_report() {
    Bytes into(64);
    into.resize(device.in(usb::kEndpointHid, into).size);
    return into;
  }
  std::uint32_t open_channel() {
    give(packet(0xFFFFFFFF, 0x86, {0, 8, 1, 2, 3, 4, 5, 6, 7, 8}));
    device.work();
    return load_be32(read_report().data() + 15);
  }
  static Bytes counting(std::size_t size) {
    Bytes data(size);
    for (std::size_t i = 0; i < size; ++i) data[i] = static_cast<std::uint8_t>(i * 7 + i / 256);
    return data;
  }
  // A whole message, whose packets the device takes as they come.
  void send_message(std::uint32_t channel, unsigned command, const Bytes& data) {
    std::size_t at = data.size() < 57 ? data.size() : 57;
    const Bytes size{static_cast<std::uint8_t>(data.size() >> 8U), static_cast<std::uint8_t>(data.size())};
    CHECK(give(packet(channel, 0x80 | command, size + Bytes(data.begin(), data.begin() + long(at)))) ==
          usb::Outcome::kDone);
    device.work();
    for (unsigned sequence = 0; at < data.size(); ++sequence) {
      const std::size_t end = at + 59 < data.size() ? at + 59 : data.size();
      CHECK(give(packet(channel, sequence, Bytes(data.begin() + long(at), data.begin() + long(end)))) ==
            usb::Outcome::kDone);
      device.work();
      at = end;
    }
  }
  // The answer that waits, of which `first` was read already; every report is of this channel, and in order.
  Bytes read_message(std::uint32_t channel, unsigned command, Bytes first = {}) {
    if (first.empty()) first = read_report();
    UNSIGNED_LONGS_EQUAL(64, first.size());
    UNSIGNED_LONGS_EQUAL(channel, load_be32(first.data()));
    UNSIGNED_LONGS_EQUAL(0x80 | command, first[4]);
    const std::size_t size = load_be16(first.data() + 5);
    Bytes data(first.begin() + 7, first.end());
    for (unsigned sequence = 0; data.size() < size; ++sequence) {
      const Bytes next = read_report();
      UNSIGNED_LONGS_EQUAL(64, next.size());
      UNSIGNED_LONGS_EQUAL(channel, load_be32(next.data()));
      UNSIGNED_LONGS_EQUAL(sequence, next[4]);
      data.insert(data.end(), next.begin() + 5, next.end());
    }
    data.resize(size);
    return data;
  }
};

TEST(Usb, AnswersAreReadInPiecesOfAnySize) {
  send(ccid_message(0x62, 1));
  CHECK(read() == ccid_message(0x80, 1, slot.atr));
  send(ccid_message(0x6F, 2, Bytes(200, 7)));
  Bytes whole;
  for (Bytes part = read(64); !part.empty(); part = read(64)) whole = whole + part;
  CHECK(whole == ccid_message(0x80, 2, Bytes(200, 7)));
  CHECK(device.in(usb::kEndpointCcid, whole).outcome == usb::Outcome::kNothingYet);
}

TEST(Usb, MessagesComeInPiecesOfAnySize) {
  send(ccid_message(0x62, 1));
  read();
  const Bytes whole = ccid_message(0x6F, 3, Bytes(150, 9));
  for (std::size_t at = 0; at < whole.size(); at += 7) {
    CHECK(read().empty());
    const std::size_t end = at + 7 < whole.size() ? at + 7 : whole.size();
    send({whole.begin() + static_cast<long>(at), whole.begin() + static_cast<long>(end)});
  }
  CHECK(read() == ccid_message(0x80, 3, Bytes(150, 9)));
}

TEST(Usb, AHostIsAskedForPatienceOnceUntilItHasHeardIt) {
  send(ccid_message(0x62, 1));
  read();
  slot.meanwhile = [this] {
    ccid.extend();
    ccid.extend();
    CHECK_EQUAL(0x80, read()[7]);
    CHECK(read().empty());
    ccid.extend();
    CHECK_EQUAL(0x80, read()[7]);
    const Bytes another = ccid_message(0x65, 9);
    CHECK(device.out(usb::kEndpointCcid, another).outcome == usb::Outcome::kNothingYet);
  };
  send(ccid_message(0x6F, 5, {1, 2, 3}));
  CHECK(read() == ccid_message(0x80, 5, {1, 2, 3}));
}

TEST(Usb, ABusResetInTheMiddleOfACommandLeavesNoAnswerAndAColdCard) {
  send(ccid_message(0x62, 1));
  read();
  slot.powers.clear();
  slot.meanwhile = [this] {
    device.bus_reset();
    CHECK(slot.powers.empty());  // not while it works
    configure();
    ccid.extend();
    CHECK(read().empty());  // the next host did not ask for it
  };
  send(ccid_message(0x6F, 5, {1, 2, 3}));
  CHECK(slot.powers == std::vector<bool>{false});
  CHECK(read().empty());
  slot.meanwhile = nullptr;
  send(ccid_message(0x6F, 6, {1}));
  CHECK_EQUAL(0xFE, read()[8]);
}

TEST(Usb, ABusResetTakesTheCardsPowerOnlyWhenNoCommandRuns) {
  send(ccid_message(0x62, 1));
  read();
  slot.powers.clear();
  device.bus_reset();
  CHECK(slot.powers.empty());  // a command of FIDO's may be running, of which the reader knows nothing
  CHECK(ccid.power_off_due());
  configure();
  const Bytes power_on = ccid_message(0x62, 2);
  UNSIGNED_LONGS_EQUAL(power_on.size(), device.out(usb::kEndpointCcid, power_on).size);
  device.work();
  CHECK((slot.powers == std::vector<bool>{false, true}));  // before anything that the next host asks for
  CHECK(!ccid.power_off_due());
}

TEST(Usb, NoMessageAndNoAnswerStaysInItsBuffer) {
  const Bytes empty(usb::kMaxCcidMessage);
  const Bytes command = ccid_message(0x6F, 2, Bytes(200, 7));
  send(ccid_message(0x62, 1));
  read();
  send(command);
  read();
  CHECK(buffer == empty);
  slot.most = 4;  // bytes of an answer: nothing is left of the command behind it
  send(command);
  CHECK(Bytes(buffer.begin() + 14, buffer.end()) == Bytes(empty.begin() + 14, empty.end()));
  read(5);
  CHECK(Bytes(buffer.begin(), buffer.begin() + 5) == Bytes(5));
  read();
  CHECK(buffer == empty);
  slot.most = usb::kMaxCcidMessage;

  send(command);
  send(ccid_message(0x65, 3));  // without reading that answer
  UNSIGNED_LONGS_EQUAL(10, read().size());
  CHECK(buffer == empty);

  send(command);
  device.bus_reset();
  CHECK(buffer == empty);
  configure();
  device.out(usb::kEndpointCcid, Bytes(command.begin(), command.begin() + 100));
  device.bus_reset();
  CHECK(buffer == empty);

  configure();
  send(ccid_message(0x62, 4));
  read();
  slot.meanwhile = [this] { device.bus_reset(); };
  send(command);
  CHECK(buffer == empty);
  slot.meanwhile = nullptr;

  configure();
  Bytes too_long = command;
  store_le32(too_long.data() + 1, 0xFFFF);
  device.out(usb::kEndpointCcid, too_long);
  UNSIGNED_LONGS_EQUAL(1, read()[8]);
  CHECK(buffer == empty);
  device.out(usb::kEndpointCcid, Bytes(command.begin(), command.begin() + 100));
  CHECK(device.out(usb::kEndpointCcid, Bytes(usb::kMaxCcidMessage, 7)).outcome == usb::Outcome::kStall);
  CHECK(buffer == empty);
  Bytes wrong_slot = command;
  wrong_slot[5] = 1;
  send(wrong_slot);
  CHECK_EQUAL(5, read()[8]);
  CHECK(buffer == empty);
}

TEST(Usb, TheNextMessageTakesThePlaceOfAnAnswerThatWasNotRead) {
  send(ccid_message(0x62, 1));
  read();
  send(ccid_message(0x6F, 2, counting(500)));
  UNSIGNED_LONGS_EQUAL(64, read(64).size());
  const Bytes next = ccid_message(0x6F, 3, Bytes(100, 9));
  send({next.begin(), next.begin() + 20});
  CHECK(read().empty());  // nothing of either
  send({next.begin() + 20, next.end()});
  CHECK(device.out(usb::kEndpointCcid, Bytes()).outcome == usb::Outcome::kDone);  // a packet of no bytes
  CHECK(read() == ccid_message(0x80, 3, Bytes(100, 9)));
}

TEST(Usb, AHostThatIsAskedForPatienceBeforeItsCommandRunsHasItRunWhole) {
  send(ccid_message(0x62, 1));
  read();
  const Bytes command = ccid_message(0x6F, 6, counting(3000));
  UNSIGNED_LONGS_EQUAL(command.size(), device.out(usb::kEndpointCcid, command).size);
  ccid.extend();  // the token works for somebody else
  const Bytes patience = read();
  CHECK_EQUAL(6, patience.at(6));
  CHECK_EQUAL(0x80, patience.at(7));
  ccid.extend();  // and this one is not read
  device.work();
  CHECK(read() == ccid_message(0x80, 6, counting(3000)));
  CHECK(read().empty());
}

TEST(Usb, NothingMovesWhileItIsSuspendedOrNotConfigured) {
  const Bytes status = ccid_message(0x65, 1);
  device.suspend();
  CHECK(device.out(usb::kEndpointCcid, status).outcome == usb::Outcome::kNothingYet);
  device.resume();
  send(status);
  CHECK_EQUAL(10U, read().size());
  device.bus_reset();
  CHECK(device.out(usb::kEndpointCcid, status).outcome == usb::Outcome::kStall);
  CHECK(control({0x00, 9, 2, 0, 0}).outcome == usb::Outcome::kStall);
}

TEST(Usb, AnEndpointIsHaltedInOneDirectionAlone) {
  CHECK(control({0x02, 3, 0, 0x81, 0}).outcome == usb::Outcome::kDone);
  send(ccid_message(0x65, 4));
  Bytes into(64);
  CHECK(device.in(usb::kEndpointCcid, into).outcome == usb::Outcome::kStall);
  CHECK(control({0x02, 1, 0, 0x81, 0}).outcome == usb::Outcome::kDone);
  CHECK_EQUAL(4, read()[6]);
  for (const std::uint16_t none : std::vector<std::uint16_t>{0x00, 0x80, 0x03, 0x83, 0x11, 0x181}) {
    CHECK(control({0x02, 3, 0, none, 0}).outcome == usb::Outcome::kStall);
  }
}

TEST(Usb, TakesAnAddressAndGivesItBackAtAReset) {
  CHECK(control({0x00, 5, 77, 0, 0}).outcome == usb::Outcome::kDone);
  CHECK_EQUAL(77, device.address());
  CHECK(control({0x00, 5, 128, 0, 0}).outcome == usb::Outcome::kStall);
  device.bus_reset();
  CHECK_EQUAL(0, device.address());
}

TEST(Usb, ACommandOfTheReadersLeavesAMessageOfCtaphidInPieces) {
  const std::uint32_t channel = open_channel();
  device.out(usb::kEndpointHid, packet(channel, 0x81, Bytes{0, 100} + Bytes(57, 1)));
  send(ccid_message(0x62, 1));
  read();
  slot.meanwhile = [&] {
    hid.refuse();
    token.card.board().now += 600;
    device.out(usb::kEndpointHid, packet(0xFFFFFFFF, 0x86, {0, 8}));
    device.out(usb::kEndpointHid, packet(channel, 0, Bytes(43, 2)));
    hid.refuse();
    CHECK_EQUAL(0xBF, read_report()[4]);  // the other is told that it is busy
    CHECK(read_report().empty());
  };
  send(ccid_message(0x6F, 2, {1}));
  CHECK_EQUAL(0x81, read_report()[4]);
  CHECK(read_report() == packet(channel, 0, Bytes(43, 2)));
  CHECK(read_report().empty());
}

TEST(Usb, AQueueOfReportsThatIsFullMakesTheHostWait) {
  const Bytes report(64);
  usb::Outcome last = usb::Outcome::kDone;
  std::size_t taken = 0;
  for (; last == usb::Outcome::kDone; ++taken) last = device.out(usb::kEndpointHid, report).outcome;
  CHECK(last == usb::Outcome::kNothingYet);
  UNSIGNED_LONGS_EQUAL(usb::HidFunction::kArrivals + 1, taken);
  device.work();
  CHECK(device.out(usb::kEndpointHid, report).outcome == usb::Outcome::kDone);
}

TEST(Usb, AnAnswerThatIsBeingReadKeepsTheNextMessageWaiting) {
  const std::uint32_t channel = open_channel();
  const std::uint32_t other = open_channel();
  send_message(channel, 0x01, counting(1000));
  const Bytes first = read_report();
  CHECK(give(packet(other, 0x81, Bytes{0, 3} + Bytes(3, 0xEE))) == usb::Outcome::kDone);
  device.work();
  hid.refuse();
  CHECK(!hid.due());
  CHECK(hid.waiting());
  CHECK(read_message(channel, 0x01, first) == counting(1000));
  CHECK(read_report().empty());
  CHECK(hid.due());
  device.work();
  CHECK(read_message(other, 0x01) == Bytes(3, 0xEE));
  CHECK(!hid.waiting());

  send_message(channel, 0x10, {0x04});  // made elsewhere than where the message was
  const Bytes head = read_report();
  give(packet(other, 0x90, {0, 1, 0x04}));
  device.work();
  const Bytes info = read_message(channel, 0x10, head);
  CHECK(info.size() > 4 * 59);
  CHECK(fido::check_cbor(ByteView(info).subspan(1)) == fido::CtapStatus::kSuccess);
  device.work();
  CHECK(read_message(other, 0x10) == info);
}

TEST(Usb, AnAnswerThatNobodyReadsOnGivesWayToWhatIsNew) {
  const std::uint32_t channel = open_channel();
  send_message(channel, 0x01, counting(1000));
  read_report();
  token.card.board().now += 499;
  read_report();  // still there, and read on
  give(packet(channel, 0x81, Bytes{0, 3} + Bytes(3, 1)));
  token.card.board().now += 499;
  device.work();
  CHECK(hid.waiting());
  token.card.board().now += 1;
  device.work();
  CHECK(read_message(channel, 0x01) == Bytes(3, 1));
  CHECK(fido_message == Bytes(fido_message.size()));
  CHECK(!hid.waiting());

  send_message(channel, 0x01, counting(1000));
  token.card.board().now += 5000;
  device.work();
  CHECK(read_message(channel, 0x01) == counting(1000));  // nothing new: a host may be slow
}

TEST(Usb, ABusResetInTheMiddleOfAnAnswerLeavesNothingOfIt) {
  std::uint32_t channel = open_channel();
  send_message(channel, 0x10, {0x04});
  read_report();
  device.bus_reset();
  configure();
  CHECK(read_report().empty());
  CHECK(fido_message == Bytes(fido_message.size()));
  CHECK(fido_answer == Bytes(fido_answer.size()));
  channel = open_channel();
  send_message(channel, 0x01, counting(200));
  CHECK(read_message(channel, 0x01) == counting(200));
}

TEST(Usb, KeepalivesThatNobodyReadLeaveTheAnswerWhole) {
  const std::uint32_t channel = open_channel();
  token.card.board().on_wait = [this](std::uint64_t passed) { token.card.board().now += passed; };
  token.card.board().touch = Touch::kTimedOut;
  send_message(channel, 0x10, {0x0B});
  Bytes report = read_report();
  std::size_t patience = 0;
  for (; report.at(4) == 0xBB; ++patience) report = read_report();
  CHECK(patience > 0 && patience < fido::kAhead);
  CHECK(read_message(channel, 0x10, report) == Bytes{0x2F});
}

TEST(Usb, BothHalvesAnswersAreReadAtOnceAndWhole) {
  const std::uint32_t channel = open_channel();
  send(ccid_message(0x62, 1));
  read();
  send_message(channel, 0x01, counting(1200));
  Bytes first;
  slot.meanwhile = [&] {  // in the interrupt, as it were
    hid.refuse();
    first = read_report();
  };
  send(ccid_message(0x6F, 2, Bytes(3000, 5)));
  UNSIGNED_LONGS_EQUAL(64, read(64).size());
  CHECK(read_message(channel, 0x01, first) == counting(1200));
  send_message(channel, 0x10, {0x04});
  CHECK(read() == Bytes(3010 - 64, 5));
  CHECK_EQUAL(0, read_message(channel, 0x10).at(0));
}
