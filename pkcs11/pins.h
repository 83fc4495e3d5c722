// PINs and management keys as callers give them, and what a card's answer to one means.
#pragma once

#include <optional>

#include "result.h"
#include "sceau/base/secret.h"

namespace sceau::pkcs11 {

// What any card takes (SP 800-73-5 part 2, 2.4.3): 6 to 8 bytes.
inline constexpr std::size_t kShortestPin = 6;
inline constexpr std::size_t kLongestPin = 8;
bool is_pin_sized(const Secret& pin);

// What any FIDO2 key takes (CTAP 2.1, 6.5.1), in bytes.
inline constexpr std::size_t kShortestFidoPin = 4;
inline constexpr std::size_t kLongestFidoPin = 63;

// 32, 48 or 64 hexadecimal digits, in either case; nothing for all others.
std::optional<Secret> management_key(const Secret& typed);

struct PinAnswer {
  bool on_pad = false;              // it was typed on the reader
  std::optional<int> tries_left{};  // as the card said
};
// CKR_PIN_LOCKED, CKR_PIN_INCORRECT, CKR_FUNCTION_CANCELED (nobody typed one), CKR_PIN_INVALID (the card
// takes no such PIN); any other failure as it is.
Failure pin_failure(const Failure& failure, const PinAnswer& answer);

}  // namespace sceau::pkcs11
