#include "crypto/elliptic.h"

#include <mbedtls/ecdsa.h>

#include "core/tlv.h"
#include "crypto/numbers.h"

namespace sceau::firmware {

namespace {

// Owns one mbedTLS point.
struct Point {
  Point() { mbedtls_ecp_point_init(&value); }
  ~Point() { mbedtls_ecp_point_free(&value); }
  Point(const Point&) = delete;
  Point& operator=(const Point&) = delete;
  mbedtls_ecp_point value{};
};

bool write_point(const mbedtls_ecp_group& group, const Point& point, ByteSpan into) {
  std::size_t size = 0;
  return mbedtls_ecp_point_write_binary(&group, &point.value, MBEDTLS_ECP_PF_UNCOMPRESSED, &size, into.data(),
                                        into.size()) == 0 &&
         size == into.size();
}

bool read_point(const mbedtls_ecp_group& group, KeyType type, ByteView bytes, Point& point) {
  return bytes.size() == public_size(type) && bytes[0] == 0x04 &&
         mbedtls_ecp_point_read_binary(&group, &point.value, bytes.data(), bytes.size()) == 0 &&
         mbedtls_ecp_check_pubkey(&group, &point.value) == 0;
}

// A non-negative INTEGER of at most `size` bytes in its shortest form (X.690 8.3).
bool write_integer(TlvWriter& tlv, const Number& number, std::size_t size) {
  std::array<std::uint8_t, kMaxScalar + 1> buffer{};
  const ByteSpan bytes = ByteSpan(buffer).first(size + 1);
  if (!number.write(bytes)) return false;
  std::size_t skip = 0;
  while (skip < size && bytes[skip] == 0 && bytes[skip + 1] < 0x80) ++skip;
  tlv.element(0x02, bytes.subspan(skip));
  return true;
}

}  // namespace

EllipticCurve::EllipticCurve(Board& board, KeyType type) : board_(board), type_(type) {
  mbedtls_ecp_group_init(&group_);
  load();
}

EllipticCurve::~EllipticCurve() { mbedtls_ecp_group_free(&group_); }

void EllipticCurve::load() {
  const mbedtls_ecp_group_id id =
      type_ == KeyType::kP384 ? MBEDTLS_ECP_DP_SECP384R1 : MBEDTLS_ECP_DP_SECP256R1;
  ready_ = !is_rsa(type_) && mbedtls_ecp_group_load(&group_, id) == 0;
}

void EllipticCurve::unload() { mbedtls_ecp_group_free(&group_); }

Result<KeyPair> EllipticCurve::generate() {
  if (!ready_) return Status::kHardware;
  Number number;
  SecretArray<kMaxScalar> buffer;
  const ByteSpan scalar = ByteSpan(buffer).first(number_size(type_));
  if (mbedtls_ecp_gen_privkey(&group_, &number.value, random_source, &board_) != 0 || !number.write(scalar)) {
    return Status::kHardware;
  }
  return pair_of(scalar);
}

Result<KeyPair> EllipticCurve::pair_of(ByteView scalar) {
  if (!ready_) return Status::kHardware;
  if (scalar.empty() || scalar.size() > number_size(type_)) return Status::kInvalid;
  const Number number(scalar);
  if (!number.ok()) return Status::kHardware;
  if (mbedtls_ecp_check_privkey(&group_, &number.value) != 0) return Status::kInvalid;
  Point point;
  KeyPair pair;
  pair.secret.size = secret_size(type_);
  pair.open.type = type_;
  pair.open.bytes.size = public_size(type_);
  if (mbedtls_ecp_mul(&group_, &point.value, &number.value, &group_.G, random_source, &board_) != 0 ||
      !number.write(ByteSpan(pair.secret.bytes).first(pair.secret.size)) ||
      !write_point(group_, point, ByteSpan(pair.open.bytes.bytes).first(pair.open.bytes.size))) {
    return Status::kHardware;
  }
  return pair;
}

Result<KeyOutput> EllipticCurve::sign(ByteView secret, ByteView hash) {
  if (!ready_) return Status::kHardware;
  if (hash.empty() || hash.size() > number_size(type_)) return Status::kInvalid;
  const Number number(secret);
  Number r;
  Number s;
  if (!number.ok() ||
      mbedtls_ecdsa_sign_det_ext(&group_, &r.value, &s.value, &number.value, hash.data(), hash.size(),
                                 MBEDTLS_MD_SHA256, random_source, &board_) != 0) {
    return Status::kHardware;
  }
  KeyOutput signature;
  Writer out(signature.bytes);
  TlvWriter tlv(out);
  const std::size_t sequence = tlv.begin(0x30);
  if (!write_integer(tlv, r, number_size(type_)) || !write_integer(tlv, s, number_size(type_))) {
    return Status::kHardware;
  }
  tlv.end(sequence);
  if (out.overflowed()) return Status::kHardware;
  signature.size = out.size();
  return signature;
}

Status EllipticCurve::verify(ByteView point, ByteView hash, ByteView signature) {
  const std::size_t size = number_size(type_);
  if (!ready_) return Status::kHardware;
  if (signature.size() != 2 * size) return Status::kInvalid;
  const Number r(signature.first(size));
  const Number s(signature.subspan(size));
  Point theirs;
  if (!r.ok() || !s.ok()) return Status::kHardware;
  if (!read_point(group_, type_, point, theirs)) return Status::kInvalid;
  const int result =
      mbedtls_ecdsa_verify(&group_, hash.data(), hash.size(), &theirs.value, &r.value, &s.value);
  if (result == 0) return Status::kOk;
  return result == MBEDTLS_ERR_ECP_VERIFY_FAILED ? Status::kInvalid : Status::kHardware;
}

bool EllipticCurve::on_curve(ByteView point) {
  Point theirs;
  return ready_ && read_point(group_, type_, point, theirs);
}

Result<KeyOutput> EllipticCurve::agree(ByteView secret, ByteView point) {
  if (!ready_) return Status::kHardware;
  const Number number(secret);
  Point theirs;
  Point shared;
  if (!read_point(group_, type_, point, theirs)) return Status::kInvalid;
  SecretArray<kMaxPoint> buffer;
  const ByteSpan encoded = ByteSpan(buffer).first(public_size(type_));
  if (!number.ok() ||
      mbedtls_ecp_mul(&group_, &shared.value, &number.value, &theirs.value, random_source, &board_) != 0 ||
      !write_point(group_, shared, encoded)) {
    return Status::kHardware;
  }
  KeyOutput x;
  if (!x.assign(encoded.subspan(1, number_size(type_)))) return Status::kHardware;
  return x;
}

}  // namespace sceau::firmware
