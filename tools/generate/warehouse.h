// Writes the generated warehouse: one pass, month by month, in the order of the primary keys.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "sceau/base/result.h"

namespace sceau::generate {

struct Size {
  std::size_t people = 1000;
  std::size_t rows_per_person = 40;  // of ER_PRS_F, on average
  int months = 24;                   // of FLX_DIS_DTD, from 2022-02-01 on
  std::uint64_t seed = 1;
};

// Makes the file anew; an existing one is refused. `progress` is told 0 to 100. The same size gives the same
// content. Fails with invalid (a size out of bounds, a file that exists) or unavailable (disk).
Status write_warehouse(const std::filesystem::path& file, const Size& size,
                       const std::function<void(int)>& progress);

}  // namespace sceau::generate
