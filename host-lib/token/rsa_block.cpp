// The padding alone is only to be had by OpenSSL's older interface.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "rsa_block.h"

#include <openssl/err.h>
#include <openssl/rsa.h>

namespace sceau::token {
namespace {

constexpr int kSalt = 32;

using RsaOwner = Handle<RSA, RSA_free>;

}  // namespace

std::optional<Algorithm> rsa_of(const EVP_PKEY* key) {
  if (key == nullptr || EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA) return std::nullopt;
  switch (EVP_PKEY_get_bits(key)) {
    case 2048:
      return Algorithm::rsa_2048;
    case 3072:
      return Algorithm::rsa_3072;
    default:
      return std::nullopt;
  }
}

Bytes pss_block(const EVP_PKEY* key, ByteView digest) {
  // Counts a reference and changes nothing else.
  const RsaOwner rsa(
      EVP_PKEY_get1_RSA(const_cast<EVP_PKEY*>(key)));  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  Bytes block(rsa ? static_cast<std::size_t>(RSA_size(rsa.get())) : 0);
  const bool padded = rsa && digest.size() == 32 &&
                      RSA_padding_add_PKCS1_PSS_mgf1(rsa.get(), block.data(), digest.data(), EVP_sha256(),
                                                     EVP_sha256(), kSalt) == 1;
  ERR_clear_error();
  return padded ? block : Bytes();
}

bool verify_pss(EVP_PKEY* key, ByteView digest, ByteView signature) {
  const KeyContextOwner context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  const bool good =
      context && EVP_PKEY_verify_init(context.get()) == 1 &&
      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PSS_PADDING) == 1 &&
      EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) == 1 &&
      EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), EVP_sha256()) == 1 &&
      EVP_PKEY_CTX_set_rsa_pss_saltlen(context.get(), kSalt) == 1 &&
      EVP_PKEY_verify(context.get(), signature.data(), signature.size(), digest.data(), digest.size()) == 1;
  ERR_clear_error();
  return good;
}

}  // namespace sceau::token
