// The token's whole USB device, with a card that echoes, and both halves' messages to it and from it.
#pragma once

#include "platform.h"
#include "usb/ccid_class.h"
#include "usb/device.h"
#include "usb/hid_class.h"

#include <CppUTest/TestHarness.h>

namespace sceau::firmware::test {

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

inline Bytes ccid_message(std::uint8_t type, std::uint8_t sequence, const Bytes& data = {}) {
  Bytes message(10);
  message[0] = type;
  store_le32(message.data() + 1, static_cast<std::uint32_t>(data.size()));
  message[6] = sequence;
  return message + data;
}

// The base of groups of tests.
struct UsbDevice : Utest {
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

}  // namespace sceau::firmware::test
