#include "pins.h"

#include <string>
#include <utility>

namespace sceau::pkcs11 {

bool is_pin_sized(const Secret& pin) { return pin.size() >= kShortestPin && pin.size() <= kLongestPin; }

std::optional<Secret> management_key(const Secret& typed) {
  std::string digits;
  digits.reserve(typed.size());
  for (const std::uint8_t byte : typed.view())
    digits += static_cast<char>(byte >= 'A' && byte <= 'F' ? byte - 'A' + 'a' : byte);
  auto bytes = from_hex(digits);
  wipe(std::span(reinterpret_cast<std::uint8_t*>(digits.data()), digits.size()));
  if (!bytes || (bytes->size() != 16 && bytes->size() != 24 && bytes->size() != 32)) return std::nullopt;
  return Secret(std::move(*bytes));
}

Failure pin_failure(const Failure& failure, const PinAnswer& answer) {
  if (failure.code == CKR_FUNCTION_REJECTED) return {CKR_PIN_INVALID, failure.message};
  if (failure.code != CKR_USER_NOT_LOGGED_IN) return failure;
  if (answer.on_pad && !answer.tries_left) return {CKR_FUNCTION_CANCELED, failure.message};
  return {answer.tries_left == 0 ? CKR_PIN_LOCKED : CKR_PIN_INCORRECT, failure.message};
}

}  // namespace sceau::pkcs11
