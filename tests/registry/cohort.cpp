#include "cohort.h"

namespace sceau::test {

void open_cohort(World& world, const std::string& approver, Time until) {
  world.must("project.open", {"ada", approver},
             Object{{"project", "cohort"},
                    {"title", "Cohort"},
                    {"sources", Array{"snds"}},
                    {"kinds", Array{"individual"}},
                    {"from", to_rfc3339(world.clock.now())},
                    {"until", to_rfc3339(until)},
                    {"max_rows", 500},
                    {"columns", Array{"IR_BEN_R.*"}},
                    {"approvals", 1}});
  world.must("project.assign", {"ada", approver},
             Object{{"project", "cohort"}, {"person", "dora"}, {"until", to_rfc3339(until)}});
}

}  // namespace sceau::test
