// ECDSA and ECDH on P-256 (FIPS 186-4, SP 800-56A), through mbedTLS's direct API.
//
// The group is loaded once and kept, because mbedTLS keeps its table of multiples of the generator in it.
// Scalars are 32 bytes, points 65 (0x04, X, Y), all big-endian. Every operation blinds with the board's
// random source, and fails with kHardware when that does.
#pragma once

#include <mbedtls/ecp.h>

#include "board/board.h"
#include "core/bytes.h"
#include "core/status.h"

namespace sceau::firmware {

inline constexpr std::size_t kP256Scalar = 32;
inline constexpr std::size_t kP256Point = 65;
inline constexpr std::size_t kP256SignatureMax = 72;

using P256Private = SecretArray<kP256Scalar>;
using P256Public = std::array<std::uint8_t, kP256Point>;

struct P256KeyPair {
  P256Private secret;
  P256Public point{};
};

struct P256Signature {  // DER: SEQUENCE { r INTEGER, s INTEGER }
  std::array<std::uint8_t, kP256SignatureMax> bytes{};
  std::size_t size = 0;
  ByteView view() const { return ByteView(bytes).first(size); }
};

class P256 {
 public:
  explicit P256(Board& board);
  ~P256();
  P256(const P256&) = delete;
  P256& operator=(const P256&) = delete;

  Result<P256KeyPair> generate();
  // kInvalid: zero or not below the order.
  Result<P256Public> public_point(const P256Private& secret);
  // Deterministic nonce (RFC 6979, SHA-256) over a hash of 1 to 32 bytes. kInvalid: another size.
  Result<P256Signature> sign(const P256Private& secret, ByteView hash);
  // The shared X coordinate. kInvalid: the point is not on the curve.
  Result<SecretArray<kP256Scalar>> agree(const P256Private& secret, ByteView point);

 private:
  static int random_source(void* board, unsigned char* into, std::size_t size);

  Board& board_;
  mbedtls_ecp_group group_;
  bool ready_ = false;
};

}  // namespace sceau::firmware
