#include "crypto/p256.h"

#include <mbedtls/ecdsa.h>

#include "core/tlv.h"

namespace sceau::firmware {

namespace {

// Owns one mbedTLS big number.
struct Number {
  Number() { mbedtls_mpi_init(&value); }
  ~Number() { mbedtls_mpi_free(&value); }
  Number(const Number&) = delete;
  Number& operator=(const Number&) = delete;
  bool read(ByteView bytes) { return mbedtls_mpi_read_binary(&value, bytes.data(), bytes.size()) == 0; }
  bool write(ByteSpan bytes) const {
    return mbedtls_mpi_write_binary(&value, bytes.data(), bytes.size()) == 0;
  }
  mbedtls_mpi value{};
};

// Owns one mbedTLS point.
struct Point {
  Point() { mbedtls_ecp_point_init(&value); }
  ~Point() { mbedtls_ecp_point_free(&value); }
  Point(const Point&) = delete;
  Point& operator=(const Point&) = delete;
  mbedtls_ecp_point value{};
};

bool write_point(const mbedtls_ecp_group& group, const Point& point, P256Public& into) {
  std::size_t size = 0;
  return mbedtls_ecp_point_write_binary(&group, &point.value, MBEDTLS_ECP_PF_UNCOMPRESSED, &size, into.data(),
                                        into.size()) == 0 &&
         size == into.size();
}

// A non-negative INTEGER in its shortest form (X.690 8.3).
bool write_integer(TlvWriter& tlv, const Number& number) {
  std::array<std::uint8_t, kP256Scalar + 1> bytes{};
  if (!number.write(bytes)) return false;
  std::size_t skip = 0;
  while (skip < kP256Scalar && bytes[skip] == 0 && bytes[skip + 1] < 0x80) ++skip;
  tlv.element(0x02, ByteView(bytes).subspan(skip));
  return true;
}

}  // namespace

P256::P256(Board& board) : board_(board) {
  mbedtls_ecp_group_init(&group_);
  ready_ = mbedtls_ecp_group_load(&group_, MBEDTLS_ECP_DP_SECP256R1) == 0;
}

P256::~P256() { mbedtls_ecp_group_free(&group_); }

int P256::random_source(void* board, unsigned char* into, std::size_t size) {
  const Status status = static_cast<Board*>(board)->random({into, size});
  return status == Status::kOk ? 0 : MBEDTLS_ERR_ECP_RANDOM_FAILED;
}

Result<P256KeyPair> P256::generate() {
  if (!ready_) return Status::kHardware;
  Number secret;
  Point point;
  P256KeyPair pair;
  if (mbedtls_ecp_gen_privkey(&group_, &secret.value, random_source, &board_) != 0 ||
      mbedtls_ecp_mul(&group_, &point.value, &secret.value, &group_.G, random_source, &board_) != 0 ||
      !secret.write(pair.secret) || !write_point(group_, point, pair.point)) {
    return Status::kHardware;
  }
  return pair;
}

Result<P256Public> P256::public_point(const P256Private& secret) {
  if (!ready_) return Status::kHardware;
  Number number;
  if (!number.read(secret)) return Status::kHardware;
  if (mbedtls_ecp_check_privkey(&group_, &number.value) != 0) return Status::kInvalid;
  Point point;
  P256Public result{};
  if (mbedtls_ecp_mul(&group_, &point.value, &number.value, &group_.G, random_source, &board_) != 0 ||
      !write_point(group_, point, result)) {
    return Status::kHardware;
  }
  return result;
}

Result<P256Signature> P256::sign(const P256Private& secret, ByteView hash) {
  if (!ready_) return Status::kHardware;
  if (hash.empty() || hash.size() > kP256Scalar) return Status::kInvalid;
  Number number;
  Number r;
  Number s;
  if (!number.read(secret) ||
      mbedtls_ecdsa_sign_det_ext(&group_, &r.value, &s.value, &number.value, hash.data(), hash.size(),
                                 MBEDTLS_MD_SHA256, random_source, &board_) != 0) {
    return Status::kHardware;
  }
  P256Signature signature;
  Writer out(signature.bytes);
  TlvWriter tlv(out);
  const std::size_t sequence = tlv.begin(0x30);
  if (!write_integer(tlv, r) || !write_integer(tlv, s)) return Status::kHardware;
  tlv.end(sequence);
  if (out.overflowed()) return Status::kHardware;
  signature.size = out.size();
  return signature;
}

Result<SecretArray<kP256Scalar>> P256::agree(const P256Private& secret, ByteView point) {
  if (!ready_) return Status::kHardware;
  Number number;
  Point theirs;
  Point shared;
  if (point.size() != kP256Point || point[0] != 0x04) return Status::kInvalid;
  if (mbedtls_ecp_point_read_binary(&group_, &theirs.value, point.data(), point.size()) != 0 ||
      mbedtls_ecp_check_pubkey(&group_, &theirs.value) != 0) {
    return Status::kInvalid;
  }
  P256Public encoded{};
  if (!number.read(secret) ||
      mbedtls_ecp_mul(&group_, &shared.value, &number.value, &theirs.value, random_source, &board_) != 0 ||
      !write_point(group_, shared, encoded)) {
    return Status::kHardware;
  }
  SecretArray<kP256Scalar> x;
  copy(ByteView(encoded).subspan(1, kP256Scalar), x);
  wipe(encoded);
  return x;
}

}  // namespace sceau::firmware
