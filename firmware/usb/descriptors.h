// What the device tells of itself: a composite of a card reader with its card (CCID 1.1) and a FIDO key
// (HID).
#pragma once

#include "usb/usb.h"

namespace sceau::firmware::usb {

inline constexpr std::uint16_t kVendor = 0x1209;   // pid.codes
inline constexpr std::uint16_t kProduct = 0x0001;  // its number for tests
inline constexpr std::uint16_t kRelease = 0x0010;

inline constexpr std::uint8_t kDeviceDescriptor = 1;
inline constexpr std::uint8_t kConfigurationDescriptor = 2;
inline constexpr std::uint8_t kStringDescriptor = 3;
inline constexpr std::uint8_t kHidDescriptor = 0x21;  // of CCID, too
inline constexpr std::uint8_t kReportDescriptor = 0x22;

// The most that a CCID message takes: its header, and a command or an answer of the card.
inline constexpr std::size_t kMaxCcidMessage = 10 + 3209;

ByteView device_descriptor();
ByteView configuration_descriptor();
ByteView hid_descriptor();  // a part of the configuration's
ByteView report_descriptor();
// Appends string `index`: 0 languages, 1 maker, 2 product, 3 serial number, 4 and 5 interfaces. Whether it
// is.
bool write_string(std::uint8_t index, std::uint32_t serial, Writer& out);

}  // namespace sceau::firmware::usb
