// The USB device: what the tests over USB/IP cannot make happen.
#include "usb_device.h"

using namespace sceau::firmware;        // NOLINT(google-build-using-namespace): the tests' own subject
using namespace sceau::firmware::test;  // NOLINT(google-build-using-namespace)

TEST_GROUP_BASE(Usb, UsbDevice){};

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
