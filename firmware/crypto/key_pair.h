// The kinds of key pair that the token holds, and their bytes.
//
// An elliptic key is its scalar, and the public point 04 || X || Y (SEC 1, 2.3.3). An RSA key is p, q, d mod
// (p - 1), d mod (q - 1) and 1/q mod p (RFC 8017, 3.2), one after the other, each of half the modulus' size;
// its public part is the modulus, its public exponent always 65537. All numbers are big-endian, of full size.
#pragma once

#include "core/bytes.h"
#include "core/status.h"

namespace sceau::firmware {

enum class KeyType : std::uint8_t { kP256, kP384, kRsa2048, kRsa3072 };

inline constexpr std::size_t kMaxScalar = 48;
inline constexpr std::size_t kMaxPoint = 2 * kMaxScalar + 1;
inline constexpr std::size_t kMaxModulus = 384;
inline constexpr std::size_t kMaxPublic = kMaxModulus;
inline constexpr std::size_t kRsaNumbers = 5;  // of a secret RSA key
inline constexpr std::size_t kMaxSecret = kRsaNumbers * kMaxModulus / 2;
inline constexpr std::uint8_t kRsaExponent[] = {0x01, 0x00, 0x01};

constexpr bool is_rsa(KeyType type) { return type == KeyType::kRsa2048 || type == KeyType::kRsa3072; }

// Bytes of a scalar, or of a modulus.
constexpr std::size_t number_size(KeyType type) {
  switch (type) {
    case KeyType::kP256:
      return 32;
    case KeyType::kP384:
      return kMaxScalar;
    case KeyType::kRsa2048:
      return 256;
    case KeyType::kRsa3072:
      return kMaxModulus;
  }
  return 0;
}
constexpr std::size_t public_size(KeyType type) {
  return is_rsa(type) ? number_size(type) : 2 * number_size(type) + 1;
}
constexpr std::size_t secret_size(KeyType type) {
  return is_rsa(type) ? kRsaNumbers * number_size(type) / 2 : number_size(type);
}

struct PublicKey {
  KeyType type = KeyType::kP256;
  BoundedBytes<kMaxPublic> bytes;
};

struct KeyPair {
  BoundedSecret<kMaxSecret> secret;
  PublicKey open;

  KeyType type() const { return open.type; }
};

// What an operation with a secret key gives: a signature, a block or a shared secret.
using KeyOutput = BoundedSecret<kMaxModulus>;

}  // namespace sceau::firmware
