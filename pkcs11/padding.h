// RSA's paddings, through OpenSSL: what stands around a digest before the card computes, and what is inside
// of what it deciphered (RFC 8017, 7 to 9).
#pragma once

#include "mechanism.h"
#include "object.h"
#include "sceau/base/secret.h"

namespace sceau::pkcs11 {

// A block as long as the modulus. CKR_DATA_LEN_RANGE: it does not fit.
Result<Bytes> pad_for_signature(const PublicKey& key, const MechanismUse& use, ByteView input);
// What only the private key reads, as long as the modulus. CKR_DATA_LEN_RANGE, CKR_DATA_INVALID (a raw number
// above the modulus), CKR_DEVICE_ERROR (the card gave a key that is none).
Result<Bytes> encrypt(const PublicKey& key, const MechanismUse& use, ByteView plain);
// CKR_ENCRYPTED_DATA_INVALID: the padding is wrong, and nothing says where.
Result<Secret> unpad_deciphered(const MechanismUse& use, const Secret& block);

}  // namespace sceau::pkcs11
