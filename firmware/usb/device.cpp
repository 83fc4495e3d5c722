#include "usb/device.h"

namespace sceau::firmware::usb {

namespace {

enum Request : std::uint8_t {
  kGetStatus = 0,
  kClearFeature = 1,
  kSetFeature = 3,
  kSetAddress = 5,
  kGetDescriptor = 6,
  kGetConfiguration = 8,
  kSetConfiguration = 9,
  kGetInterface = 10,
  kSetInterface = 11,
};

constexpr int kStandard = 0;
constexpr int kToDevice = 0;
constexpr int kToInterface = 1;
constexpr int kToEndpoint = 2;
constexpr std::uint16_t kEndpointHalt = 0;

std::uint8_t bit(std::uint8_t number) { return static_cast<std::uint8_t>(1U << number); }

}  // namespace

Transfer Device::control(const Setup& setup, ByteView out, ByteSpan in) {
  std::array<std::uint8_t, kMaxControl> buffer{};
  Writer answer(buffer);
  bool taken = false;
  if (setup.kind() == kStandard) taken = standard(setup, answer);
  // Classes have requests of their own, and descriptors of their own among the standard ones.
  if (!taken && setup.recipient() == kToInterface && is_interface(setup.index & 0xFF)) {
    answer.clear();
    taken = functions_[setup.index & 0xFF]->control(setup, out, answer);
  }
  if (!taken || answer.overflowed()) return {};
  if (!setup.to_host()) return {Outcome::kDone, out.size()};
  std::size_t size = answer.size();
  if (size > setup.length) size = setup.length;
  if (size > in.size()) size = in.size();
  copy(answer.written().first(size), in);
  return {Outcome::kDone, size};
}

bool Device::standard(const Setup& setup, Writer& in) {
  switch (setup.request) {
    case kGetStatus:
      return get_status(setup, in);
    case kClearFeature:
      return set_feature(setup, false);
    case kSetFeature:
      return set_feature(setup, true);
    case kSetAddress:
      if (setup.recipient() != kToDevice || setup.value > 127) return false;
      address_ = static_cast<std::uint8_t>(setup.value);
      return true;
    case kGetDescriptor:
      return setup.recipient() == kToDevice && get_descriptor(setup, in);
    case kGetConfiguration:
      in.byte(configuration_);
      return setup.recipient() == kToDevice;
    case kSetConfiguration:
      return setup.recipient() == kToDevice && set_configuration(setup.value);
    case kGetInterface:
      in.byte(0);
      return setup.recipient() == kToInterface && is_interface(setup.index);
    case kSetInterface:
      return setup.recipient() == kToInterface && is_interface(setup.index) && setup.value == 0;
    default:
      return false;
  }
}

bool Device::get_status(const Setup& setup, Writer& in) const {
  std::uint8_t status = 0;
  if (setup.recipient() == kToEndpoint) {
    if ((setup.index & 0x0F) != 0 && !is_endpoint(setup.index)) return false;
    status = halted(static_cast<std::uint8_t>(setup.index)) ? 1 : 0;
  } else if (setup.recipient() == kToInterface && !is_interface(setup.index)) {
    return false;
  }
  in.byte(status);
  in.byte(0);
  return true;
}

bool Device::get_descriptor(const Setup& setup, Writer& in) const {
  const auto index = static_cast<std::uint8_t>(setup.value & 0xFF);
  switch (setup.value >> 8) {
    case kDeviceDescriptor:
      in.bytes(device_descriptor());
      return index == 0;
    case kConfigurationDescriptor:
      in.bytes(configuration_descriptor());
      return index == 0;
    case kStringDescriptor:
      return write_string(index, serial_, in);
    default:
      return false;
  }
}

bool Device::set_feature(const Setup& setup, bool on) {
  if (setup.recipient() != kToEndpoint || setup.value != kEndpointHalt || !is_endpoint(setup.index)) {
    return false;
  }
  const std::uint8_t mask = bit(static_cast<std::uint8_t>(setup.index & 0x0F));
  std::uint8_t& halts = (setup.index & kIn) != 0 ? halted_in_ : halted_out_;
  halts = static_cast<std::uint8_t>(on ? halts | mask : halts & ~mask);
  return true;
}

bool Device::set_configuration(std::uint16_t value) {
  if (value > 1) return false;
  configuration_ = static_cast<std::uint8_t>(value);
  halted_in_ = 0;
  halted_out_ = 0;
  for (Function* one : functions_) one->reset();
  return true;
}

bool Device::is_endpoint(std::uint16_t index) const {
  const int number = index & 0x0F;
  return configured() && (index & 0xFF70) == 0 && number != 0 && number < kEndpoints;
}

bool Device::halted(std::uint8_t address) const {
  const std::uint8_t halts = (address & kIn) != 0 ? halted_in_ : halted_out_;
  return (halts & bit(static_cast<std::uint8_t>(address & 0x0F))) != 0;
}

Function* Device::function(std::uint8_t number) const {
  if (!configured() || number == 0 || number >= kEndpoints) return nullptr;
  return functions_[number == kEndpointCcid ? kInterfaceCcid : kInterfaceHid];
}

Transfer Device::out(std::uint8_t number, ByteView data) {
  Function* to = function(number);
  if (to == nullptr || halted(number)) return {};
  return suspended_ ? Transfer{Outcome::kNothingYet, 0} : to->out(data);
}

Transfer Device::in(std::uint8_t number, ByteSpan into) {
  Function* from = function(number);
  if (from == nullptr || halted(static_cast<std::uint8_t>(number | kIn))) return {};
  return suspended_ ? Transfer{Outcome::kNothingYet, 0} : from->in(into);
}

void Device::work() {
  for (Function* one : functions_) one->work();
}

void Device::bus_reset() {
  address_ = 0;
  suspended_ = false;
  set_configuration(0);
}

}  // namespace sceau::firmware::usb
