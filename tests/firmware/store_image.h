// What the raw bytes of a flash hold, read without the store: which records are in force, and whether
// anything lies there that should have been overwritten.
#pragma once

#include <string_view>
#include <vector>

#include "store/record.h"

namespace sceau::firmware::test {

struct Image {
  bool clean = true;            // nothing but records in force, zeros and ones; no compaction under way
  std::uint64_t state = 0;      // stands for the set of records in force, wherever they lie
  std::vector<ObjectKey> keys;  // of those, sorted, each once
};

Image read_image(ByteView flash, std::size_t page_size);

}  // namespace sceau::firmware::test
