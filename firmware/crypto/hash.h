// SHA-256 (FIPS 180-4), HMAC (RFC 2104) and HKDF (RFC 5869), through mbedTLS.
//
// Each fails with kHardware only, when mbedTLS has no memory left for its context.
#pragma once

#include <mbedtls/sha256.h>

#include <initializer_list>

#include "core/bytes.h"
#include "core/status.h"

namespace sceau::firmware {

inline constexpr std::size_t kHashSize = 32;
using Hash = std::array<std::uint8_t, kHashSize>;
using DerivedKey = SecretArray<kHashSize>;

// Of the parts, one after the other.
Result<Hash> sha256(std::initializer_list<ByteView> parts);
Result<Hash> hmac_sha256(ByteView key, std::initializer_list<ByteView> parts);

// The same of bytes that come one part after the other. finish() once; then it is restart()ed.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  void restart();
  void update(ByteView part);
  Result<Hash> finish();

 private:
  mbedtls_sha256_context context_;
  bool failed_ = false;
};

// HKDF-SHA-256 without salt: as many bytes as `into` has. kHardware.
Status derive_bytes(ByteView secret, ByteView info, ByteSpan into);

// One key for one purpose from the device's unique secret: HKDF-SHA-256, no salt, `purpose` as info.
Result<DerivedKey> derive_key(ByteView secret, std::string_view purpose);

}  // namespace sceau::firmware
