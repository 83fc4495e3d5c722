#include "usb/descriptors.h"

#include <string_view>

namespace sceau::firmware::usb {

namespace {

constexpr std::uint8_t low(std::size_t value) { return static_cast<std::uint8_t>(value & 0xFF); }
constexpr std::uint8_t high(std::size_t value) { return static_cast<std::uint8_t>((value >> 8) & 0xFF); }

constexpr std::uint8_t kDevice[] = {
    18,
    kDeviceDescriptor,
    0x00,
    0x02,  // USB 2.0
    0,
    0,
    0,        // class: told by each interface
    kPacket,  // of the control endpoint
    low(kVendor),
    high(kVendor),
    low(kProduct),
    high(kProduct),
    low(kRelease),
    high(kRelease),
    1,
    2,
    3,  // strings: maker, product, serial number
    1,  // configurations
};

// CTAP 2.1, 11.2.8.1: a report of 64 bytes each way, on the FIDO usage page.
constexpr std::uint8_t kReport[] = {
    0x06, 0xD0, 0xF1,  // usage page FIDO
    0x09, 0x01,        // usage CTAPHID
    0xA1, 0x01,        // collection: application
    0x09, 0x20,        //   usage: data in
    0x15, 0x00, 0x26, 0xFF, 0x00, 0x75, 0x08, 0x95, kPacket, 0x81, 0x02, 0x09, 0x21,  //   usage: data out
    0x15, 0x00, 0x26, 0xFF, 0x00, 0x75, 0x08, 0x95, kPacket, 0x91, 0x02, 0xC0,
};

constexpr std::size_t kTotal = 9 + 9 + 54 + 7 + 7 + 9 + 9 + 7 + 7;
constexpr std::size_t kHidOffset = 9 + 9 + 54 + 7 + 7 + 9;

constexpr std::uint8_t kConfiguration[] = {
    9,
    kConfigurationDescriptor,
    low(kTotal),
    high(kTotal),
    kInterfaces,
    1,
    0,
    0x80,  // powered by the bus
    50,    // 100 mA
    // CCID: an interface with two bulk endpoints
    9,
    4,
    kInterfaceCcid,
    0,
    2,
    0x0B,
    0,
    0,
    4,
    54,
    kHidDescriptor,
    0x10,
    0x01,  // CCID 1.1
    0,     // slots, the last one's number
    0x07,  // 5, 3 and 1.8 V
    0x03,
    0x00,
    0x00,
    0x00,  // T=0, T=1
    0xA0,
    0x0F,
    0x00,
    0x00,  // clock 4 MHz: nobody sees it
    0xA0,
    0x0F,
    0x00,
    0x00,
    0,
    0x00,
    0xB0,
    0x04,
    0x00,  // 307,200 bits a second
    0x00,
    0xB0,
    0x04,
    0x00,
    0,
    0xFE,
    0x00,
    0x00,
    0x00,  // IFSD
    0x00,
    0x00,
    0x00,
    0x00,  // no synchronous protocols
    0x00,
    0x00,
    0x00,
    0x00,  // no mechanics
    0xBE,
    0x00,
    0x04,
    0x00,  // all by itself; short and extended APDUs
    low(kMaxCcidMessage),
    high(kMaxCcidMessage),
    0x00,
    0x00,
    0xFF,
    0xFF,  // classes of GET RESPONSE and ENVELOPE: the command's own
    0x00,
    0x00,  // no display
    0x00,  // no PIN pad
    1,     // one command at a time
    7,
    5,
    kIn | kEndpointCcid,
    0x02,
    kPacket,
    0,
    0,
    7,
    5,
    kEndpointCcid,
    0x02,
    kPacket,
    0,
    0,
    // HID: an interface with two interrupt endpoints
    9,
    4,
    kInterfaceHid,
    0,
    2,
    0x03,
    0,
    0,
    5,
    9,
    kHidDescriptor,
    0x11,
    0x01,
    0,
    1,
    kReportDescriptor,
    low(sizeof kReport),
    high(sizeof kReport),
    7,
    5,
    kIn | kEndpointHid,
    0x03,
    kPacket,
    0,
    5,
    7,
    5,
    kEndpointHid,
    0x03,
    kPacket,
    0,
    5,
};
static_assert(sizeof kConfiguration == kTotal);

constexpr std::string_view kStrings[] = {"Sceau", "Sceau token", "", "Sceau CCID", "Sceau FIDO"};

}  // namespace

ByteView device_descriptor() { return kDevice; }
ByteView configuration_descriptor() { return kConfiguration; }
ByteView hid_descriptor() { return ByteView(kConfiguration).subspan(kHidOffset, 9); }
ByteView report_descriptor() { return kReport; }

bool write_string(std::uint8_t index, std::uint32_t serial, Writer& out) {
  constexpr std::uint8_t kSerial = 3;
  constexpr std::uint8_t kEnglish[] = {4, kStringDescriptor, 0x09, 0x04};
  if (index == 0) {
    out.bytes(kEnglish);
    return true;
  }
  if (index > std::size(kStrings)) return false;
  std::array<char, 8> digits{};
  std::string_view text = kStrings[index - 1];
  if (index == kSerial) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    for (std::size_t i = 0; i < digits.size(); ++i) digits[i] = kDigits[(serial >> (28 - 4 * i)) & 0x0F];
    text = {digits.data(), digits.size()};
  }
  out.byte(static_cast<std::uint8_t>(2 + 2 * text.size()));
  out.byte(kStringDescriptor);
  for (const char letter : text) {
    out.byte(static_cast<std::uint8_t>(letter));
    out.byte(0);
  }
  return true;
}

}  // namespace sceau::firmware::usb
