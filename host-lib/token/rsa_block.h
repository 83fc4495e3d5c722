// What an RSA key on a card works on: the card computes with a block as long as its modulus, and knows
// nothing of paddings. RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a salt of 32 bytes (RFC 8017, 8.1
// and 9.1), as evidence wants it (FORMATS.md, "Evidence").
#pragma once

#include "openssl.h"

namespace sceau::token {

// rsa_2048 or rsa_3072; nothing for all other keys, RSA of another size included.
std::optional<Algorithm> rsa_of(const EVP_PKEY* key);

// The block that signs this SHA-256; empty when OpenSSL fails.
Bytes pss_block(const EVP_PKEY* key, ByteView digest);
bool verify_pss(EVP_PKEY* key, ByteView digest, ByteView signature);

}  // namespace sceau::token
