// Which potential identifiers leave with a request, and whether they may together.
#pragma once

#include <set>
#include <string>

#include "sceau/release/extraction.h"
#include "sceau/source/query.h"

namespace sceau::release {

// The columns labelled potential_identifier, as "TABLE.COLUMN", of which results are made or which the
// request holds at one value. Nothing is left out: what cannot be followed to a table counts by its result's
// name.
std::set<std::string> identifying_together(const source::Select& select);

// refused, naming them and the profile, when a profile does not let them leave together.
Status check_together(const source::Select& select, const ProjectRules& rules);

}  // namespace sceau::release
