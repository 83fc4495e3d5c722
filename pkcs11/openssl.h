// OpenSSL's objects, each with one owner.
#pragma once

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>

#include "sceau/base/bytes.h"

namespace sceau::pkcs11 {

template <auto function>
struct FreeWith {
  template <typename T>
  void operator()(T* object) const {
    function(object);
  }
};
using KeyOwner = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using KeyContextOwner = std::unique_ptr<EVP_PKEY_CTX, FreeWith<EVP_PKEY_CTX_free>>;
using DigestContextOwner = std::unique_ptr<EVP_MD_CTX, FreeWith<EVP_MD_CTX_free>>;
using CertificateOwner = std::unique_ptr<X509, FreeWith<X509_free>>;
using EcdsaOwner = std::unique_ptr<ECDSA_SIG, FreeWith<ECDSA_SIG_free>>;
using NumberOwner = std::unique_ptr<BIGNUM, FreeWith<BN_free>>;

// Empty when the bytes are no SubjectPublicKeyInfo, or are followed by more.
KeyOwner key_from_spki(ByteView spki);

// DER of anything that OpenSSL writes with an i2d function; empty when it cannot.
template <typename T>
Bytes der_of(int (*write)(const T*, unsigned char**), const T* object) {
  const int size = write(object, nullptr);
  if (size <= 0) return {};
  Bytes der(static_cast<std::size_t>(size));
  unsigned char* at = der.data();
  write(object, &at);
  return der;
}

}  // namespace sceau::pkcs11
