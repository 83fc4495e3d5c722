#include "slot.h"

#include <utility>

#include "card_token.h"

namespace sceau::pkcs11 {

bool Slot::observe(bool present) {
  if (present_.exchange(present) == present) return false;
  event_ = true;
  return !present;
}

Result<std::shared_ptr<Token>> Slot::token() {
  const std::lock_guard lock(mutex_);
  if (token_ && token_->present()) return token_;
  token_.reset();
  return open();
}

std::shared_ptr<Token> Slot::known_token() {
  const std::lock_guard lock(mutex_);
  return token_;
}

void Slot::drop_token() {
  const std::lock_guard lock(mutex_);
  if (token_) token_->mark_removed();
  token_.reset();
  adopted_.reset();
}

std::optional<ForeignSlot> Slot::adopted() {
  const std::lock_guard lock(mutex_);
  return adopted_;
}

void Slot::adopt(ForeignSlot foreign) {
  const std::lock_guard lock(mutex_);
  adopted_ = std::move(foreign);
}

Result<std::shared_ptr<Token>> Slot::open() {
  if (opener_) {
    if (!present_) return Failure{CKR_TOKEN_NOT_PRESENT};
    auto made = opener_();
    if (made) token_ = *made;
    return made;
  }
  auto channel = readers_.connect(reader_);
  if (!channel) {
    if (channel.error().kind == ErrorKind::unavailable || channel.error().kind == ErrorKind::not_found)
      return Failure{CKR_TOKEN_NOT_PRESENT, channel.error().message};
    return Failure{CKR_DEVICE_ERROR, channel.error().message};
  }
  auto opened = std::make_shared<CardToken>(std::move(*channel), options_);
  if (auto recognised = opened->recognise(); !recognised) return recognised.failure();
  token_ = std::move(opened);
  return token_;
}

}  // namespace sceau::pkcs11
