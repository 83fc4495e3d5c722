// Which potential identifiers leave with a request, and whether they may together.
#pragma once

#include "following.h"
#include "sceau/release/extraction.h"
#include "sceau/source/query.h"

namespace sceau::release {

// The columns labelled potential_identifier, of which results are made, or which the request, or what its
// tables of the workspace were made with, holds at one value.
ColumnNames identifying_together(const source::Select& select);

// refused, naming them and the profile, when a profile does not let them leave together.
Status check_together(const source::Select& select, const ProjectRules& rules);

}  // namespace sceau::release
