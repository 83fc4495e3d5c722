#include "board/mps2/usb_port.h"

#include "board/mps2/registers.h"
#include "board/mps2/stack.h"

namespace sceau::firmware::mps2 {

std::size_t UsbPort::Slot::exchange(ByteView command, ByteSpan answer) {
  const InterruptsOn open;
  return token_.exchange(command, answer);
}

void UsbPort::Line::working(bool now) {
  if (now) {
    asm volatile("cpsie i" ::: "memory");
  } else {
    asm volatile("cpsid i" ::: "memory");
  }
}

UsbPort::UsbPort(MailboxBoard& board, Token& token)
    : board_(board),
      mailbox_(board.mailbox()),
      slot_(token),
      ccid_(slot_, ccid_buffer_),
      line_(hid_),
      fido_(board, token.fido().authenticator, line_, fido_message_, fido_answer_, 0),
      device_(ccid_, hid_, board.serial()) {
  hid_.attach(fido_);
}

void UsbPort::start() {
  doorbell::listen(*this);
  clock::listen(*this);
}

void UsbPort::work() {
  const InterruptsOff alone;
  if (!asked_) return;
  working_ = true;
  while (asked_) {
    asked_ = false;
    device_.work();
  }
  working_ = false;
  doorbell::ring(Ring::kUsbReady);
}

void UsbPort::ask() {
  asked_ = true;
  doorbell::wake();
}

usb::Transfer UsbPort::move(UsbTransfer& transfer) {
  const std::size_t asked = transfer.size;
  const ByteSpan data =
      ByteSpan(transfer.data).first(asked < transfer.data.size() ? asked : transfer.data.size());
  const auto endpoint = static_cast<std::uint8_t>(transfer.endpoint);
  const std::array<std::uint8_t, usb::kSetup> bytes = transfer.setup;
  const usb::Setup setup = usb::read_setup(bytes);
  usb::Transfer moved{usb::Outcome::kDone, 0};
  switch (transfer.kind) {
    case TransferKind::kControl:
      moved = device_.control(setup, data, data);
      if (setup.to_host()) return moved;
      break;
    case TransferKind::kOut:
      moved = device_.out(endpoint, data);
      break;
    case TransferKind::kIn:
      return device_.in(endpoint, data);
    default:
      device_.bus_reset();
  }
  wipe(data);  // what came; where there was no room for it, the bridge hands it over again
  return moved;
}

void UsbPort::on_transfer() {
  UsbTransfer& transfer = mailbox_.transfer;
  const bool from_device = transfer.kind == TransferKind::kIn;
  const usb::Transfer moved = move(transfer);
  transfer.outcome = static_cast<std::uint32_t>(moved.outcome);
  transfer.size = moved.size;
  mailbox_.stack_used = stack::used();
  if (!from_device || hid_.due()) ask();
  doorbell::ring(Ring::kMoved);
}

void UsbPort::on_tick() {
  if (!working_ && !clock::busy()) {
    if (hid_.waiting()) ask();
    return;
  }
  ccid_.extend();
  if (!fido_.running()) {
    hid_.refuse();
  } else if (!board_.awaits_touch()) {
    fido_.keep_alive();
  }
  doorbell::ring(Ring::kUsbReady);
}

}  // namespace sceau::firmware::mps2
