// ECDSA and ECDH on P-256 and P-384 (FIPS 186-4, SP 800-56A), through mbedTLS's direct API.
//
// The group is loaded once and kept, because mbedTLS keeps its table of multiples of the generator in it.
// Every operation blinds with the board's random source, and fails with kHardware when that does.
#pragma once

#include <mbedtls/ecp.h>

#include "board/board.h"
#include "crypto/key_pair.h"

namespace sceau::firmware {

inline constexpr std::size_t kMaxSignature = 2 * (kMaxScalar + 3) + 2;  // DER, of a P-384 key

class EllipticCurve {
 public:
  // `type` is kP256 or kP384; any other makes every operation fail with kHardware.
  EllipticCurve(Board& board, KeyType type);
  ~EllipticCurve();
  EllipticCurve(const EllipticCurve&) = delete;
  EllipticCurve& operator=(const EllipticCurve&) = delete;

  Result<KeyPair> generate();
  // The pair of a scalar, zeros in front left out or not. kInvalid: empty, too long, zero or not below the
  // order.
  Result<KeyPair> pair_of(ByteView scalar);
  // DER: SEQUENCE { r INTEGER, s INTEGER }. Deterministic nonce (RFC 6979 with SHA-256 for both curves: as
  // its HMAC_DRBG that has 256 bits of strength, P-384 192; boards need no SHA-384) over a hash of 1 byte to
  // the scalar's size. kInvalid: another size.
  Result<KeyOutput> sign(ByteView secret, ByteView hash);
  // Whether `signature` (r and s, of full size each) is the holder of the point's over this hash. kInvalid:
  // it is not.
  Status verify(ByteView point, ByteView hash, ByteView signature);
  // The shared X coordinate. kInvalid: the point is not on the curve, or not in its uncompressed form.
  Result<KeyOutput> agree(ByteView secret, ByteView point);
  bool on_curve(ByteView point);
  // Gives the memory of the table back, and all else of mbedTLS's. Not usable until load(); the operation
  // after that makes the table anew.
  void unload();
  void load();

 private:
  Board& board_;
  KeyType type_;
  mbedtls_ecp_group group_;
  bool ready_ = false;
};

}  // namespace sceau::firmware
