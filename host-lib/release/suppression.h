// Complementary suppression, and differences between answers: hides values that would tell about too few
// people together with what was shown before, or beside them.
//
// Two rules, until neither hides anything more:
//   - a shown value that differs from another, or from the sum of parts of it that were shown (of one
//   answer's
//     groups, or of two answers'), by 1 to minimum - 1 people, is hidden, or the smallest part is;
//   - hidden.h: no hidden value may be enclosed more narrowly than policy says by sums that are shown.
// Only what is new can be hidden: of the new values that take part, the one of the fewest people.
#pragma once

#include <vector>

#include "released.h"
#include "sceau/release/policy.h"

namespace sceau::release {

// Clears `shown` of cells of `fresh`; gives how many. `earlier` is what the project was given before.
// Deterministic.
std::size_t suppress(const std::vector<Family>& earlier, std::vector<Family>& fresh, const Policy& policy);

}  // namespace sceau::release
