// How much of the stack was ever used: painted at reset, looked at later.
#pragma once

#include <cstddef>

namespace sceau::firmware::mps2::stack {

// Fills what lies below the caller's frame. At reset, before anything else.
void paint();
// The most bytes used since.
std::size_t used();
std::size_t size();

}  // namespace sceau::firmware::mps2::stack
