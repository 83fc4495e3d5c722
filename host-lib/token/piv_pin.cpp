// PIN and PUK (SP 800-73-5 part 2, 3.2.1 to 3.2.3).
#include <array>

#include "commands.h"
#include "pin_pad.h"
#include "sceau/token/piv.h"
#include "tlv.h"

namespace sceau::token {
namespace {

constexpr std::size_t kPinSize = 8;
constexpr std::uint8_t kPin = 0x80;
constexpr std::uint8_t kPuk = 0x81;
constexpr std::uint16_t kSuccess = 0x9000;

bool is_pin_sized(const Secret& pin) { return pin.size() >= 6 && pin.size() <= kPinSize; }

// Values padded with FF to 8 bytes, one after the other.
Secret padded(std::initializer_list<const Secret*> pins) {
  Secret data = Secret::sized(pins.size() * kPinSize);
  auto out = data.writable();
  for (const Secret* pin : pins) {
    for (std::size_t i = 0; i < kPinSize; ++i) out[i] = i < pin->size() ? pin->view()[i] : 0xFF;
    out = out.subspan(kPinSize);
  }
  return data;
}

Error wrong_size(const char* which) {
  return {ErrorKind::invalid, std::string("a ") + which + " has 6 to 8 characters: type it again"};
}

std::string tries_text(int tries) {
  return std::to_string(tries) + (tries == 1 ? " try left" : " tries left");
}

}  // namespace

Status PivCard::pin_command(const Command& command, const std::string& doing, PinName which) {
  auto held = hold();
  if (!held) return held.error();
  auto response = send_selected(command);
  if (!response) return response.error();
  return pin_answer(response->status, doing, which);
}

Status PivCard::pin_answer(std::uint16_t status, const std::string& doing, PinName which) {
  const bool puk = which == PinName::puk;
  tries_left_.reset();
  if (status == kSuccess) return {};
  const std::string name = puk ? "PUK" : "PIN";
  if ((status & 0xFFF0U) == status::kTriesLeft && (status & 0x0FU) != 0) {
    tries_left_ = status & 0x0F;
    return Error{ErrorKind::authentication,
                 doing + ": wrong " + name + " for the " + where() + ": " + tries_text(*tries_left_)};
  }
  if (status == status::kBlocked || status == status::kTriesLeft) {
    tries_left_ = 0;
    return Error{ErrorKind::authentication, doing + ": the " + name + " of the " + where() +
                                                " is blocked, 0 tries left: " +
                                                (puk ? "the token can only be erased and initialised anew"
                                                     : "unblock it with 'sceau token unblock'")};
  }
  return failure(doing, status);
}

Result<bool> PivCard::has_pin_pad() { return channel_->has_pin_pad(); }
Result<bool> PivCard::can_change_pin_on_pad() { return channel_->can_change_on_pad(); }

// The pad's command goes past send_selected(): the application must be the right one before.
Status PivCard::select_for_pad() {
  tries_left_.reset();
  if (selected_ && !doubtful_) return {};
  return select();
}

Status PivCard::pad_answer(const Result<Bytes>& answer, const std::string& doing) {
  if (!answer) {
    if (answer.error().kind != ErrorKind::refused) selected_ = false;
    return answer.error();
  }
  if (answer->size() != 2) return malformed(doing);
  const auto status = static_cast<std::uint16_t>((*answer)[0] << 8U | (*answer)[1]);
  if (status == kPadTimedOut || status == kPadCancelled || status == kPadTypedDifferently ||
      status == kPadWrongLength) {
    return Error{ErrorKind::authentication, doing + ": no PIN was typed on the " + where() + ": try again"};
  }
  return pin_answer(status, doing, PinName::pin);
}

Status PivCard::verify_pin_on_pad() {
  auto held = hold();
  if (!held) return held.error();
  if (auto selected = select_for_pad(); !selected) return selected;
  return pad_answer(channel_->verify_on_pad(verify_structure(kPin)), "cannot log in");
}

Status PivCard::change_pin_on_pad() {
  auto held = hold();
  if (!held) return held.error();
  if (auto selected = select_for_pad(); !selected) return selected;
  return pad_answer(channel_->change_on_pad(modify_structure(kPin)), "cannot change the PIN");
}

Status PivCard::forget_pin() {
  auto held = hold();
  if (!held) return held.error();
  auto response = send_selected({0x00, 0x20, 0xFF, kPin, {}, false});
  if (!response) return response.error();
  if (response->success()) return {};
  if (auto selected = select(); !selected) return selected;
  auto verified = pin_verified();
  if (!verified) return verified.error();
  if (*verified)
    return Error{ErrorKind::refused, "cannot log out of the " + where() + ": take it out of its reader"};
  return {};
}

Status PivCard::verify_pin(const Secret& pin) {
  if (!is_pin_sized(pin)) return wrong_size("PIN");
  const Secret data = padded({&pin});
  return pin_command({0x00, 0x20, 0x00, kPin, data.view(), false}, "cannot log in", PinName::pin);
}

Result<PinState> PivCard::pin_state() {
  auto held = hold();
  if (!held) return held.error();
  auto response = send_selected({0x00, 0xF7, 0x00, kPin, {}, true});
  if (!response) return response.error();
  PinState state;
  if (response->success()) {
    const auto tries = find_element(response->data, 0x06);
    const auto is_default = find_element(response->data, 0x05);
    if (!tries || tries->size() != 2) return malformed("cannot read the PIN's tries");
    state.tries = (*tries)[0];
    state.tries_left = (*tries)[1];
    if (is_default && is_default->size() == 1) state.is_default = (*is_default)[0] != 0;
    tries_left_ = state.tries_left;
    return state;
  }
  // A card without metadata tells its tries when asked to verify nothing.
  auto asked = send_selected({0x00, 0x20, 0x00, kPin, {}, false});
  if (!asked) return asked.error();
  if ((asked->status & 0xFFF0U) == status::kTriesLeft) {
    state.tries_left = asked->status & 0x0F;
  } else if (asked->status != status::kBlocked) {
    return failure("cannot read the PIN's tries", asked->status);
  }
  tries_left_ = state.tries_left;
  return state;
}

Result<bool> PivCard::pin_verified() {
  auto held = hold();
  if (!held) return held.error();
  auto response = send_selected({0x00, 0x20, 0x00, kPin, {}, false});
  if (!response) return response.error();
  return response->success();
}

Status PivCard::change_pin(const Secret& old_pin, const Secret& new_pin) {
  if (!is_pin_sized(old_pin) || !is_pin_sized(new_pin)) return wrong_size("PIN");
  const Secret data = padded({&old_pin, &new_pin});
  return pin_command({0x00, 0x24, 0x00, kPin, data.view(), false}, "cannot change the PIN", PinName::pin);
}

Status PivCard::change_puk(const Secret& old_puk, const Secret& new_puk) {
  if (!is_pin_sized(old_puk) || !is_pin_sized(new_puk)) return wrong_size("PUK");
  const Secret data = padded({&old_puk, &new_puk});
  return pin_command({0x00, 0x24, 0x00, kPuk, data.view(), false}, "cannot change the PUK", PinName::puk);
}

Status PivCard::unblock_pin(const Secret& puk, const Secret& new_pin) {
  if (!is_pin_sized(puk)) return wrong_size("PUK");
  if (!is_pin_sized(new_pin)) return wrong_size("PIN");
  const Secret data = padded({&puk, &new_pin});
  return pin_command({0x00, 0x2C, 0x00, kPin, data.view(), false}, "cannot unblock the PIN", PinName::puk);
}

}  // namespace sceau::token
