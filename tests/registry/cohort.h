// A project "cohort" in the test world, opened by ada and an approver, who both put dora there: that approver
// approves her individual requests in advance.
#pragma once

#include "world.h"

namespace sceau::test {

void open_cohort(World& world, const std::string& approver, Time until);

}  // namespace sceau::test
