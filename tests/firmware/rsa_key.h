// A person's own keys, made by OpenSSL outside of the token, to be imported.
#pragma once

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/rsa.h>

#include "openssl_check.h"

namespace sceau::firmware::test {

inline Bytes number(EVP_PKEY* key, const char* name, std::size_t size) {
  BIGNUM* value = nullptr;
  EVP_PKEY_get_bn_param(key, name, &value);
  Bytes bytes(size);
  BN_bn2binpad(value, bytes.data(), static_cast<int>(size));
  BN_clear_free(value);
  return bytes;
}

// The parts of an RSA key as IMPORT ASYMMETRIC KEY takes them, in the order of its tags 01 to 05.
inline std::vector<Bytes> rsa_parts(EVP_PKEY* key) {
  const std::size_t half = static_cast<std::size_t>(EVP_PKEY_get_size(key)) / 2;
  std::vector<Bytes> parts;
  for (const char* name :
       {OSSL_PKEY_PARAM_RSA_FACTOR1, OSSL_PKEY_PARAM_RSA_FACTOR2, OSSL_PKEY_PARAM_RSA_EXPONENT1,
        OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1}) {
    parts.push_back(number(key, name, half));
  }
  return parts;
}

inline Bytes modulus(EVP_PKEY* key) {
  return number(key, OSSL_PKEY_PARAM_RSA_N, static_cast<std::size_t>(EVP_PKEY_get_size(key)));
}

// Made once in a process: RSA keys take time.
inline EVP_PKEY* rsa_2048() {
  static const OpenSslKey key(EVP_RSA_gen(2048));
  return key.get();
}

inline Bytes import_data(const std::vector<Bytes>& parts, const std::string& policies = "") {
  Bytes data(2048);
  Writer out(data);
  TlvWriter tlv(out);
  for (std::size_t i = 0; i < parts.size(); ++i) tlv.element(static_cast<std::uint32_t>(i + 1), parts[i]);
  data.resize(out.size());
  return data + hex(policies);
}

inline Bytes scalar_data(const Bytes& scalar) {
  return Bytes{0x06, static_cast<std::uint8_t>(scalar.size())} + scalar;
}

// The public operation: what a signature opens to, or what a message is enciphered to.
inline Bytes raw_public(EVP_PKEY* key, const Bytes& block) {
  const std::unique_ptr<EVP_PKEY_CTX, Freer<EVP_PKEY_CTX_free>> context(EVP_PKEY_CTX_new(key, nullptr));
  Bytes output(block.size());
  std::size_t size = output.size();
  if (EVP_PKEY_encrypt_init(context.get()) != 1 ||
      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_NO_PADDING) != 1 ||
      EVP_PKEY_encrypt(context.get(), output.data(), &size, block.data(), block.size()) != 1) {
    return {};
  }
  return output;
}

}  // namespace sceau::firmware::test
