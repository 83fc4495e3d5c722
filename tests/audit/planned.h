// Lets a test world's results say what really follows from their requests.
#pragma once

#include "world.h"

namespace sceau::test {

// Plans the request as the gate does, and puts SQL and columns into the result.
void complete_results(World& world);

}  // namespace sceau::test
