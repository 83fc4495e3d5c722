// One ECDSA signature, checked without keeping anything: what WebAuthn's rare acts need.
#pragma once

#include <openssl/evp.h>

#include "sceau/base/bytes.h"

namespace sceau::evidence {

// Whether `key` made `signature`, DER (r, s), over SHA-256 of `message`.
bool made_by(EVP_PKEY* key, ByteView message, ByteView signature);

}  // namespace sceau::evidence
