#include "board/mps2/crypto_memory.h"

#include <mbedtls/memory_buffer_alloc.h>

#include <algorithm>
#include <array>

#include "board/mps2/fault.h"

namespace sceau::firmware::mps2::crypto_memory {

namespace {

// tests/board/figures_test.py keeps 512 bytes of it free.
constexpr std::size_t kSize = 14 * 1024;
constexpr unsigned char kPaint = 0xC9;
alignas(8) std::array<unsigned char, kSize> memory;

}  // namespace

// Painted behind the allocator's own first words, so that used() sees how far it was ever written.
void start() {
  constexpr std::size_t kFirstHeader = 64;
  mbedtls_memory_buffer_alloc_init(memory.data(), memory.size());
  std::fill(memory.begin() + kFirstHeader, memory.end(), kPaint);
}

std::size_t used() {
  std::size_t size = memory.size();
  while (size > 0 && memory[size - 1] == kPaint) --size;
  return size;
}

std::size_t size() { return memory.size(); }

}  // namespace sceau::firmware::mps2::crypto_memory

extern "C" void sceau_crypto_memory_overrun(int) { sceau::firmware::mps2::stop_at_fault(); }
