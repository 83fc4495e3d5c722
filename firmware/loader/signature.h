// Whether an image's signature is good: ECDSA on P-256 over SHA-256 (FIPS 186-4), through mbedTLS in a
// configuration of the loader's own, without anything that the loader does not call.
#pragma once

#include "core/bytes.h"
#include "core/status.h"

namespace sceau::firmware::loader {

// `key`: an uncompressed point; `signature`: r and s, 32 bytes each, over the two parts one after the other.
// kInvalid: it is not the key's; kHardware: memory is short.
Status check_signature(ByteView key, ByteView header, ByteView code, ByteView signature);

}  // namespace sceau::firmware::loader
