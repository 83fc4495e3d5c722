// CTAPHID over the USB device, beside the card's half: what the tests over USB/IP cannot make happen.
#include "usb_device.h"

using namespace sceau::firmware;        // NOLINT(google-build-using-namespace): the tests' own subject
using namespace sceau::firmware::test;  // NOLINT(google-build-using-namespace)

TEST_GROUP_BASE(UsbHid, UsbDevice){};

TEST(UsbHid, ACommandOfTheReadersLeavesAMessageOfCtaphidInPieces) {
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

TEST(UsbHid, AQueueOfReportsThatIsFullMakesTheHostWait) {
  const Bytes report(64);
  usb::Outcome last = usb::Outcome::kDone;
  std::size_t taken = 0;
  for (; last == usb::Outcome::kDone; ++taken) last = device.out(usb::kEndpointHid, report).outcome;
  CHECK(last == usb::Outcome::kNothingYet);
  UNSIGNED_LONGS_EQUAL(usb::HidFunction::kArrivals + 1, taken);
  device.work();
  CHECK(device.out(usb::kEndpointHid, report).outcome == usb::Outcome::kDone);
}

TEST(UsbHid, AnAnswerThatIsBeingReadKeepsTheNextMessageWaiting) {
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

TEST(UsbHid, AnAnswerThatNobodyReadsOnGivesWayToWhatIsNew) {
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

TEST(UsbHid, ABusResetInTheMiddleOfAnAnswerLeavesNothingOfIt) {
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

TEST(UsbHid, KeepalivesThatNobodyReadLeaveTheAnswerWhole) {
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

TEST(UsbHid, BothHalvesAnswersAreReadAtOnceAndWhole) {
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
