// The one block of memory that mbedTLS has: there is no heap.
#pragma once

#include <cstddef>

namespace sceau::firmware::mps2::crypto_memory {

// Before anything of crypto/ is used.
void start();
// The most of it that was ever in use, and all there is, in bytes.
std::size_t used();
std::size_t size();

}  // namespace sceau::firmware::mps2::crypto_memory
