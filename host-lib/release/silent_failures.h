// An aggregate's SQL in a form whose failures and unknown values tell nothing about single people.
#pragma once

#include "sceau/source/query.h"

namespace sceau::release {

// Computes sum() and abs() of whole numbers over reals, which do not overflow, and leaves keys that are NULL
// out of NOT IN (SELECT …), everywhere in the tree. For aggregates about people. Cannot fail.
void say_nothing_by_failing(source::Select& select);

}  // namespace sceau::release
