// What certificates, CRLs and requests that are signed through a callback have in common.
#pragma once

#include "openssl.h"
#include "sceau/pki/authority.h"

namespace sceau::pki {

// A P-256 key from its SubjectPublicKeyInfo. Fails with invalid.
Result<KeyHandle> read_p256(ByteView spki);
// CN, serialNumber, O, those that are not empty. Fails with invalid.
Result<NameHandle> make_name(const Subject& subject);
// Sets an AlgorithmIdentifier to ecdsa-with-SHA256, parameters absent (RFC 5758 section 3.2).
void set_ecdsa_sha256(X509_ALGOR* algorithm);
// SEQUENCE { to-be-signed, ecdsa-with-SHA256, BIT STRING signature }, the signature by the callback.
Result<Bytes> sign_der(const Bytes& to_be_signed, const SignCallback& sign);

}  // namespace sceau::pki
