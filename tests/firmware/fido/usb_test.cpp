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
    copy(command, answer);
    return command.size();
  }

  Bytes atr{0x3B, 0x00};
  std::vector<bool> powers;
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
  Bytes message = Bytes(usb::kMaxCcidMessage);
  Bytes answer = Bytes(usb::kMaxCcidMessage);
  Bytes fido_message = Bytes(fido::kMaxMessage);
  Bytes fido_answer = Bytes(fido::kMaxMessage + 2);
  usb::CcidFunction ccid{slot, message, answer};
  std::vector<fido::Report> reports = std::vector<fido::Report>(usb::HidFunction::kQueue);
  usb::HidFunction hid{reports};
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
  CHECK(message == empty);
  read();
  CHECK(answer == empty);

  send(command);
  send(ccid_message(0x65, 3));  // without reading that answer
  UNSIGNED_LONGS_EQUAL(10, read().size());
  CHECK(answer == empty);

  send(command);
  device.out(usb::kEndpointCcid, Bytes(command.begin(), command.begin() + 100));
  device.bus_reset();
  CHECK(message == empty);
  CHECK(answer == empty);

  configure();
  send(ccid_message(0x62, 4));
  read();
  slot.meanwhile = [this] { device.bus_reset(); };
  send(command);
  CHECK(message == empty);
  CHECK(answer == empty);
  slot.meanwhile = nullptr;

  configure();
  Bytes too_long = command;
  store_le32(too_long.data() + 1, 0xFFFF);
  device.out(usb::kEndpointCcid, too_long);
  UNSIGNED_LONGS_EQUAL(1, read()[8]);
  CHECK(message == empty);
  device.out(usb::kEndpointCcid, Bytes(command.begin(), command.begin() + 100));
  CHECK(device.out(usb::kEndpointCcid, Bytes(usb::kMaxCcidMessage, 7)).outcome == usb::Outcome::kStall);
  CHECK(message == empty);
  Bytes wrong_slot = command;
  wrong_slot[5] = 1;
  send(wrong_slot);
  CHECK_EQUAL(5, read()[8]);
  CHECK(message == empty);
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
  const auto packet = [](std::uint32_t channel, std::uint8_t kind, const Bytes& data) {
    Bytes report(64);
    store_be32(report.data(), channel);
    report[4] = kind;
    copy(data, ByteSpan(report).subspan(5));
    return report;
  };
  const auto answer_of_hid = [this] {
    Bytes into(64);
    into.resize(device.in(usb::kEndpointHid, into).size);
    return into;
  };
  device.out(usb::kEndpointHid, packet(0xFFFFFFFF, 0x86, {0, 8, 1, 2, 3, 4, 5, 6, 7, 8}));
  device.work();
  const std::uint32_t channel = load_be32(answer_of_hid().data() + 15);
  device.out(usb::kEndpointHid, packet(channel, 0x81, Bytes{0, 100} + Bytes(57, 1)));
  send(ccid_message(0x62, 1));
  read();
  slot.meanwhile = [&] {
    hid.refuse();
    token.card.board().now += 600;
    device.out(usb::kEndpointHid, packet(0xFFFFFFFF, 0x86, {0, 8}));
    device.out(usb::kEndpointHid, packet(channel, 0, Bytes(43, 2)));
    hid.refuse();
    CHECK_EQUAL(0xBF, answer_of_hid()[4]);  // the other is told that it is busy
    CHECK(answer_of_hid().empty());
  };
  send(ccid_message(0x6F, 2, {1}));
  CHECK_EQUAL(0x81, answer_of_hid()[4]);
  CHECK(answer_of_hid() == packet(channel, 0, Bytes(43, 2)));
  CHECK(answer_of_hid().empty());
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
