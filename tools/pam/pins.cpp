#include "pins.h"

namespace sceau::pam {

Result<Secret> AskedPins::pin(const token::PinRequest& request) {
  auto left = tries_left(request);
  if (!left) return left.error();
  auto pin = conversation_.ask("PIN of token " + card_.serial + *left + ": ");
  if (pin && options_.cue) conversation_.tell(options_.cue_prompt);
  return pin;
}

Result<bool> AskedPins::type_on_reader(const token::PinRequest& request) {
  if (options_.keyboard) return false;
  auto tries = tries_left(request);
  if (!tries) return tries.error();
  conversation_.instruct("Type the PIN of token " + card_.serial + *tries + " on the reader.");
  return true;
}

void AskedPins::awaits_touch(const std::string& /*token*/) {
  conversation_.instruct("Touch FIDO2 key " + card_.serial + ".");
}

bool AskedPins::blocked() const {
  if (blocked_ || (!card_.piv && !card_.behind)) return blocked_;
  if (card_.piv) return card_.piv->tries_left() == 0;
  const auto now = card_.behind->module->token(card_.behind->token.slot);
  return now && now->pin_locked;
}

// " (2 tries left)", or nothing where asking the card would cost more than a command. authentication: none.
Result<std::string> AskedPins::tries_left(const token::PinRequest& request) {
  auto tries = request.tries_left;
  if (!tries && card_.piv && card_.piv->extended_length()) {
    auto state = card_.piv->pin_state();
    if (!state && state.error().kind == ErrorKind::unavailable) return state.error();
    if (state) tries = state->tries_left;
  }
  if (tries && *tries == 0) {
    blocked_ = true;
    return Error{ErrorKind::authentication,
                 "the PIN of token " + card_.serial + " is blocked: unblock it with 'sceau token unblock'"};
  }
  if (!tries) return std::string();
  return " (" + std::to_string(*tries) + (*tries == 1 ? " try left)" : " tries left)");
}

}  // namespace sceau::pam
