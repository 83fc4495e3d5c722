// The attestation object that a browser hands out for a new credential: CBOR {attStmt, authData, fmt}, as W3C
// Web Authentication Level 2, section 6.5.4, has it, in the format "packed" with an x5c (section 8.2).
//
// Read strictly: definite lengths in their shortest form (RFC 8949 section 4.2.1), text keys, no key twice or
// unknown, nothing behind it.
#pragma once

#include "sceau/evidence/fido_attestation.h"

namespace sceau::evidence {

inline constexpr std::size_t max_attestation_object_bytes = 16384;

// Without certificates where the key attests only itself, and without a signature where nobody does (format
// "none"): whether that will do is policy's to say (check_fido_attestation). Fails with invalid: not of this
// form; refused: another format.
Result<FidoAttestation> read_attestation_object(ByteView object, Bytes client_data);

}  // namespace sceau::evidence
