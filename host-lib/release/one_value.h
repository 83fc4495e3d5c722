// What a condition holds at one value, however it is written.
#pragma once

#include <vector>

#include "sceau/source/query.h"

namespace sceau::release {

// No column, and nothing that reads one.
bool is_constant(const source::Expression& e);

// Of a list, or of BETWEEN: all constants after the first child are one.
bool all_alike(const source::Expression& e);

// LIKE without % and _; a regular expression that says where a text begins and where it ends.
bool means_one(const source::Expression& like);

// x >= 'a' AND x <= 'a': what the conditions `all` bound from both sides at the same constant. `hold`: each
// of them does; otherwise, none does.
std::vector<const source::Expression*> bounded_to_one(const std::vector<source::Expression>& all, bool hold);

}  // namespace sceau::release
