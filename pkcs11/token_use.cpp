// What keys do.
#include <algorithm>
#include <utility>

#include "card_token.h"
#include "token_card.h"

namespace sceau::pkcs11 {
namespace {

constexpr std::size_t kRandomAtOnce = 255;

bool is_always_authenticate(const Object& key) { return flag_of(key.attributes, CKA_ALWAYS_AUTHENTICATE); }

}  // namespace

// A card says the same when its PIN is missing (another program, or a reset, took the log-in away) and when
// nobody touched it in time: asking whether it holds the PIN tells them apart. A PIN that was kept is for
// keys that want it once; those that want it each time want it from a person.
template <typename Work>
auto CardToken::use_key(const Object& key, Work work) -> decltype(with_card(work)) {
  bool untouched = false;
  auto done = with_card([&](token::PivCard& card) {
    auto used = work(card);
    if (used || used.error().kind != ErrorKind::authentication) return used;
    const auto verified = card.pin_verified();
    untouched = !key.is_private() || (verified && *verified && !is_always_authenticate(key));
    if (!untouched && verified && !*verified && !is_always_authenticate(key) && verify_kept_pin(card)) {
      used = work(card);
      untouched = !used && used.error().kind == ErrorKind::authentication;
    }
    return used;
  });
  if (done || done.failure().code != CKR_USER_NOT_LOGGED_IN) return done;
  if (untouched) return Failure{CKR_FUNCTION_CANCELED, done.failure().message};
  if (!is_always_authenticate(key)) end_login();
  return done;
}

Result<Bytes> CardToken::sign_digest(const Object& key, ByteView digest) {
  const auto algorithm = key.key->algorithm;
  return use_key(key, [&](token::PivCard& card) { return card.sign_digest(*key.slot, algorithm, digest); });
}

Result<Secret> CardToken::rsa_private(const Object& key, ByteView block) {
  const auto algorithm = key.key->algorithm;
  return use_key(key, [&](token::PivCard& card) { return card.rsa_private(*key.slot, algorithm, block); });
}

Result<Secret> CardToken::agree(const Object& key, ByteView point) {
  const auto algorithm = key.key->algorithm;
  return use_key(key, [&](token::PivCard& card) { return card.agree(*key.slot, algorithm, point); });
}

Status CardToken::fill_random(std::span<std::uint8_t> out) {
  auto done = with_card([&](token::PivCard& card) -> sceau::Status {
    while (!out.empty()) {
      const std::size_t count = std::min(out.size(), kRandomAtOnce);
      auto bytes = card.random_bytes(count);
      if (!bytes) return bytes.error();
      std::copy(bytes->view().begin(), bytes->view().end(), out.begin());
      out = out.subspan(count);
    }
    return {};
  });
  if (!done && done.failure().code == CKR_FUNCTION_REJECTED)
    return Failure{CKR_RANDOM_NO_RNG, done.failure().message};
  return done;
}

}  // namespace sceau::pkcs11
