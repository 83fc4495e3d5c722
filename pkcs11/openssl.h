// OpenSSL's objects, each with one owner.
#pragma once

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "sceau/base/bytes.h"
#include "sceau/base/handle.h"

namespace sceau::pkcs11 {

using KeyOwner = Handle<EVP_PKEY, EVP_PKEY_free>;
using KeyContextOwner = Handle<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using DigestContextOwner = Handle<EVP_MD_CTX, EVP_MD_CTX_free>;
using CertificateOwner = Handle<X509, X509_free>;
using EcdsaOwner = Handle<ECDSA_SIG, ECDSA_SIG_free>;
using NumberOwner = Handle<BIGNUM, BN_free>;

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
