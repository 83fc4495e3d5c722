#include "sceau/release/history.h"

#include "released.h"

namespace sceau::release {

Bytes about_nobody() { return write_families({}); }

Status MemoryHistory::with(const Decide& decide) {
  auto made = decide(kept_);
  if (!made) return made.error();
  kept_.push_back(std::move(*made));
  return {};
}

}  // namespace sceau::release
