// The words of USB 2.0 (chapter 9), and the two sides that the device core stands between.
#pragma once

#include "core/bytes.h"

namespace sceau::firmware::usb {

// A SETUP packet (9.3). wValue, wIndex and wLength are little-endian on the wire.
struct Setup {
  std::uint8_t type = 0;  // bmRequestType
  std::uint8_t request = 0;
  std::uint16_t value = 0;
  std::uint16_t index = 0;
  std::uint16_t length = 0;

  bool to_host() const { return (type & 0x80) != 0; }
  int kind() const { return (type >> 5) & 0x03; }  // 0 standard, 1 class, 2 vendor
  int recipient() const { return type & 0x1F; }    // 0 device, 1 interface, 2 endpoint
};
inline constexpr std::size_t kSetup = 8;
inline Setup read_setup(std::span<const std::uint8_t, kSetup> bytes) {
  return {bytes[0], bytes[1], load_le16(bytes.data() + 2), load_le16(bytes.data() + 4),
          load_le16(bytes.data() + 6)};
}

inline constexpr std::uint8_t kInterfaceCcid = 0;
inline constexpr std::uint8_t kInterfaceHid = 1;
inline constexpr std::uint8_t kInterfaces = 2;
inline constexpr std::uint8_t kEndpointCcid = 1;  // both directions
inline constexpr std::uint8_t kEndpointHid = 2;
inline constexpr std::uint8_t kEndpoints = 3;  // the control endpoint counted
inline constexpr std::uint8_t kIn = 0x80;
inline constexpr std::size_t kPacket = 64;  // of every endpoint, at full speed

enum class Outcome : std::uint8_t {
  kDone,
  kNothingYet,  // an IN endpoint has no data, or an OUT endpoint no room: ask again later
  kStall,       // the request is not for this device, or the endpoint is halted
};
struct Transfer {
  Outcome outcome = Outcome::kStall;
  std::size_t size = 0;  // bytes moved
};

// What one interface does: a class.
class Function {
 public:
  // A request of the class, or a standard one to the interface that the core does not know. Data to the host
  // goes to `in`. False: it is stalled.
  virtual bool control(const Setup& setup, ByteView out, Writer& in) = 0;
  // Takes data; what it asks for is done by work().
  virtual Transfer out(ByteView data) = 0;
  virtual Transfer in(ByteSpan into) = 0;
  // Does what was asked for, to its end. Not to be called while it, or another function's, goes on.
  virtual void work() = 0;
  // Bus reset, or another configuration: nothing of before remains. It may come while work() goes on, which
  // then answers nothing.
  virtual void reset() = 0;

 protected:
  ~Function() = default;
};

}  // namespace sceau::firmware::usb
