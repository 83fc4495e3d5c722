#include "board/mps2/crypto_memory.h"

#include <mbedtls/memory_buffer_alloc.h>

#include <array>

#include "board/mps2/fault.h"

namespace sceau::firmware::mps2::crypto_memory {

namespace {

constexpr std::size_t kSize = 16 * 1024;
alignas(8) std::array<unsigned char, kSize> memory;

}  // namespace

void start() { mbedtls_memory_buffer_alloc_init(memory.data(), memory.size()); }

}  // namespace sceau::firmware::mps2::crypto_memory

extern "C" void sceau_crypto_memory_overrun(int) { sceau::firmware::mps2::stop_at_fault(); }
