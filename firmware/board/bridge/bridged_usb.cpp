#include "board/bridge/bridged_usb.h"

namespace sceau::firmware::bridge {

using mps2::TransferKind;

usb::Transfer BridgedUsb::control(const usb::Setup& setup, ByteView out, ByteSpan in) {
  return token_.transfer(TransferKind::kControl, 0, setup, out, in);
}

usb::Transfer BridgedUsb::out(std::uint8_t endpoint, ByteView data) {
  return token_.transfer(TransferKind::kOut, endpoint, {}, data, {});
}

usb::Transfer BridgedUsb::in(std::uint8_t endpoint, ByteSpan into) {
  return token_.transfer(TransferKind::kIn, endpoint, {}, {}, into);
}

void BridgedUsb::bus_reset() { static_cast<void>(token_.transfer(TransferKind::kBusReset, 0, {}, {}, {})); }

void BridgedHid::plug(std::unique_ptr<host::UsbTarget> target) {
  constexpr usb::Setup kSetConfiguration{0x00, 9, 1, 0, 0};
  target_ = std::move(target);
  coming_.clear();
  for (const auto& line : lines_) static_cast<void>(line->reboot_asked());
  if (!lines_.empty()) static_cast<void>(target_->control(kSetConfiguration, {}, {}));
}

void BridgedHid::add_to(std::vector<pollfd>& waiting) const {
  for (const auto& line : lines_) line->add_to(waiting);
}

void BridgedHid::attend() {
  if (lines_.empty()) return;
  fido::Report report{};
  for (const auto& line : lines_) {
    while (!line->reboots() && line->poll(report)) coming_.push_back(report);
  }
  while (!coming_.empty() &&
         target_->out(usb::kEndpointHid, coming_.front()).outcome != usb::Outcome::kNothingYet) {
    coming_.pop_front();
  }
  while (target_->in(usb::kEndpointHid, report).outcome == usb::Outcome::kDone) {
    for (const auto& line : lines_) line->send(report);
  }
}

bool BridgedHid::rebooting() const {
  for (const auto& line : lines_) {
    if (line->reboots()) return true;
  }
  return false;
}

}  // namespace sceau::firmware::bridge
