// OpenSSL's objects, each with one owner, and what several files of this room make of them.
#pragma once

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "sceau/base/bytes.h"
#include "sceau/base/handle.h"
#include "sceau/token/piv.h"

namespace sceau::token {

using KeyOwner = Handle<EVP_PKEY, EVP_PKEY_free>;
using KeyContextOwner = Handle<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using CipherOwner = Handle<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;
using DigestContextOwner = Handle<EVP_MD_CTX, EVP_MD_CTX_free>;
using CertificateOwner = Handle<X509, X509_free>;
using SignatureOwner = Handle<ECDSA_SIG, ECDSA_SIG_free>;

// Each is empty when the bytes are no such thing, or are followed by more; OpenSSL's error queue stays clean.
KeyOwner key_from_spki(ByteView spki);
KeyOwner key_from_certificate(ByteView certificate);
KeyOwner key_from_point(Algorithm curve, ByteView point);
KeyOwner key_from_rsa(ByteView modulus, ByteView exponent);
Bytes spki_of(const EVP_PKEY* key);
// The uncompressed point (0x04 || x || y) of an EC key.
Bytes point_of(const EVP_PKEY* key);
// p256 or p384; nothing for all other keys.
std::optional<Algorithm> curve_of(const EVP_PKEY* key);
std::size_t curve_size(Algorithm curve);

// Whether the bytes are exactly a DER ECDSA signature with both numbers within the curve's size.
bool is_ecdsa_signature(ByteView signature, Algorithm curve);
// Whether it is this key's over that digest.
bool verify_digest(EVP_PKEY* key, ByteView digest, ByteView signature);

}  // namespace sceau::token
