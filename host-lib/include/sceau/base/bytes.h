// Bytes and the encodings they travel in. Decoders are strict: one spelling a value, anything else is
// ErrorKind::invalid.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sceau/base/result.h"

namespace sceau {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline Bytes to_bytes(ByteView view) { return {view.begin(), view.end()}; }
inline Bytes to_bytes(std::string_view text) { return to_bytes(as_bytes(text)); }
inline std::string to_text(ByteView bytes) { return std::string(as_text(bytes)); }

// Lower-case hexadecimal. Decoding refuses upper case and odd lengths.
std::string to_hex(ByteView bytes);
Result<Bytes> from_hex(std::string_view text);

// RFC 4648 section 4 base64, with padding. Decoding refuses white space, missing padding and padding
// bits that are not zero.
std::string to_base64(ByteView bytes);
Result<Bytes> from_base64(std::string_view text);

// RFC 4648 section 6 base32, upper case, without padding.
std::string to_base32(ByteView bytes);

// Big-endian integers, as every wire format here uses.
void append_u16(Bytes& out, std::uint16_t value);
void append_u32(Bytes& out, std::uint32_t value);
void append_u64(Bytes& out, std::uint64_t value);
std::uint16_t read_u16(std::span<const std::uint8_t, 2> bytes);
std::uint64_t read_u64(std::span<const std::uint8_t, 8> bytes);

void append(Bytes& out, ByteView more);

// Compares in time that depends on the lengths alone.
bool equal_constant_time(ByteView a, ByteView b);

}  // namespace sceau
