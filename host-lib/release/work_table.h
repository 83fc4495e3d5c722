// What is known of a workspace's table, from the SELECT that filled it.
#pragma once

#include <string>
#include <vector>

#include "linking.h"
#include "sceau/source/catalogue.h"
#include "sceau/source/query.h"
#include "sceau/source/work.h"

namespace sceau::release {

// Longer reasons are cut.
inline constexpr std::size_t longest_reason = 200;

// The table as `select` alone would make it, its results named and typed by themselves.
source::Table table_of(const std::string& name, const std::string& schema, const source::Select& select,
                       const source::Catalogue& catalogue);

// The table after `select` was inserted into the columns `into` of it. refused: a column would hold
// identifiers and something else.
Status add_rows(source::Table& table, const std::vector<int>& into, const source::Select& select,
                const source::Catalogue& catalogue);

// The table after constants were inserted. refused: one of them is an identifier's.
Status add_constants(source::Table& table, const std::vector<int>& into,
                     const std::vector<std::vector<source::Expression>>& rows);

// The table after ALTER TABLE: columns went, and others came that are NULL or one constant in every row.
void alter_columns(source::Table& table, const source::WorkStatement& work);

// The table after one of its columns got another name.
void rename_column(source::Table& table, int at, const std::string& name);

// The table after the columns `into` were given what `select`, which reads it first, results in, in the rows
// that its condition picks. refused: one of them is an identifier's, or would be.
Status update_rows(source::Table& table, const std::vector<int>& into, const source::Select& select,
                   const source::Catalogue& catalogue);

// The table after rows that a condition picks were deleted; `select` reads it with that condition.
void remove_rows(source::Table& table, const source::Select& select, const source::Catalogue& catalogue);

}  // namespace sceau::release
