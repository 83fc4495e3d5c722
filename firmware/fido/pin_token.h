// The pinUvAuthToken and its state (CTAP 2.1, 6.5.2.1): what a platform that knew the PIN may do, for whom,
// and until when. There is one at a time, for the protocol it was asked for in; it is not prolonged by use.
#pragma once

#include "fido/pin_protocol.h"

namespace sceau::firmware::fido {

enum Permission : std::uint8_t {
  kMakeCredential = 0x01,
  kGetAssertion = 0x02,
  kCredentialManagement = 0x04,
  kLargeBlobWrite = 0x10,
  kAuthenticatorConfiguration = 0x20,
};
inline constexpr std::uint8_t kKnownPermissions = 0x37;

class PinToken {
 public:
  static constexpr std::size_t kSize = 32;

  // A new one. `rp_hash` null: bound to no relying party yet. kOther.
  CtapStatus begin(Board& board, std::uint32_t protocol, std::uint8_t permissions, const Hash* rp_hash);
  void end();
  // Ends it when it was not used soon enough, or lived too long.
  void expire(std::uint64_t now);

  ByteView bytes() const { return token_; }
  // Whether `tag` authenticates the parts, under the token in use.
  bool verify(std::uint64_t now, std::uint32_t protocol, std::initializer_list<ByteView> parts, ByteView tag);
  bool permits(Permission permission) const { return in_use_ && (permissions_ & permission) != 0; }
  bool user_verified() const { return in_use_ && user_verified_; }
  // Whether it may be used for this party; one bound to none is bound to it now.
  bool bind(const Hash& rp_hash);
  // Whether it is bound to no party, or to this one.
  bool reaches(const Hash& rp_hash) const { return !bound_ || rp_hash_ == rp_hash; }
  bool bound() const { return bound_; }
  // A touch was given for it: it is used up, but for writing large blobs (6.5.2.1, the functions of 6.1.2).
  void consume();

 private:
  bool in_use_ = false;
  bool used_ = false;
  bool user_verified_ = false;
  bool bound_ = false;
  std::uint8_t permissions_ = 0;
  std::uint32_t protocol_ = 0;
  std::uint64_t since_ = 0;
  Hash rp_hash_{};
  SecretArray<kSize> token_;
};

}  // namespace sceau::firmware::fido
