// Handles: random, so that one that was closed is not soon another's, and within 31 bits, for callers that
// keep them in an int.
#pragma once

#include "cryptoki.h"
#include "sceau/base/random.h"

namespace sceau::pkcs11 {

// A handle that `taken(handle)` says no to.
template <typename Taken>
CK_ULONG new_handle(Random& random, Taken taken) {
  for (;;) {
    CK_ULONG handle = 0;
    for (const std::uint8_t byte : random.array<4>()) handle = handle << 8U | byte;
    handle &= 0x7FFFFFFFU;
    if (handle != CK_INVALID_HANDLE && !taken(handle)) return handle;
  }
}

}  // namespace sceau::pkcs11
