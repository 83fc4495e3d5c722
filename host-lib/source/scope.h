// Where a name of SQL is looked up: the relations and the CTEs that it may mean.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "parse_tree.h"
#include "sceau/source/query.h"

namespace sceau::source {

// A column that USING merged: its name without a table means this one.
struct MergedColumn {
  int relation = 0;
  int column = -1;
  std::optional<Expression> both;  // of a FULL JOIN: the one that is there
};

// One of the columns that * means: of the relation's own, or, after those, of what LATERAL computed.
struct ShownColumn {
  int relation = 0;
  std::size_t column = 0;
};

// The relations that names may mean: those of one SELECT, then those around it.
struct Scope {
  const Select* select = nullptr;
  std::vector<int> visible;  // ids
  std::vector<MergedColumn> merged;
  const Scope* outer = nullptr;
  const PgQuery__SelectStmt* statement = nullptr;  // whose WINDOW clause names in OVER mean
  std::vector<ShownColumn> shown = {};             // what * means, in its order
};

// The CTEs that names in FROM may mean: the first `count` of a WITH, then those around it.
struct Ctes {
  const PgQuery__WithClause* with = nullptr;
  std::size_t count = 0;
  const Ctes* outer = nullptr;
};

// Where an expression stands.
struct Place {
  const Scope* scope = nullptr;
  const Ctes* ctes = nullptr;
  bool aggregates = false;  // may stand here
  bool in_window = false;   // where no window function may
};

}  // namespace sceau::source
