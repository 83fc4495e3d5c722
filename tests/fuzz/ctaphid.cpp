// CTAPHID, in front of hosts that open channels, send messages in packets, and mix and spoil them.
//
// Whatever they say: what is sent is whole messages, in order, on channels that asked; and a channel that
// asks for INIT when nothing is under way gets it.
#include "../firmware/fido/platform.h"
#include "fuzz.h"
#include "reports.h"
#include "targets.h"

namespace sceau::fuzz {
namespace {

using firmware::fido::CtapHid;
using firmware::fido::Report;
using firmware::test::Platform;

constexpr int kMostSteps = 80;
constexpr std::size_t kPage = 1024;
constexpr std::uint8_t kCommands[] = {0x01, 0x03, 0x04, 0x06, 0x08, 0x10, 0x11, 0x3B, 0x3F, 0x00, 0x40};
constexpr std::uint8_t kCtap[] = {0x04, 0x0B, 0x08, 0x06, 0x02, 0x0A, 0xFF};

const Bytes& prepared() {
  static const Bytes flash = Platform(kPage, 32).card.flash().content();
  return flash;
}

class Hosts final : public firmware::fido::HidLine {
 public:
  explicit Hosts(ByteView input) : feed_(input) {
    token_.card.board().on_wait = [this](std::uint64_t passed) { token_.card.board().now += passed; };
  }

  void go() {
    for (int step = 0; step < kMostSteps && !feed_.done(); ++step) {
      token_.card.board().touch =
          feed_.below(4) == 0 ? firmware::Touch::kTimedOut : firmware::Touch::kTouched;
      token_.card.board().now += feed_.below(8) == 0 ? 600 : 1;
      hid_.receive(next_report());
      if (feed_.below(4) == 0) hid_.tick();
      require(reports_.complete(), "a message that was not sent to its end");
    }
    // A host that starts when the line is quiet.
    token_.card.board().now += 20000;
    hid_.tick();
    opened_ = 0;
    hid_.receive(init(0xFFFFFFFF, 0x06, 8));
    require(opened_ != 0, "no channel for a host that came when nothing was under way");
  }

  // While a command runs.
  bool poll(Report& report) override {
    if (feed_.done() || feed_.below(3) != 0) return false;
    token_.card.board().now += 90;
    report = next_report();
    return true;
  }

  void send(const Report& report) override {
    if (!reports_.take(report)) return;
    if (report[4] == 0x86) opened_ = firmware::load_be32(report.data() + 15);
    if (report[4] == 0xBF) require(reports_.size() == 1, "an error of more than its code");
  }

 private:
  static Report init(std::uint32_t channel, std::uint8_t command, std::size_t size) {
    Report report{};
    firmware::store_be32(report.data(), channel);
    report[4] = static_cast<std::uint8_t>(0x80 | command);
    report[5] = static_cast<std::uint8_t>(size >> 8U);
    report[6] = static_cast<std::uint8_t>(size);
    return report;
  }

  std::uint32_t some_channel() {
    const std::size_t kind = feed_.below(8);
    if (kind < 5) return static_cast<std::uint32_t>(kind);
    return kind < 7 ? 0xFFFFFFFF : feed_.word();
  }

  Report next_report() {
    const std::uint32_t channel = some_channel();
    if (feed_.below(3) == 0) {
      Report report{};
      firmware::store_be32(report.data(), channel);
      report[4] = static_cast<std::uint8_t>(feed_.below(8) == 0 ? feed_.below(128) : guess_++);
      return report;
    }
    guess_ = 0;
    const std::uint8_t command = feed_.one_of(kCommands);
    const std::size_t size = feed_.below(4) == 0 ? feed_.word() : feed_.below(80);
    Report report = init(channel, command, command == 0x06 ? 8 : size);
    report[7] = feed_.one_of(kCtap);
    firmware::copy(feed_.bytes(56), firmware::ByteSpan(report).subspan(8));
    return report;
  }

  Feed feed_;
  Platform token_{kPage, prepared()};
  Bytes message_ = Bytes(7609);
  Bytes answer_ = Bytes(firmware::fido::kMaxMessage + 2);
  CtapHid hid_{token_.card.board(), token_.authenticator(), *this, message_, answer_, 0};
  std::uint8_t guess_ = 0;  // the sequence number that an honest host would send
  Reports reports_;         // that were sent
  std::uint32_t opened_ = 0;
};

}  // namespace

void ctaphid(ByteView input) { Hosts(input).go(); }

}  // namespace sceau::fuzz
