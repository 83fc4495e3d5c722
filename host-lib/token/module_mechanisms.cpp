#include "module_mechanisms.h"

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include <algorithm>

#include "sceau/base/digest.h"

namespace sceau::token {
namespace {

using Padding = SigningMechanism::Padding;
using Takes = SigningMechanism::Takes;

constexpr unsigned long kSalt = 32;

// DigestInfo of SHA-256 up to the digest (RFC 8017, section 9.2, note 1).
constexpr std::uint8_t kDigestInfo[] = {0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                        0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};

struct Way {
  CK_MECHANISM_TYPE type;
  Padding padding;
  Takes takes;
};

constexpr Way kElliptic[] = {{CKM_ECDSA, Padding::ecdsa, Takes::digest},
                             {CKM_ECDSA_SHA256, Padding::ecdsa, Takes::data}};
constexpr Way kRsa[] = {{CKM_RSA_PKCS_PSS, Padding::pss, Takes::digest},
                        {CKM_SHA256_RSA_PKCS_PSS, Padding::pss, Takes::data},
                        {CKM_RSA_PKCS, Padding::pkcs1, Takes::digest_info},
                        {CKM_SHA256_RSA_PKCS, Padding::pkcs1, Takes::data}};

bool is_rsa(const EVP_PKEY* key) {
  return EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA && EVP_PKEY_get_bits(key) >= 2048;
}

}  // namespace

CK_MECHANISM& SigningMechanism::mechanism() {
  mechanism_ = {type_, nullptr, 0};
  if (padding_ == Padding::pss) {
    pss_ = {CKM_SHA256, CKG_MGF1_SHA256, kSalt};
    mechanism_ = {type_, &pss_, sizeof pss_};
  }
  return mechanism_;
}

const char* SigningMechanism::name() const {
  switch (type_) {
    case CKM_ECDSA:
      return "CKM_ECDSA";
    case CKM_ECDSA_SHA256:
      return "CKM_ECDSA_SHA256";
    case CKM_RSA_PKCS_PSS:
      return "CKM_RSA_PKCS_PSS";
    case CKM_SHA256_RSA_PKCS_PSS:
      return "CKM_SHA256_RSA_PKCS_PSS";
    case CKM_RSA_PKCS:
      return "CKM_RSA_PKCS";
    default:
      return "CKM_SHA256_RSA_PKCS";
  }
}

Bytes SigningMechanism::input(ByteView data) const {
  if (takes_ == Takes::data) return to_bytes(data);
  const Digest digest = sha256(data);
  Bytes out;
  if (takes_ == Takes::digest_info) append(out, kDigestInfo);
  // A digest shorter than the curve's order is a smaller number: zeros in front.
  if (padding_ == Padding::ecdsa && size_ > digest.size()) out.resize(size_ - digest.size(), 0);
  append(out, digest);
  return out;
}

std::optional<Bytes> SigningMechanism::signature(ByteView raw) const {
  if (padding_ != Padding::ecdsa) return raw.size() == size_ ? std::optional(to_bytes(raw)) : std::nullopt;
  if (raw.size() != 2 * size_) return std::nullopt;
  const SignatureOwner numbers(ECDSA_SIG_new());
  const auto half = static_cast<int>(size_);
  BIGNUM* r = BN_bin2bn(raw.data(), half, nullptr);
  BIGNUM* s = BN_bin2bn(raw.data() + half, half, nullptr);
  if (!numbers || r == nullptr || s == nullptr || ECDSA_SIG_set0(numbers.get(), r, s) != 1) {
    BN_free(r);
    BN_free(s);
    return std::nullopt;
  }
  const int size = i2d_ECDSA_SIG(numbers.get(), nullptr);
  if (size <= 0) return std::nullopt;
  Bytes der(static_cast<std::size_t>(size));
  unsigned char* at = der.data();
  i2d_ECDSA_SIG(numbers.get(), &at);
  return der;
}

bool SigningMechanism::verifies(EVP_PKEY* key, ByteView data, ByteView signature) const {
  const KeyContextOwner context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  bool good = context && EVP_PKEY_verify_init(context.get()) == 1;
  if (good && padding_ != Padding::ecdsa) {
    const bool pss = padding_ == Padding::pss;
    good =
        EVP_PKEY_CTX_set_rsa_padding(context.get(), pss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING) == 1 &&
        (!pss || (EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), EVP_sha256()) == 1 &&
                  EVP_PKEY_CTX_set_rsa_pss_saltlen(context.get(), static_cast<int>(kSalt)) == 1));
  }
  const Digest digest = sha256(data);
  good =
      good && EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) == 1 &&
      EVP_PKEY_verify(context.get(), signature.data(), signature.size(), digest.data(), digest.size()) == 1;
  ERR_clear_error();
  return good;
}

bool key_is_allowed(const EVP_PKEY* key) { return key != nullptr && (curve_of(key) || is_rsa(key)); }

std::vector<SigningMechanism> signing_mechanisms(const EVP_PKEY* key,
                                                 std::span<const CK_MECHANISM_TYPE> offered) {
  std::vector<SigningMechanism> ways;
  const auto curve = curve_of(key);
  const auto known = curve ? std::span<const Way>(kElliptic) : std::span<const Way>(kRsa);
  const std::size_t size = curve ? curve_size(*curve) : static_cast<std::size_t>(EVP_PKEY_get_size(key));
  for (const Way& way : known)
    if (std::find(offered.begin(), offered.end(), way.type) != offered.end())
      ways.emplace_back(way.type, way.padding, way.takes, size);
  return ways;
}

}  // namespace sceau::token
