// DER (X.690 section 10): reading element by element without a copy, and writing. Strict: one-byte tags,
// definite lengths in their shortest form, nothing that reaches beyond its parent.
#pragma once

#include <initializer_list>
#include <optional>

#include "sceau/base/bytes.h"

namespace sceau::pki {

inline constexpr std::uint8_t der_boolean = 0x01;
inline constexpr std::uint8_t der_integer = 0x02;
inline constexpr std::uint8_t der_bit_string = 0x03;
inline constexpr std::uint8_t der_octet_string = 0x04;
inline constexpr std::uint8_t der_null = 0x05;
inline constexpr std::uint8_t der_oid = 0x06;
inline constexpr std::uint8_t der_utc_time = 0x17;
inline constexpr std::uint8_t der_generalized_time = 0x18;
inline constexpr std::uint8_t der_sequence = 0x30;
inline constexpr std::uint8_t der_set = 0x31;
// [n], constructed.
constexpr std::uint8_t der_context(unsigned n) { return static_cast<std::uint8_t>(0xA0U | n); }

struct DerElement {
  std::uint8_t tag = 0;
  ByteView value;
  ByteView whole;  // tag, length and value
};

// Walks over the elements in a piece of DER. Views point into the bytes given.
class DerReader {
 public:
  explicit DerReader(ByteView bytes) : rest_(bytes) {}
  [[nodiscard]] bool done() const { return rest_.empty(); }
  [[nodiscard]] ByteView rest() const { return rest_; }
  // The tag of the next element; 0 at the end.
  [[nodiscard]] std::uint8_t peek() const { return rest_.empty() ? std::uint8_t{0} : rest_[0]; }
  // The next element; nothing when the bytes are not strict DER. Stays where it is on failure.
  std::optional<DerElement> next();
  // The next element's value if it has that tag.
  std::optional<ByteView> next(std::uint8_t tag);

 private:
  ByteView rest_;
};

// Whether all bytes are one element, strict at every level of constructed elements, at most 32 deep.
bool is_strict_der(ByteView bytes);

// Tag, shortest length, the parts one after the other.
Bytes der(std::uint8_t tag, std::initializer_list<ByteView> parts);
inline Bytes der(std::uint8_t tag, ByteView content) { return der(tag, {content}); }

}  // namespace sceau::pki
