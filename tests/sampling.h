// How much of a long list a suite goes through.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>

namespace sceau::test {

// Whether the entry at this place of its list is tried: each, or every SCEAU_EVERY-th. The quick command sets
// that for its longest lists; under --full each of them runs whole besides.
inline bool is_sampled(std::size_t place) {
  const char* every = std::getenv("SCEAU_EVERY");  // NOLINT(concurrency-mt-unsafe): one thread
  const std::size_t step = every == nullptr ? 1 : std::max<std::size_t>(1, std::strtoul(every, nullptr, 10));
  return place % step == 0;
}

}  // namespace sceau::test
