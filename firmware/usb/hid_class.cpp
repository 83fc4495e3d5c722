#include "usb/hid_class.h"

namespace sceau::firmware::usb {

namespace {

constexpr int kStandard = 0;
constexpr int kClass = 1;
constexpr std::uint8_t kGetDescriptor = 6;
constexpr std::uint8_t kGetIdle = 2;
constexpr std::uint8_t kSetReport = 9;
constexpr std::uint8_t kSetIdle = 10;

}  // namespace

bool HidFunction::control(const Setup& setup, ByteView out, Writer& in) {
  if (setup.kind() == kStandard) {
    if (setup.request != kGetDescriptor) return false;
    if (setup.value >> 8 == kReportDescriptor) {
      in.bytes(report_descriptor());
      return true;
    }
    if (setup.value >> 8 != kHidDescriptor) return false;
    in.bytes(hid_descriptor());
    return true;
  }
  if (setup.kind() != kClass) return false;
  switch (setup.request) {
    case kGetIdle:
      in.byte(idle_);
      return true;
    case kSetIdle:
      idle_ = static_cast<std::uint8_t>(setup.value >> 8);
      return true;
    case kSetReport:  // hosts without an OUT endpoint send reports here
      return this->out(out).outcome == Outcome::kDone;
    default:
      return false;
  }
}

Transfer HidFunction::out(ByteView data) {
  if (data.size() != fido::kReport) return {};
  if (coming_.full()) return {Outcome::kNothingYet, 0};
  fido::Report report{};
  copy(data, report);
  coming_.put(report);
  return {Outcome::kDone, data.size()};
}

void HidFunction::work() {
  if (held_) hid_->resume();
  held_ = false;
  if (coming_.count != 0 && hid_->give_up_answer()) going_.clear();
  fido::Report report{};
  while (!hid_->answering() && coming_.take(report)) hid_->receive(report);
  hid_->tick();
}

void HidFunction::refuse() {
  if (hid_->running() || hid_->answering()) return;
  held_ = true;
  for (; coming_.count != 0 && !hid_->expects(coming_.oldest()); coming_.drop())
    hid_->refuse(coming_.oldest());
}

Transfer HidFunction::in(ByteSpan into) {
  fido::Report report{};
  if (into.size() < report.size()) return {};
  if (!going_.take(report)) return {Outcome::kNothingYet, 0};
  copy(report, into);
  hid_->go_on_answering();
  return {Outcome::kDone, report.size()};
}

void HidFunction::reset() {
  coming_.clear();
  going_.clear();
  hid_->reset();
}

}  // namespace sceau::firmware::usb
