// The HID class (HID 1.11) for CTAPHID: one report of 64 bytes each way.
//
// It is the line that CtapHid speaks on. What comes waits in a queue until work(), or until the command that
// runs looks there for its CANCEL; what goes waits in another until the host reads it, which lets more of an
// answer follow. While the host has not read all of an answer, what comes stays where it is: so no report of
// an answer ever gives way, but to a host that reads nothing.
#pragma once

#include "fido/hid.h"
#include "usb/descriptors.h"

namespace sceau::firmware::usb {

class HidFunction final : public Function, public fido::HidLine {
 public:
  // Of those that come; then the host waits.
  static constexpr std::size_t kArrivals = 3;

  HidFunction() = default;
  HidFunction(const HidFunction&) = delete;
  HidFunction& operator=(const HidFunction&) = delete;

  // CtapHid is made on this line, or on one that passes everything on to it, and given to it before anything
  // comes.
  void attach(fido::CtapHid& hid) { hid_ = &hid; }
  // While the token works for somebody else: whoever asks is told so. What belongs to a message that is being
  // put together is kept, and whatever is behind it, until work().
  void refuse();
  // Whether work() has something to do at once; or soon, though nothing comes.
  bool due() const { return coming_.count != 0 && !hid_->answering(); }
  bool waiting() const { return coming_.count != 0 || hid_->waiting(); }

  bool control(const Setup& setup, ByteView out, Writer& in) override;
  Transfer out(ByteView data) override;
  Transfer in(ByteSpan into) override;
  void work() override;
  void reset() override;

  bool poll(fido::Report& report) override { return coming_.take(report); }
  void send(const fido::Report& report) override { going_.put(report); }
  std::size_t unread() const override { return going_.count; }

 private:
  struct Queue {
    explicit Queue(std::span<fido::Report> memory) : reports(memory) {}
    std::span<fido::Report> reports;
    std::size_t first = 0;
    std::size_t count = 0;

    bool full() const { return count == reports.size(); }
    // The oldest gives way: a host that reads nothing loses what it did not read.
    void put(const fido::Report& report) {
      if (full()) drop();
      reports[(first + count++) % reports.size()] = report;
    }
    const fido::Report& oldest() const { return reports[first]; }
    bool take(fido::Report& report) {
      if (count == 0) return false;
      report = reports[first];
      drop();
      return true;
    }
    void clear() {
      while (count != 0) drop();
    }
    void drop() {
      wipe(reports[first]);
      first = (first + 1) % reports.size();
      --count;
    }
  };

  fido::CtapHid* hid_ = nullptr;
  std::uint8_t idle_ = 0;
  bool held_ = false;  // the token worked for somebody else since the last work()
  std::array<fido::Report, kArrivals> arrivals_{};
  std::array<fido::Report, fido::kAhead> departures_{};
  Queue coming_{arrivals_};
  Queue going_{departures_};
};

}  // namespace sceau::firmware::usb
