#include "vector_cast.h"

#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/rsa.h>

#include <cstdlib>

namespace sceau::test {

VectorCast::VectorCast(Bytes signed_statement) : statement(std::move(signed_statement)) {
  const auto added = [](const Status& status) {
    if (!status) std::abort();
  };
  added(trust.add_authority(root));
  added(trust.add_authority(middle));
  added(trust.add_crl(craft_crl(root, root_key, {revoked}, 1)));
  added(trust.add_crl(craft_crl(middle, middle_key, {}, 1)));
}

Bytes sign_with(const Key& key, ByteView message, const EVP_MD* digest, bool pss) {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_PKEY_CTX* key_context = nullptr;
  std::size_t length = 0;
  if (EVP_DigestSignInit(context, &key_context, digest, nullptr, key.get()) != 1) std::abort();
  if (pss) {
    EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING);
    EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, 32);
  }
  if (EVP_DigestSign(context, nullptr, &length, message.data(), message.size()) != 1) std::abort();
  Bytes signature(length);
  if (EVP_DigestSign(context, signature.data(), &length, message.data(), message.size()) != 1) std::abort();
  signature.resize(length);
  EVP_MD_CTX_free(context);
  return signature;
}

Bytes with_numbers(const Bytes& signature, const ChangeNumbers& change) {
  const unsigned char* at = signature.data();
  ECDSA_SIG* numbers = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(signature.size()));
  EC_GROUP* group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
  BIGNUM* r = BN_dup(ECDSA_SIG_get0_r(numbers));
  BIGNUM* s = BN_dup(ECDSA_SIG_get0_s(numbers));
  change(r, s, EC_GROUP_get0_order(group));
  ECDSA_SIG_set0(numbers, r, s);
  unsigned char* out = nullptr;
  const int length = i2d_ECDSA_SIG(numbers, &out);
  Bytes changed(out, out + length);
  OPENSSL_free(out);
  ECDSA_SIG_free(numbers);
  EC_GROUP_free(group);
  return changed;
}

}  // namespace sceau::test
