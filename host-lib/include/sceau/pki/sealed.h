// Bytes kept encrypted for a few readers: CMS AuthEnvelopedData (RFC 5083) with AES-256-GCM, so that
// `openssl cms -decrypt` reads it, too.
//
// A reader is a certificate, P-256 or P-384 (ECDH with SHA-256's X9.63 derivation, RFC 5753) or RSA (OAEP),
// or whoever holds one symmetric key of 32 bytes (AES-256 key wrap). Certificates' dates and paths are not
// looked at: who names a reader vouches for her.
#pragma once

#include <vector>

#include "sceau/base/secret.h"
#include "sceau/pki/certificate.h"

namespace sceau::pki {

inline constexpr std::size_t sealing_key_size = 32;

// That something can be encrypted to this certificate: its key is one of those, and its keyUsage, where it
// has any, allows keyAgreement (EC) or keyEncipherment (RSA). invalid, saying why.
Status check_reader(const Certificate& reader);

// DER, for all of them. internal when OpenSSL fails.
Result<Bytes> seal_for(ByteView text, const std::vector<Certificate>& readers, const Secret& own_key);

// What was sealed, for the holder of the symmetric key; for that of a certificate's private key (PEM, without
// a password). not_found: it was not sealed for that key, or was changed; invalid: no such key.
Result<Bytes> open_sealed(ByteView sealed, const Secret& own_key);
Result<Bytes> open_sealed_with(ByteView sealed, const Secret& private_key_pem);

}  // namespace sceau::pki
