// The one block of memory that mbedTLS has: there is no heap.
#pragma once

#include <cstddef>

namespace sceau::firmware::mps2::crypto_memory {

// Before anything of crypto/ is used.
void start();

}  // namespace sceau::firmware::mps2::crypto_memory
