// What can be worked out of values that are not shown, with linear programming.
//
// Every value that is exactly the sum of one answer's groups is an equation over the hidden ones among them,
// each of which is known to be no less than zero. The narrowest interval that the equations leave for a
// hidden value must be as wide as minimum - 1 of its people make up on average: as wide as "fewer than the
// minimum" is for a count. Solved with COIN-OR's Clp.
#pragma once

#include "facts.h"
#include "sceau/release/policy.h"

namespace sceau::release {

// Hides fresh values until no hidden small one is enclosed more narrowly; gives how many. Where there are too
// many hidden values to solve for, all the fresh values around them are hidden.
std::size_t hide_enclosing(const Facts& facts, const Policy& policy);

}  // namespace sceau::release
