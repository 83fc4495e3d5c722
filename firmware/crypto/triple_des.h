// Triple DES, one block: for management keys of tools that know nothing newer (algorithm 03 of SP 800-78-4).
#pragma once

#include "core/bytes.h"
#include "core/status.h"

namespace sceau::firmware {

inline constexpr std::size_t kTripleDesBlock = 8;
inline constexpr std::size_t kTripleDesKey = 24;

// Writes the encryption of `block` to `into`, both of kTripleDesBlock bytes. kInvalid: a size; kHardware.
Status triple_des_encrypt_block(ByteView key, ByteView block, ByteSpan into);

}  // namespace sceau::firmware
