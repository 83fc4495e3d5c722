// AES-256 in CBC mode without padding (NIST SP 800-38A), for the PIN protocols of CTAP. It authenticates
// nothing: whoever uses it checks an HMAC first, or compares what comes out.
#pragma once

#include "crypto/aes.h"

namespace sceau::firmware {

// `from` and `into` are of one size, a multiple of 16, and may be the same bytes. kInvalid: sizes; kHardware.
Status encrypt_cbc(ByteView key, ByteView initial, ByteView from, ByteSpan into);
Status decrypt_cbc(ByteView key, ByteView initial, ByteView from, ByteSpan into);

}  // namespace sceau::firmware
