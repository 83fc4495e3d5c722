#include "sceau/base/random.h"

#include <openssl/rand.h>

#include <algorithm>
#include <cstdlib>

#include "sceau/base/digest.h"

namespace sceau {

void SystemRandom::fill(std::span<std::uint8_t> out) {
  if (RAND_bytes(out.data(), static_cast<int>(out.size())) != 1) std::abort();
}

void SeededRandom::fill(std::span<std::uint8_t> out) {
  for (std::size_t at = 0; at < out.size();) {
    Bytes block;
    append_u64(block, seed_);
    append_u64(block, counter_++);
    const Digest digest = sha256(block);
    const std::size_t count = std::min(digest.size(), out.size() - at);
    std::copy_n(digest.begin(), count, out.begin() + static_cast<std::ptrdiff_t>(at));
    at += count;
  }
}

std::uint64_t SeededRandom::next() { return read_u64(array<8>()); }

}  // namespace sceau
