// What the database would do with a statement, compared with the tree that it was written from.
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "postgresql_pool.h"

namespace sceau::source {

// What a statement may touch: tables of the catalogue in their schema, and of one workspace in its own.
struct Touched {
  const std::string& schema;
  const std::set<std::string>& tables;
  const std::string& workspace_schema;
  const std::set<std::string>& workspace;
};

// That the planner would read and write nothing else, and run no code of the database's own. refused.
// `values` are its parameters'.
Status agree(PostgresqlSession& session, const std::string& sql, const Touched& touched,
             const Deadline& deadline, const std::vector<std::string>& values = {});
// The same from the answer to what explain() asks.
Question explain(const std::string& sql);
Status agree(PostgresqlSession& session, const Answer& explained, const Touched& touched,
             const Deadline& deadline);

// How many rows the planner expects of a statement that agrees.
Result<std::uint64_t> expected_rows(PostgresqlSession& session, const std::string& sql,
                                    const Deadline& deadline, const std::vector<std::string>& values = {});

// postgresql_check.cpp: that the role, the catalogue's tables and the workspace's role are as they must be.
Status check_database(const PostgresqlPlace& place, const Catalogue& catalogue);

// postgresql_work.cpp: Source's work() and committed().
Status run_work(SessionPool& database, const std::vector<CheckedWork>& steps, const Workspace& place,
                const std::function<Status()>& permit, const Limits& limits);
Result<bool> is_committed(SessionPool& database, const Workspace& place);

}  // namespace sceau::source
