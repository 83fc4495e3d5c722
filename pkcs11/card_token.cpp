#include "card_token.h"

#include <utility>

#include "token_card.h"

namespace sceau::pkcs11 {
namespace {

// What the application calls itself on the cards that have a directory: others are not asked for one.
constexpr std::string_view kOwnLabel = "Sceau";

}  // namespace

CardToken::CardToken(std::unique_ptr<token::Channel> channel, TokenOptions options)
    : options_(std::move(options)), card_(std::move(channel)) {}

Status CardToken::recognise() {
  const std::lock_guard lock(card_mutex_);
  auto selected = card_.select();
  is_own_ = selected && card_.label().starts_with(kOwnLabel);
  if (selected) return {};
  if (selected.error().kind == ErrorKind::not_found)
    return Failure{CKR_TOKEN_NOT_RECOGNIZED, selected.error().message};
  return Failure{CKR_TOKEN_NOT_PRESENT, selected.error().message};
}

bool CardToken::present() {
  if (removed_) return false;
  const std::unique_lock lock(card_mutex_, std::try_to_lock);
  if (!lock.owns_lock()) return true;
  if (!card_.hold()) mark_removed();
  return !removed_;
}

void CardToken::mark_removed() {
  removed_ = true;
  pin_.forget();
}

// The error is over: what it says about the card is not.
Failure CardToken::failure_of(const Error& error) {
  switch (error.kind) {
    case ErrorKind::unavailable:
      if (!card_.hold()) mark_removed();
      return {removed_ ? CKR_DEVICE_REMOVED : CKR_DEVICE_ERROR, error.message};
    case ErrorKind::authentication:
      return {CKR_USER_NOT_LOGGED_IN, error.message};
    case ErrorKind::refused:
      return {CKR_FUNCTION_REJECTED, error.message};
    default:
      return {CKR_DEVICE_ERROR, error.message};
  }
}

Result<TokenFacts> CardToken::facts() {
  return with_card([&](token::PivCard& card) -> sceau::Result<TokenFacts> {
    if (auto identified = identify(card); !identified) return identified.error();
    if (!pin_state_) {
      auto state = card.pin_state();
      if (state) pin_state_ = *state;
      if (!state && state.error().kind == ErrorKind::unavailable) return state.error();
    }
    TokenFacts facts;
    const auto pad = card.has_pin_pad();
    facts.pin_pad = pad && *pad;
    facts.serial = serial_.substr(0, 16);
    facts.application = card.label();
    facts.label = ("PIV " + serial_).substr(0, 32);
    if (pin_state_) {
      facts.tries_left = pin_state_->tries_left;
      facts.tries = pin_state_->tries;
      facts.default_pin = pin_state_->is_default;
    }
    return facts;
  });
}

bool CardToken::has(const Mechanism& mechanism) const {
  if (mechanism.key == KeyKind::webauthn) return false;
  return mechanism.key != KeyKind::clear_sign || is_own_;
}

}  // namespace sceau::pkcs11
