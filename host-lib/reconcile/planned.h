// What the gate asks the planner about, before it asks the tables.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace sceau::reconcile {

// What the gate writes before a statement (postgresql_plan.cpp), to the letter.
constexpr std::array<std::string_view, 2> plan_prefixes{"EXPLAIN (VERBOSE, COSTS OFF, FORMAT JSON) ",
                                                        "EXPLAIN (FORMAT JSON) "};

// Whether it asks the database how it would run a single SELECT, or CREATE TABLE AS of one, in the gate's own
// words, and nothing else: nothing runs.
bool only_plans(const std::string& statement);

}  // namespace sceau::reconcile
