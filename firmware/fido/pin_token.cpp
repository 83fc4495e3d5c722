#include "fido/pin_token.h"

namespace sceau::firmware::fido {

CtapStatus PinToken::begin(Board& board, std::uint32_t protocol, std::uint8_t permissions,
                           const Hash* rp_hash) {
  end();
  if (board.random(token_) != Status::kOk) return CtapStatus::kOther;
  in_use_ = true;
  user_verified_ = true;
  permissions_ = permissions;
  protocol_ = protocol;
  since_ = board.milliseconds();
  bound_ = rp_hash != nullptr;
  if (bound_) rp_hash_ = *rp_hash;
  return CtapStatus::kSuccess;
}

void PinToken::end() {
  wipe(token_);
  in_use_ = false;
  used_ = false;
  user_verified_ = false;
  bound_ = false;
  permissions_ = 0;
}

void PinToken::expire(std::uint64_t now) {
  if (in_use_ && now - since_ >= (used_ ? kTokenLife : kTokenFirstUse)) end();
}

bool PinToken::verify(std::uint64_t now, std::uint32_t protocol, std::initializer_list<ByteView> parts,
                      ByteView tag) {
  expire(now);
  if (!in_use_ || protocol != protocol_ || !is_authentic(protocol, token_, parts, tag)) return false;
  used_ = true;
  return true;
}

bool PinToken::bind(const Hash& rp_hash) {
  if (!reaches(rp_hash)) return false;
  bound_ = true;
  rp_hash_ = rp_hash;
  return true;
}

void PinToken::consume() {
  user_verified_ = false;
  permissions_ = static_cast<std::uint8_t>(permissions_ & kLargeBlobWrite);
}

}  // namespace sceau::firmware::fido
