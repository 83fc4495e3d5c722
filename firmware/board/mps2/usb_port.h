// The token as a USB device whose controller is the mailbox: the bridge's transfers are served in the
// doorbell's interrupt, as a controller's driver does; what they ask for is done by work().
//
// Invariant: main() and the interrupts are never in the device's objects at the same time. work() keeps
// interrupts off but while a command of the card or of FIDO runs, which knows nothing of USB; only then, and
// while main() is elsewhere, the interrupts come.
#pragma once

#include "board/mps2/clock.h"
#include "board/mps2/doorbell.h"
#include "board/mps2/mailbox_board.h"
#include "token.h"
#include "usb/ccid_class.h"
#include "usb/device.h"
#include "usb/hid_class.h"

namespace sceau::firmware::mps2 {

class UsbPort final : public doorbell::TransferListener, public clock::TickListener {
 public:
  // Borrows both.
  UsbPort(MailboxBoard& board, Token& token);

  // Serves transfers from now on.
  void start();
  // Does what they asked for.
  void work();

  void on_transfer() override;
  // Once in a while: hosts whose command takes long, or waits for its turn, are kept patient.
  void on_tick() override;

 private:
  class Slot final : public usb::CardSlot {
   public:
    explicit Slot(Token& token) : token_(token) {}
    ByteView answer_to_reset() const override { return token_.answer_to_reset(); }
    void power(bool) override { token_.reset(); }
    std::size_t exchange(ByteView command, ByteSpan answer) override;

   private:
    Token& token_;
  };
  class Line final : public fido::HidLine {
   public:
    explicit Line(usb::HidFunction& hid) : hid_(hid) {}
    bool poll(fido::Report& report) override { return hid_.poll(report); }
    void send(const fido::Report& report) override { hid_.send(report); }
    std::size_t unread() const override { return hid_.unread(); }
    void working(bool now) override;

   private:
    usb::HidFunction& hid_;
  };

  usb::Transfer move(UsbTransfer& transfer);
  void ask();

  MailboxBoard& board_;
  Mailbox& mailbox_;
  std::array<std::uint8_t, usb::kMaxCcidMessage> ccid_buffer_{};
  std::array<std::uint8_t, fido::kMaxMessage> fido_message_{};
  std::array<std::uint8_t, fido::kMaxMessage + 2> fido_answer_{};
  Slot slot_;
  usb::CcidFunction ccid_;
  usb::HidFunction hid_;
  Line line_;
  fido::CtapHid fido_;
  usb::Device device_;
  volatile bool asked_ = false;    // work() has something to do
  volatile bool working_ = false;  // it does it
};

}  // namespace sceau::firmware::mps2
