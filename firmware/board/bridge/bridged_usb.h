// The USB device of a token on a board, plugged to a PC over USB/IP or spoken to in reports of CTAPHID.
#pragma once

#include <deque>

#include "board/bridge/bridged_token.h"
#include "board/host/hid_line.h"
#include "board/host/service.h"
#include "board/host/usb_target.h"

namespace sceau::firmware::bridge {

// Its interrupts do what the transfers ask for, and keep hosts patient.
class BridgedUsb final : public host::UsbTarget {
 public:
  explicit BridgedUsb(BridgedToken& token) : token_(token) {}

  usb::Transfer control(const usb::Setup& setup, ByteView out, ByteSpan in) override;
  usb::Transfer out(std::uint8_t endpoint, ByteView data) override;
  usb::Transfer in(std::uint8_t endpoint, ByteSpan into) override;
  void bus_reset() override;
  void work() override {}
  void keep_patient() override {}
  bool waiting() const override { return false; }

 private:
  BridgedToken& token_;
};

// Lines of CTAPHID, passed on to the HID endpoint: every line hears every answer, as on a USB line.
class BridgedHid final : public host::Service {
 public:
  explicit BridgedHid(std::vector<std::unique_ptr<host::HidSocket>> lines) : lines_(std::move(lines)) {}

  void attach(Board&, Token&) override {}
  // Speaks to this device from now on.
  void plug(std::unique_ptr<host::UsbTarget> target);
  void add_to(std::vector<pollfd>& waiting) const override;
  int patience() const override { return coming_.empty() ? -1 : kRetry; }
  void attend() override;
  bool rebooting() const override;
  bool go_on() override {
    attend();
    return true;
  }

 private:
  static constexpr int kRetry = 10;  // milliseconds, while the device has no room

  std::vector<std::unique_ptr<host::HidSocket>> lines_;
  std::unique_ptr<host::UsbTarget> target_;
  std::deque<fido::Report> coming_;
};

}  // namespace sceau::firmware::bridge
