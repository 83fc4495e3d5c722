// The device core: what every USB device answers (USB 2.0, 9.4), and the way from endpoints to classes.
//
// A board brings its controller: it hands over whole control transfers, and the data of the other endpoints
// in transfers of any size; nothing here knows packets, toggles or interrupts. Invariants: an endpoint that
// is halted moves nothing until the host clears it; classes see nothing before the device is configured, nor
// while it is suspended; a bus reset brings everything back to what it was when power came.
#pragma once

#include "usb/descriptors.h"
#include "usb/usb.h"

namespace sceau::firmware::usb {

class Device {
 public:
  static constexpr std::size_t kMaxControl = 256;  // bytes of data in a control transfer

  // Borrows both.
  Device(Function& ccid, Function& hid, std::uint32_t serial) : functions_{&ccid, &hid}, serial_(serial) {}

  // One control transfer on endpoint 0: `out` is the host's data, `in` takes at most setup.length bytes.
  Transfer control(const Setup& setup, ByteView out, ByteSpan in);
  // Data for, or from, endpoint `number` (1 or 2).
  Transfer out(std::uint8_t number, ByteView data);
  Transfer in(std::uint8_t number, ByteSpan into);
  // Does what the data asked for. It takes as long as that does, a touch included: meanwhile out(), in() and
  // control() may be called, but not this.
  void work();

  void bus_reset();
  void suspend() { suspended_ = true; }
  void resume() { suspended_ = false; }

  bool configured() const { return configuration_ != 0; }
  std::uint8_t address() const { return address_; }

 private:
  bool standard(const Setup& setup, Writer& in);
  bool get_status(const Setup& setup, Writer& in) const;
  bool get_descriptor(const Setup& setup, Writer& in) const;
  bool set_feature(const Setup& setup, bool on);
  bool set_configuration(std::uint16_t value);
  bool is_interface(std::uint16_t index) const { return configured() && index < kInterfaces; }
  bool is_endpoint(std::uint16_t index) const;
  bool halted(std::uint8_t address) const;
  Function* function(std::uint8_t number) const;

  std::array<Function*, kInterfaces> functions_;
  std::uint32_t serial_;
  std::uint8_t address_ = 0;
  std::uint8_t configuration_ = 0;
  bool suspended_ = false;
  std::uint8_t halted_out_ = 0;  // a bit an endpoint
  std::uint8_t halted_in_ = 0;
};

}  // namespace sceau::firmware::usb
