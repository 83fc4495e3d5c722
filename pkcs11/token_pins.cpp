// Changing PINs and the management key.
#include <utility>

#include "card_token.h"
#include "pins.h"
#include "sceau/token/initialise.h"
#include "token_card.h"

namespace sceau::pkcs11 {
namespace {

constexpr std::string_view kFactoryPuk = "12345678";

}  // namespace

// `fresh`: the new PIN, where this process knows it.
Status CardToken::change_pin(const std::function<sceau::Status(token::PivCard&)>& work, const Secret* fresh) {
  PinAnswer answer;
  auto changed = with_card([&](token::PivCard& card) -> sceau::Status {
    auto done = work(card);
    answer = {fresh == nullptr, card.tries_left()};
    pin_state_.reset();
    return done;
  });
  if (!changed) return pin_failure(changed.failure(), answer);
  const bool was_kept = pin_.kept().has_value();
  pin_.forget();
  if (was_kept && fresh != nullptr) pin_.keep(*fresh);
  return changed;
}

Status CardToken::set_pin(const Secret& old_pin, const Secret& new_pin) {
  if (!is_pin_sized(new_pin)) return Failure{CKR_PIN_LEN_RANGE};
  if (!is_pin_sized(old_pin)) return Failure{CKR_PIN_INCORRECT};
  return change_pin([&](token::PivCard& card) { return card.change_pin(old_pin, new_pin); }, &new_pin);
}

Status CardToken::set_pin_on_pad() {
  bool has_pad = false;
  bool can_change = false;
  auto asked = with_card([&](token::PivCard& card) -> sceau::Status {
    const auto pad = card.has_pin_pad();
    const auto able = card.can_change_pin_on_pad();
    has_pad = pad && *pad;
    can_change = able && *able;
    return {};
  });
  if (!asked) return asked;
  if (!has_pad) return Failure{CKR_ARGUMENTS_BAD, "there is no PIN, and nothing to type it on"};
  if (!can_change) return Failure{CKR_FUNCTION_NOT_SUPPORTED, "this reader's keys only verify a PIN"};
  return change_pin([](token::PivCard& card) { return card.change_pin_on_pad(); }, nullptr);
}

Status CardToken::set_management_key(const Secret& old_key, const Secret& new_key) {
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
  return pin_failure(changed.failure(), {});
}

Status CardToken::init_pin(const Secret& pin) {
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

Status CardToken::initialise(const Secret& typed) {
  const auto key = management_key(typed);
  if (!key) return Failure{CKR_PIN_INCORRECT};
  SystemRandom random;
  auto known = with_card([&](token::PivCard& card) { return card.authenticate(*key, random); });
  if (!known) return pin_failure(known.failure(), {});
  return with_card([&](token::PivCard& card) -> sceau::Status {
    if (auto identified = identify(card); !identified) return identified;
    if (auto erased = token::erase(card, random); !erased) return erased;
    contents_.forget_all();
    pin_state_.reset();
    identified_ = false;
    if (auto opened = card.authenticate(token::factory_management_key(), random); !opened) return opened;
    return card.set_management_key(*key);
  });
}

}  // namespace sceau::pkcs11
