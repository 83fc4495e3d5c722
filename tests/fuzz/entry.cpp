// libFuzzer's door to the one target that this program is built for (SCEAU_FUZZ_TARGET).
#include <cstdio>
#include <cstdlib>

#include "fuzz.h"
#include "targets.h"

namespace sceau::fuzz {

void require(bool holds, std::string_view what) {
  if (holds) return;
  std::fprintf(stderr, "must never be: %.*s\n", static_cast<int>(what.size()), what.data());
  std::abort();
}

}  // namespace sceau::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sceau::fuzz::SCEAU_FUZZ_TARGET({data, size});
  return 0;
}
