// Who is logged in, and their PINs.
#include <utility>

#include "sceau/token/initialise.h"
#include "token.h"
#include "token_card.h"

namespace sceau::pkcs11 {
namespace {

constexpr std::size_t kShortestPin = 6;
constexpr std::size_t kLongestPin = 8;
constexpr std::string_view kFactoryPuk = "12345678";

bool is_pin_sized(const Secret& pin) { return pin.size() >= kShortestPin && pin.size() <= kLongestPin; }

// A management key is typed as hexadecimal digits, in either case.
std::optional<Secret> management_key(const Secret& typed) {
  std::string digits;
  for (const std::uint8_t byte : typed.view())
    digits += static_cast<char>(byte >= 'A' && byte <= 'F' ? byte - 'A' + 'a' : byte);
  auto bytes = from_hex(digits);
  wipe(std::span(reinterpret_cast<std::uint8_t*>(digits.data()), digits.size()));
  if (!bytes || (bytes->size() != 16 && bytes->size() != 24 && bytes->size() != 32)) return std::nullopt;
  return Secret(std::move(*bytes));
}

}  // namespace

Status Token::check_new_login(Login who) const {
  if (login_ == who) return Failure{CKR_USER_ALREADY_LOGGED_IN};
  if (login_ != Login::nobody) return Failure{CKR_USER_ANOTHER_ALREADY_LOGGED_IN};
  if (who == Login::security_officer && sessions_ != read_write_sessions_)
    return Failure{CKR_SESSION_READ_ONLY_EXISTS};
  return {};
}

Status Token::log_in(Login who, const Secret& pin) {
  if (auto allowed = check_new_login(who); !allowed) return allowed;
  Status done;
  if (who == Login::user) {
    done = verify_again(pin);
  } else {
    auto key = management_key(pin);
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

Status Token::verify_again(const Secret& pin) {
  // A PIN of a size that no card takes is not sent, and is as wrong as any other.
  if (!is_pin_sized(pin)) return Failure{CKR_PIN_INCORRECT};
  bool blocked = false;
  auto verified = with_card([&](token::PivCard& card) -> sceau::Status {
    auto done = card.verify_pin(pin);
    blocked = card.tries_left() == 0;
    if (pin_state_ && card.tries_left()) pin_state_->tries_left = *card.tries_left();
    if (done && pin_state_ && pin_state_->tries) pin_state_->tries_left = *pin_state_->tries;
    if (done && pin_state_ && !pin_state_->tries)
      pin_state_.reset();  // only the card knows how many it has again
    return done;
  });
  if (verified) return verified;
  if (verified.failure().code == CKR_USER_NOT_LOGGED_IN)
    return Failure{blocked ? CKR_PIN_LOCKED : CKR_PIN_INCORRECT, verified.failure().message};
  return verified;
}

Status Token::log_out() {
  if (login_.exchange(Login::nobody) == Login::nobody) return Failure{CKR_USER_NOT_LOGGED_IN};
  return {};
}

Status Token::set_pin(const Secret& old_pin, const Secret& new_pin) {
  if (!is_pin_sized(new_pin)) return Failure{CKR_PIN_LEN_RANGE};
  if (!is_pin_sized(old_pin)) return Failure{CKR_PIN_INCORRECT};
  bool blocked = false;
  auto changed = with_card([&](token::PivCard& card) -> sceau::Status {
    auto done = card.change_pin(old_pin, new_pin);
    blocked = card.tries_left() == 0;
    pin_state_.reset();
    return done;
  });
  if (changed) return changed;
  return pin_failure(changed.failure(), blocked);
}

// What the card says of a PIN that it did not take.
Status Token::pin_failure(const Failure& failure, bool blocked) const {
  if (failure.code == CKR_USER_NOT_LOGGED_IN)
    return Failure{blocked ? CKR_PIN_LOCKED : CKR_PIN_INCORRECT, failure.message};
  if (failure.code == CKR_FUNCTION_REJECTED) return Failure{CKR_PIN_INVALID, failure.message};
  return failure;
}

Status Token::set_management_key(const Secret& old_key, const Secret& new_key) {
  auto before = management_key(old_key);
  auto after = management_key(new_key);
  if (!before) return Failure{CKR_PIN_INCORRECT};
  if (!after) return Failure{CKR_PIN_LEN_RANGE};
  auto changed = with_card([&](token::PivCard& card) -> sceau::Status {
    SystemRandom random;
    if (auto known = card.authenticate(*before, random); !known) return known;
    return card.set_management_key(*after);
  });
  if (changed) return changed;
  return pin_failure(changed.failure(), false);
}

Status Token::init_pin(const Secret& pin) {
  if (!is_pin_sized(pin)) return Failure{CKR_PIN_LEN_RANGE};
  return administer([&](token::PivCard& card) -> sceau::Status {
    auto factory = card.puk_is_default();
    if (!factory) return factory.error();
    if (!*factory)
      return Error{ErrorKind::refused,
                   "the PIN is the holder's, who unblocks it with the PUK: 'sceau token unblock'"};
    pin_state_.reset();
    return card.unblock_pin(Secret(as_bytes(kFactoryPuk)), pin);
  });
}

Status Token::initialise(const Secret& typed) {
  const auto key = management_key(typed);
  if (!key) return Failure{CKR_PIN_INCORRECT};
  SystemRandom random;
  auto known = with_card([&](token::PivCard& card) { return card.authenticate(*key, random); });
  if (!known) return pin_failure(known.failure(), false);
  return with_card([&](token::PivCard& card) -> sceau::Status {
    if (auto identified = identify(card); !identified) return identified;
    if (auto erased = token::erase(card, random); !erased) return erased;
    contents_.forget_all();
    pin_state_.reset();
    chuid_.clear();
    if (auto opened = card.authenticate(token::factory_management_key(), random); !opened) return opened;
    return card.set_management_key(*key);
  });
}

}  // namespace sceau::pkcs11
