// AES: one block for management-key authentication, and GCM (NIST SP 800-38D) for what rests on flash.
#pragma once

#include "core/bytes.h"
#include "core/status.h"

namespace sceau::firmware {

inline constexpr std::size_t kAesBlock = 16;
using AesBlock = SecretArray<kAesBlock>;

// One block under a key of 16, 24 or 32 bytes. kInvalid: another key size.
Result<AesBlock> aes_encrypt_block(ByteView key, const AesBlock& block);

inline constexpr std::size_t kSealNonce = 12;
inline constexpr std::size_t kSealTag = 16;

// Encrypts and authenticates under a 32-byte key with AES-256-GCM. A nonce must never come twice under one
// key. `sealed` takes the ciphertext (plain.size() bytes) and then the tag. kInvalid: sizes; kHardware.
Status seal(ByteView key, ByteView nonce, ByteView associated, ByteView plain, ByteSpan sealed);

// The reverse. kCorrupt: the bytes are not what seal() made with this key, nonce and associated data; then
// `plain` is zero.
Status unseal(ByteView key, ByteView nonce, ByteView associated, ByteView sealed, ByteSpan plain);

}  // namespace sceau::firmware
