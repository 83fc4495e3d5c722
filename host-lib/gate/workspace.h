// A workspace between the registry, which keeps it as results describe it, and the release room, which plans
// with it. The gate and the audit use the same.
#pragma once

#include <string>
#include <vector>

#include "sceau/registry/state.h"
#include "sceau/release/extraction.h"
#include "sceau/statement/value.h"

namespace sceau::gate {

// The schema in the database: of its person's alone, in this project, at this source.
std::string workspace_schema(const registry::WorkspaceKey& key);

// A workspace that was read, and what it was read from.
struct KnownWorkspace {
  std::shared_ptr<const registry::WorkTables> from;
  std::shared_ptr<const release::Workspace> read;
};

// `tables` may be null: none. What is the same in `before`, of the same workspace, is not read again. Fails
// with corrupt.
Result<release::Workspace> read_workspace(const registry::WorkTables* tables,
                                          const registry::WorkspaceKey& key,
                                          const KnownWorkspace& before = {});

// That a request which somebody approved still asks what she saw: the same SQL, over tables of the workspace
// that nothing was put into since. `asked` is its plan over the workspace as it stood when it was asked.
// refused: it does not.
Status check_as_approved(const release::Plan& plan, const Result<release::Plan>& asked,
                         const registry::Request& request, const registry::WorkTables* tables);

// A WORK_TABLE of the statements' schema.
statement::Value work_table_value(const source::Table& table);
// The members `made` and `dropped` of a result; those that would be empty are not there.
statement::Object change_object(const release::WorkspaceChange& change);

// What a result states of the SQL that ran: a script that is too long for a statement by its digests,
// "sha256:" and 64 hexadecimal digits each.
std::vector<std::string> stated_sql(const release::Plan& plan);

}  // namespace sceau::gate
