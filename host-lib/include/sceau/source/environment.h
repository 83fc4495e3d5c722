// What stands in a process' environment that libpq would follow.
#pragma once

#include "sceau/base/result.h"

namespace sceau::source {

// Whoever starts the process could send its connections elsewhere, weaken or change them (PGHOST, PGSSLMODE,
// PGOPTIONS, …: PostgreSQL's manual, 34.15): a source is where the configuration says, and nowhere else.
// unavailable, with the variables' names and never what is in them, when there are any.
Status check_environment();

}  // namespace sceau::source
