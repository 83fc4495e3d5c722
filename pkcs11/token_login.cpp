// Who is logged in.
#include <utility>

#include "card_token.h"
#include "pins.h"
#include "token_card.h"

namespace sceau::pkcs11 {

Status CardToken::log_in(Login who, const std::optional<Secret>& pin) {
  if (auto allowed = check_new_login(who); !allowed) return allowed;
  Status done;
  if (who == Login::user) {
    done = verify_again(pin);
    if (done && pin && options_.keep_pins) pin_.keep(*pin);
  } else {
    auto key = pin ? management_key(*pin) : std::nullopt;
    if (!pin) return Failure{CKR_ARGUMENTS_BAD, "a management key is too long to be typed on a reader"};
    if (!key) return Failure{CKR_PIN_INCORRECT, "a management key is 32, 48 or 64 hexadecimal digits"};
    done = with_card([&](token::PivCard& card) -> sceau::Status {
      SystemRandom random;
      return card.authenticate(*key, random);
    });
    if (!done && done.failure().code == CKR_USER_NOT_LOGGED_IN)
      return Failure{CKR_PIN_INCORRECT, done.failure().message};
  }
  if (done) login_ = who;
  return done;
}

Status CardToken::verify_pin(const std::optional<Secret>& pin, const PinAttempt& attempt) {
  // A PIN of a size that no card takes is not sent, and is as wrong as any other.
  if (pin && !is_pin_sized(*pin)) return Failure{CKR_PIN_INCORRECT};
  bool has_pad = true;
  PinAnswer answer{!pin, {}};
  auto verified = with_card([&](token::PivCard& card) -> sceau::Status {
    if (!pin) {
      const auto pad = card.has_pin_pad();
      has_pad = pad && *pad;
      if (!has_pad) return Error{ErrorKind::invalid, "there is no PIN, and nothing to type it on"};
    }
    return attempt(card, answer.tries_left);
  });
  if (!has_pad) return Failure{CKR_ARGUMENTS_BAD, verified.failure().message};
  if (!verified && verified.failure().code == CKR_USER_NOT_LOGGED_IN)
    return pin_failure(verified.failure(), answer);
  return verified;
}

Status CardToken::verify_for(const Object& key, const std::optional<Secret>& pin) {
  return key.clear_slot ? verify_for_statement(pin) : verify_again(pin);
}

Status CardToken::verify_again(const std::optional<Secret>& pin) {
  return verify_pin(pin, [&](token::PivCard& card, std::optional<int>& tries_left) {
    auto done = pin ? card.verify_pin(*pin) : card.verify_pin_on_pad();
    tries_left = card.tries_left();
    if (pin_state_ && tries_left) pin_state_->tries_left = *tries_left;
    if (done && pin_state_ && pin_state_->tries) pin_state_->tries_left = *pin_state_->tries;
    if (done && pin_state_ && !pin_state_->tries)
      pin_state_.reset();  // only the card knows how many it has again
    return done;
  });
}

void CardToken::end_login() {
  login_ = Login::nobody;
  pin_.forget();
}

Status CardToken::log_out() {
  const Login who = login_.exchange(Login::nobody);
  if (who == Login::nobody) return Failure{CKR_USER_NOT_LOGGED_IN};
  pin_.forget();
  auto forgotten = with_card([&](token::PivCard& card) -> sceau::Status {
    SystemRandom random;
    return who == Login::user ? card.forget_pin() : card.forget_management_key(random);
  });
  if (!forgotten && forgotten.failure().code == CKR_FUNCTION_REJECTED)
    return Failure{CKR_DEVICE_ERROR, forgotten.failure().message};
  return forgotten;
}

// The PIN that was kept, once: where the card refuses it, it is kept no longer. Called with the card held.
bool CardToken::verify_kept_pin(token::PivCard& card) {
  if (login_ != Login::user) return false;
  const auto kept = pin_.kept();
  if (!kept) return false;
  const auto verified = card.verify_pin(*kept);
  if (!verified) {
    pin_.forget();
    pin_state_.reset();
  }
  return verified.ok();
}

}  // namespace sceau::pkcs11
