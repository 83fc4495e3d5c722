// The two ways to plan: each takes the resolved tree and fills the plan.
#pragma once

#include "detail.h"
#include "sceau/source/query.h"

namespace sceau::release {

// Columns and statements of a plan whose rows are about single people.
Result<Plan> plan_individual(const source::Select& select, const source::Catalogue& catalogue,
                             source::Engine engine, const std::vector<std::string>& parameters);

// The same for groups of people. `select` is a copy that the planner adds the gate's columns to.
Result<Plan> plan_aggregate(source::Select select, const source::Catalogue& catalogue, const Policy& policy,
                            source::Engine engine);

// A script, whose tables follow one from the other.
Result<Plan> plan_work(const source::Catalogue& base, const std::vector<std::string>& sql,
                       const ProjectRules& rules, const Workspace& workspace);

Error cannot_leave(const std::string& what);
// That the project covers all that it reads.
Status check_within(const std::set<std::string>& tables, const std::set<source::ColumnRead>& reads,
                    const ProjectRules& rules, const source::Catalogue& catalogue);

}  // namespace sceau::release
