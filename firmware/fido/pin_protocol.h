// PIN/UV auth protocols one and two (CTAP 2.1, 6.5.6 and 6.5.7): a secret shared with the platform, and what
// is encrypted and authenticated with it.
#pragma once

#include "crypto/hash.h"
#include "crypto/key_engine.h"
#include "fido/parameters.h"

namespace sceau::firmware::fido {

inline constexpr std::uint32_t kProtocolOne = 1;
inline constexpr std::uint32_t kProtocolTwo = 2;
constexpr bool is_protocol(std::uint32_t protocol) {
  return protocol == kProtocolOne || protocol == kProtocolTwo;
}

struct SharedSecret {
  std::uint32_t protocol = 0;
  DerivedKey authentication;
  DerivedKey encryption;
};

inline constexpr std::size_t kMaxEncrypted = 16 + 64;
using Encrypted = BoundedBytes<kMaxEncrypted>;
using Decrypted = BoundedSecret<64>;

// `plain`: 16 to 64 bytes, a multiple of 16. kOther: the board failed.
CtapResult<Encrypted> encrypt(Board& board, const SharedSecret& secret, ByteView plain);
// kInvalidParameter: not a size that `encrypt` gives; kOther.
CtapResult<Decrypted> decrypt(const SharedSecret& secret, ByteView encrypted);
// Whether `tag` is the HMAC of the parts under `key`: 16 bytes of it in protocol one, all 32 in two.
bool is_authentic(std::uint32_t protocol, ByteView key, std::initializer_list<ByteView> parts, ByteView tag);

// The authenticator's side of the key agreement. One pair serves both protocols, which derive different keys
// from what is agreed on. Made when first needed, and anew after each wrong PIN.
class KeyAgreement {
 public:
  KeyAgreement(Board& board, KeyEngine& engine) : board_(board), engine_(engine) {}

  // The uncompressed point. kOther.
  CtapResult<ByteView> point();
  // kInvalidParameter: a protocol or a point that is none; kOther.
  CtapResult<SharedSecret> agree(std::uint32_t protocol, const CosePoint& theirs);
  void renew();

 private:
  CtapStatus ensure();

  Board& board_;
  KeyEngine& engine_;
  bool made_ = false;
  SecretArray<32> scalar_;
  std::array<std::uint8_t, 65> point_{};
};

}  // namespace sceau::firmware::fido
