#include "sceau/release/history.h"

namespace sceau::release {

Status MemoryHistory::with(const Decide& decide) {
  auto made = decide(kept_);
  if (!made) return made.error();
  kept_.push_back(std::move(*made));
  return {};
}

}  // namespace sceau::release
