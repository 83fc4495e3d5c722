// What a PC is plugged to: the token's USB device, in this process or on a board.
#pragma once

#include "board/host/host_board.h"
#include "fido/hid.h"
#include "token.h"
#include "usb/ccid_class.h"
#include "usb/device.h"
#include "usb/hid_class.h"

namespace sceau::firmware::host {

class UsbTarget {
 public:
  virtual ~UsbTarget() = default;
  virtual usb::Transfer control(const usb::Setup& setup, ByteView out, ByteSpan in) = 0;
  virtual usb::Transfer out(std::uint8_t endpoint, ByteView data) = 0;
  virtual usb::Transfer in(std::uint8_t endpoint, ByteSpan into) = 0;
  virtual void bus_reset() = 0;
  // Does what the transfers asked for, where nobody else does.
  virtual void work() = 0;
  // While the token waits for a touch: hosts that wait are told so, where nobody else does.
  virtual void keep_patient() = 0;
  // Whether work() has something to do soon though nothing comes.
  virtual bool waiting() const = 0;
};

// The device of a token in this process.
class LocalUsb final : public UsbTarget {
 public:
  // Borrows both.
  LocalUsb(Board& board, Token& token);
  LocalUsb(const LocalUsb&) = delete;
  LocalUsb& operator=(const LocalUsb&) = delete;

  usb::Transfer control(const usb::Setup& setup, ByteView out, ByteSpan in) override {
    return device_.control(setup, out, in);
  }
  usb::Transfer out(std::uint8_t endpoint, ByteView data) override { return device_.out(endpoint, data); }
  usb::Transfer in(std::uint8_t endpoint, ByteSpan into) override { return device_.in(endpoint, into); }
  void bus_reset() override { device_.bus_reset(); }
  void work() override { device_.work(); }
  void keep_patient() override;
  bool waiting() const override { return hid_.waiting() || ccid_.power_off_due(); }

 private:
  // The card in the reader's slot.
  class Slot final : public usb::CardSlot {
   public:
    explicit Slot(Token& token) : token_(token) {}
    ByteView answer_to_reset() const override { return token_.answer_to_reset(); }
    void power(bool) override { token_.reset(); }
    std::size_t exchange(ByteView command, ByteSpan answer) override {
      return token_.exchange(command, answer);
    }

   private:
    Token& token_;
  };

  static constexpr std::uint32_t kBase = 0x40000000;  // its channels are no other line's
  Slot slot_;
  std::vector<std::uint8_t> ccid_buffer_ = std::vector<std::uint8_t>(usb::kMaxCcidMessage);
  std::vector<std::uint8_t> fido_message_ = std::vector<std::uint8_t>(fido::kMaxMessage);
  std::vector<std::uint8_t> fido_answer_ = std::vector<std::uint8_t>(fido::kMaxMessage + 2);
  usb::CcidFunction ccid_;
  usb::HidFunction hid_;
  fido::CtapHid fido_;
  usb::Device device_;
};

}  // namespace sceau::firmware::host
