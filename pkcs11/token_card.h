// CardToken::with_card(), for the sources that implement Token.
#pragma once

#include "card_token.h"

namespace sceau::pkcs11 {

template <typename T>
Result<T> from_card(sceau::Result<T>&& result, Failure failure) {
  if (result) return std::move(*result);
  return failure;
}
inline Status from_card(sceau::Status&& result, Failure failure) {
  if (result) return {};
  return failure;
}

template <typename Work>
auto CardToken::with_card(Work work) {
  using Answer = decltype(from_card(work(card_), Failure{}));
  const std::lock_guard lock(card_mutex_);
  if (removed_) return Answer(Failure{CKR_DEVICE_REMOVED});
  auto done = [&]() -> decltype(work(card_)) {
    auto held = card_.hold();
    if (!held) return held.error();
    return work(card_);
  }();
  Failure failure = done ? Failure{} : failure_of(done.error());
  return from_card(std::move(done), std::move(failure));
}

}  // namespace sceau::pkcs11
