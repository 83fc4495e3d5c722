// The USB device, in front of a host that sends any control transfer and any data to any endpoint.
//
// Whatever it does: no answer is longer than what was asked for; what a CCID message is answered with says
// its own length; what is read of CTAPHID is whole messages, in order; and a host that resets the bus and
// configures the device finds a reader and a key that work.
#include "usb/device.h"

#include "../firmware/fido/platform.h"
#include "fuzz.h"
#include "reports.h"
#include "targets.h"
#include "usb/ccid_class.h"
#include "usb/hid_class.h"

namespace sceau::fuzz {
namespace {

using firmware::test::Platform;
namespace usb = firmware::usb;

constexpr int kMostSteps = 80;
constexpr std::size_t kPage = 1024;
constexpr std::uint8_t kTypes[] = {0x00, 0x01, 0x02, 0x80, 0x81, 0x82, 0x21, 0xA1, 0xC0, 0x40};
constexpr std::uint8_t kMessages[] = {0x61, 0x62, 0x63, 0x65, 0x6B, 0x6C, 0x6D, 0x6F, 0x72, 0x73};

const Bytes& prepared() {
  static const Bytes flash = Platform(kPage, 32).card.flash().content();
  return flash;
}

class Slot final : public usb::CardSlot {
 public:
  explicit Slot(firmware::Token& token) : token_(token) {}
  ByteView answer_to_reset() const override { return token_.answer_to_reset(); }
  void power(bool) override { token_.reset(); }
  std::size_t exchange(ByteView command, firmware::ByteSpan answer) override {
    return token_.exchange(command, answer);
  }

 private:
  firmware::Token& token_;
};

class Host {
 public:
  explicit Host(ByteView input) : feed_(input) { hid_.attach(fido_); }

  void go() {
    configure();
    for (int step = 0; step < kMostSteps && !feed_.done(); ++step) one(feed_.below(10));
    configure();
    ccid({0x65, 0, 0, 0, 0, 0, 42, 0, 0, 0});
    require(read_ccid().at(6) == 42, "a reader that is gone after a reset");
  }

 private:
  Bytes control(const usb::Setup& setup, ByteView out = {}) {
    Bytes into(setup.length);
    const usb::Transfer moved = device_.control(setup, out, into);
    require(moved.size <= setup.length || !setup.to_host(), "more than was asked for");
    into.resize(moved.outcome == usb::Outcome::kDone && setup.to_host() ? moved.size : 0);
    return into;
  }
  void configure() {
    device_.bus_reset();
    reports_.forget();
    control({0x00, 9, 1, 0, 0});
    require(device_.configured(), "a device that cannot be configured");
  }
  void ccid(const Bytes& message) {
    device_.out(usb::kEndpointCcid, message);
    device_.work();
  }
  // The answer that waits, whole; empty: none.
  Bytes read_ccid() {
    Bytes answer(usb::kMaxCcidMessage);
    const usb::Transfer moved = device_.in(usb::kEndpointCcid, answer);
    answer.resize(moved.size);
    if (!answer.empty())
      require(answer.size() >= 10 && answer.size() == 10 + firmware::load_le32(answer.data() + 1),
              "an answer of another length than it says");
    return answer;
  }

  void one(std::size_t kind) {
    switch (kind) {
      case 0:
      case 1: {
        usb::Setup setup{feed_.one_of(kTypes), static_cast<std::uint8_t>(feed_.below(14)), feed_.word(), 0,
                         0};
        if (feed_.below(2) == 0)
          setup.value = static_cast<std::uint16_t>(feed_.below(4) << 8U | feed_.below(6));
        setup.index = feed_.byte();
        setup.length = feed_.byte();
        if (setup.request == 9) reports_.forget();  // another configuration, perhaps
        control(setup, feed_.bytes(80));
        return;
      }
      case 2:
      case 3: {
        const Bytes data = to_bytes(feed_.bytes(100));
        Bytes message{feed_.one_of(kMessages),
                      static_cast<std::uint8_t>(data.size()),
                      0,
                      0,
                      0,
                      static_cast<std::uint8_t>(feed_.below(8) == 0 ? 1 : 0),
                      feed_.byte(),
                      0,
                      0,
                      0};
        append(message, data);
        return ccid(message);
      }
      case 4:
        return ccid(to_bytes(feed_.bytes(300)));
      case 5:
        read_ccid();
        return;
      case 6: {
        Bytes report = to_bytes(feed_.bytes(64));
        report.resize(64);
        device_.out(usb::kEndpointHid, report);
        return device_.work();
      }
      case 7: {
        Bytes report(64);
        if (device_.in(usb::kEndpointHid, report).size != 0) reports_.take(report);
        return;
      }
      case 8:
        feed_.below(2) == 0 ? device_.suspend() : device_.resume();
        return;
      default:
        if (feed_.below(4) == 0) return configure();
        device_.out(usb::kEndpointHid, packet());
        if (feed_.below(2) == 0) device_.work();
    }
  }

  // Of CTAPHID, on a channel that may be open: a message begins, or goes on.
  Bytes packet() {
    Bytes report(64);
    const std::size_t channel = feed_.below(4);
    firmware::store_be32(report.data(), channel == 0 ? 0xFFFFFFFF : static_cast<std::uint32_t>(channel));
    if (feed_.below(2) == 0) {
      report[4] = guess_++;
      return report;
    }
    constexpr std::uint8_t kCommands[] = {0x86, 0x81, 0x90, 0x83, 0x88, 0x91};
    guess_ = 0;
    report[4] = channel == 0 ? 0x86 : feed_.one_of(kCommands);
    const std::size_t size = report[4] == 0x86   ? 8
                             : report[4] == 0x81 ? static_cast<std::size_t>(feed_.word() % 1201U)
                                                 : feed_.below(3);
    report[5] = static_cast<std::uint8_t>(size >> 8U);
    report[6] = static_cast<std::uint8_t>(size);
    report[7] = feed_.below(2) == 0 ? 0x04 : 0x0B;
    return report;
  }

  Feed feed_;
  Platform token_{kPage, prepared()};
  Bytes buffers_[3] = {Bytes(usb::kMaxCcidMessage), Bytes(firmware::fido::kMaxMessage),
                       Bytes(firmware::fido::kMaxMessage + 2)};
  Slot slot_{token_.card.token()};
  usb::CcidFunction ccid_{slot_, buffers_[0]};
  usb::HidFunction hid_;
  firmware::fido::CtapHid fido_{
      token_.card.board(), token_.authenticator(), hid_, buffers_[1], buffers_[2], 0};
  usb::Device device_{ccid_, hid_, 1};
  std::uint8_t guess_ = 0;  // the sequence number that an honest host would send
  Reports reports_;         // that the host has read
};

}  // namespace

void usb(ByteView input) { Host(input).go(); }

}  // namespace sceau::fuzz
