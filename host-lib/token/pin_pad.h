// PIN pads: what PC/SC part 10 (version 2.02.09, 2.3 and 2.5.2) says to a reader with keys of its own.
#pragma once

#include <cstdint>
#include <optional>

#include "sceau/base/bytes.h"

namespace sceau::token {

// Answers of the reader itself to a verification on its pad (part 10, 2.5.2.1.3).
inline constexpr std::uint16_t kPadTimedOut = 0x6400;
inline constexpr std::uint16_t kPadCancelled = 0x6401;
inline constexpr std::uint16_t kPadTypedDifferently = 0x6402;  // the new PIN, the second time
inline constexpr std::uint16_t kPadWrongLength = 0x6403;

// The control codes of FEATURE_VERIFY_PIN_DIRECT and FEATURE_MODIFY_PIN_DIRECT in a list of features: tag,
// length 4, code, big-endian. Nothing when the reader does not have it, or when its list breaks off.
std::optional<std::uint32_t> verify_code(ByteView features);
std::optional<std::uint32_t> modify_code(ByteView features);

// PIN_VERIFY_STRUCTURE for a VERIFY of 6 to 8 ASCII digits, left-justified in 8 bytes of FF; `reference` is
// the PIN's (80).
Bytes verify_structure(std::uint8_t reference);
// PIN_MODIFY_STRUCTURE for a CHANGE REFERENCE DATA of the same: the old PIN, then the new one typed twice.
Bytes modify_structure(std::uint8_t reference);

}  // namespace sceau::token
