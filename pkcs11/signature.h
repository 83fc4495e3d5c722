// Signatures: what the card computes, and checking them with OpenSSL.
#pragma once

#include "mechanism.h"
#include "object.h"
#include "token.h"

namespace sceau::pkcs11 {

// `input`: the digest where the mechanism has one, else what the caller gave. As Token's use of a key fails,
// and CKR_DATA_LEN_RANGE.
Result<Bytes> make_signature(Token& token, const Object& key, const MechanismUse& use, ByteView input);
// CKR_SIGNATURE_INVALID, CKR_SIGNATURE_LEN_RANGE, CKR_DATA_LEN_RANGE.
Status check_signature(const PublicKey& key, const MechanismUse& use, ByteView input, ByteView signature);

// ECDSA's two numbers: DER, and r || s, each as long as the curve. Empty when the bytes are no such thing.
Bytes ecdsa_pair_from_der(ByteView der, std::size_t curve_size);
Bytes ecdsa_der_from_pair(ByteView pair);

}  // namespace sceau::pkcs11
