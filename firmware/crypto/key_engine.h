// What the token does with key pairs, whatever their type.
#pragma once

#include "crypto/elliptic.h"
#include "crypto/rsa.h"

namespace sceau::firmware {

class KeyEngine {
 public:
  // Borrows the board for its random source. Each operation fails with kHardware when that does.
  explicit KeyEngine(Board& board)
      : p256_(board, KeyType::kP256), p384_(board, KeyType::kP384), rsa_(board) {}

  Result<KeyPair> generate(KeyType type);
  // kInvalid: see EllipticCurve::pair_of() and Rsa::pair_of(), or a type that is not made of this.
  Result<KeyPair> from_scalar(KeyType type, ByteView scalar);
  Result<KeyPair> from_primes(KeyType type, const RsaParts& parts);

  // Whether use() takes this input: a hash of at most the scalar's size, or a block below the modulus.
  static bool can_use(const PublicKey& key, ByteView input);
  // Signs a hash with an elliptic key; carries out the bare operation of an RSA key. kInvalid: the input.
  Result<KeyOutput> use(const KeyPair& pair, ByteView input);

  // Whether agree() takes this point: on the elliptic key's curve.
  bool can_agree(const PublicKey& key, ByteView point);
  // The secret shared with the holder of a point. kInvalid: the point, or an RSA key.
  Result<KeyOutput> agree(const KeyPair& pair, ByteView point);

 private:
  EllipticCurve& curve(KeyType type) { return type == KeyType::kP384 ? p384_ : p256_; }
  Rsa& rsa();

  EllipticCurve p256_;
  EllipticCurve p384_;
  Rsa rsa_;
};

}  // namespace sceau::firmware
