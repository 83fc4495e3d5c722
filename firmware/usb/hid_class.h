// The HID class (HID 1.11) for CTAPHID: one report of 64 bytes each way.
//
// It is the line that CtapHid speaks on. What comes waits in a queue until work(), or until the command that
// runs looks there for its CANCEL; what goes waits in another until the host reads it.
#pragma once

#include "fido/hid.h"
#include "usb/descriptors.h"

namespace sceau::firmware::usb {

class HidFunction final : public Function, public fido::HidLine {
 public:
  // Room for the longest answer, and for keepalives before it.
  static constexpr std::size_t kQueue = 32;

  // CtapHid is made on this line, and given to it before anything comes.
  void attach(fido::CtapHid& hid) { hid_ = &hid; }
  // While the token works for somebody else: whoever asks is told so.
  void refuse();

  bool control(const Setup& setup, ByteView out, Writer& in) override;
  Transfer out(ByteView data) override;
  Transfer in(ByteSpan into) override;
  void work() override;
  void reset() override;

  bool poll(fido::Report& report) override { return coming_.take(report); }
  void send(const fido::Report& report) override { going_.put(report); }

 private:
  template <std::size_t kSize>
  struct Queue {
    std::array<fido::Report, kSize> reports{};
    std::size_t first = 0;
    std::size_t count = 0;

    bool full() const { return count == kSize; }
    // The oldest gives way: a host that reads nothing loses what it did not read.
    void put(const fido::Report& report) {
      if (count == kSize) {
        first = (first + 1) % kSize;
        --count;
      }
      reports[(first + count++) % kSize] = report;
    }
    bool take(fido::Report& report) {
      if (count == 0) return false;
      report = reports[first];
      first = (first + 1) % kSize;
      --count;
      return true;
    }
  };

  fido::CtapHid* hid_ = nullptr;
  std::uint8_t idle_ = 0;
  Queue<8> coming_;
  Queue<kQueue> going_;
};

}  // namespace sceau::firmware::usb
