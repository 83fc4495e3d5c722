#include "openssl.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

namespace sceau::token {
namespace {

// Named by identifier, which only providers answer to: by name, an engine that the process has made the
// default for such keys comes first, and knows no parameters.
constexpr const char* kCurveIdentifier = "1.2.840.10045.2.1";
constexpr const char* kRsaIdentifier = "1.2.840.113549.1.1.1";

using ParametersOwner = Handle<OSSL_PARAM, OSSL_PARAM_free>;
using ParameterBuilderOwner = Handle<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using NumberOwner = Handle<BIGNUM, BN_free>;

// OpenSSL leaves notes in a queue of the thread: what failed here must not be read there.
class ErrorMark {
 public:
  ErrorMark() { ERR_set_mark(); }
  ~ErrorMark() { ERR_pop_to_mark(); }
  ErrorMark(const ErrorMark&) = delete;
  ErrorMark& operator=(const ErrorMark&) = delete;
};

KeyOwner from_parameters(const char* type, OSSL_PARAM* parameters) {
  const KeyContextOwner context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!context || parameters == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
    return {};
  return KeyOwner(key);
}

// For the same reason not EVP_PKEY_public_check(), which has no identifier to go by.
bool is_on_curve(Algorithm curve, ByteView point) {
  const Handle<EC_GROUP, EC_GROUP_free> group(
      EC_GROUP_new_by_curve_name(curve == Algorithm::p256 ? NID_X9_62_prime256v1 : NID_secp384r1));
  const Handle<EC_POINT, EC_POINT_free> read(group ? EC_POINT_new(group.get()) : nullptr);
  return read && EC_POINT_oct2point(group.get(), read.get(), point.data(), point.size(), nullptr) == 1 &&
         EC_POINT_is_on_curve(group.get(), read.get(), nullptr) == 1;
}

// Both odd, the exponent above one and below the modulus.
bool is_rsa_pair(const BIGNUM* modulus, const BIGNUM* exponent) {
  return BN_is_odd(modulus) == 1 && BN_is_odd(exponent) == 1 && BN_is_one(exponent) != 1 &&
         BN_cmp(exponent, modulus) < 0;
}

}  // namespace

KeyOwner key_from_spki(ByteView spki) {
  const ErrorMark mark;
  const unsigned char* at = spki.data();
  KeyOwner key(d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size())));
  if (!key || at != spki.data() + spki.size()) return {};
  return key;
}

KeyOwner key_from_certificate(ByteView certificate) {
  const ErrorMark mark;
  const unsigned char* at = certificate.data();
  const CertificateOwner parsed(d2i_X509(nullptr, &at, static_cast<long>(certificate.size())));
  if (!parsed || at != certificate.data() + certificate.size()) return {};
  return KeyOwner(X509_get_pubkey(parsed.get()));
}

KeyOwner key_from_point(Algorithm curve, ByteView point) {
  const ErrorMark mark;
  if (point.size() != 1 + 2 * curve_size(curve) || point[0] != 0x04) return {};
  if (!is_on_curve(curve, point)) return {};
  const ParameterBuilderOwner builder(OSSL_PARAM_BLD_new());
  if (!builder) return {};
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME,
                                  curve == Algorithm::p256 ? "P-256" : "P-384", 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
  const ParametersOwner parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  return from_parameters(kCurveIdentifier, parameters.get());
}

KeyOwner key_from_rsa(ByteView modulus, ByteView exponent) {
  const ErrorMark mark;
  if (modulus.size() > 512 || exponent.size() > 8) return {};
  const NumberOwner n(BN_bin2bn(modulus.data(), static_cast<int>(modulus.size()), nullptr));
  const NumberOwner e(BN_bin2bn(exponent.data(), static_cast<int>(exponent.size()), nullptr));
  const ParameterBuilderOwner builder(OSSL_PARAM_BLD_new());
  if (!builder || !n || !e || !is_rsa_pair(n.get(), e.get())) return {};
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
  const ParametersOwner parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  return from_parameters(kRsaIdentifier, parameters.get());
}

Bytes spki_of(const EVP_PKEY* key) {
  const int size = i2d_PUBKEY(key, nullptr);
  if (size <= 0) return {};
  Bytes out(static_cast<std::size_t>(size));
  unsigned char* at = out.data();
  i2d_PUBKEY(key, &at);
  return out;
}

Bytes point_of(const EVP_PKEY* key) {
  const ErrorMark mark;
  const auto curve = curve_of(key);
  if (!curve) return {};
  // A key read from a certificate may carry its point compressed; the numbers do not.
  BIGNUM* x = nullptr;
  BIGNUM* y = nullptr;
  EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_X, &x);
  EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_Y, &y);
  const NumberOwner x_owner(x);
  const NumberOwner y_owner(y);
  if (!x_owner || !y_owner) return {};
  const std::size_t size = curve_size(*curve);
  Bytes point(1 + 2 * size, 0x04);
  BN_bn2binpad(x, point.data() + 1, static_cast<int>(size));
  BN_bn2binpad(y, point.data() + 1 + size, static_cast<int>(size));
  return point;
}

std::optional<Algorithm> curve_of(const EVP_PKEY* key) {
  const ErrorMark mark;
  std::array<char, 80> name{};
  if (key == nullptr || EVP_PKEY_is_a(key, "EC") != 1 ||
      EVP_PKEY_get_group_name(key, name.data(), name.size(), nullptr) != 1)
    return std::nullopt;
  const std::string group(name.data());
  if (group == "prime256v1" || group == "P-256") return Algorithm::p256;
  if (group == "secp384r1" || group == "P-384") return Algorithm::p384;
  return std::nullopt;
}

std::size_t curve_size(Algorithm curve) { return curve == Algorithm::p384 ? 48 : 32; }

bool is_ecdsa_signature(ByteView signature, Algorithm curve) {
  const ErrorMark mark;
  const unsigned char* at = signature.data();
  const SignatureOwner parsed(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(signature.size())));
  if (!parsed || at != signature.data() + signature.size()) return false;
  const auto fits = [curve](const BIGNUM* number) {
    return BN_is_negative(number) == 0 && BN_is_zero(number) == 0 &&
           static_cast<std::size_t>(BN_num_bytes(number)) <= curve_size(curve);
  };
  if (!fits(ECDSA_SIG_get0_r(parsed.get())) || !fits(ECDSA_SIG_get0_s(parsed.get()))) return false;
  const int size = i2d_ECDSA_SIG(parsed.get(), nullptr);
  if (size <= 0 || static_cast<std::size_t>(size) != signature.size()) return false;
  Bytes canonical(signature.size());
  unsigned char* out = canonical.data();
  i2d_ECDSA_SIG(parsed.get(), &out);
  return std::equal(canonical.begin(), canonical.end(), signature.begin());
}

bool verify_digest(EVP_PKEY* key, ByteView digest, ByteView signature) {
  const ErrorMark mark;
  const KeyContextOwner context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  return context && EVP_PKEY_verify_init(context.get()) == 1 &&
         EVP_PKEY_verify(context.get(), signature.data(), signature.size(), digest.data(), digest.size()) ==
             1;
}

}  // namespace sceau::token
