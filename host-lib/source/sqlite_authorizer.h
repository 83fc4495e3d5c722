// The second barrier of a SQLite source: what a statement may do, whatever the reader admitted.
#pragma once

#include <set>
#include <string>

#include "sceau/source/source.h"

namespace sceau::source {

// What the authorizer saw while one statement was prepared.
struct Seen {
  std::set<ColumnRead> reads;
  std::string refused;  // the first thing that is not on the list
};

// SQLite's authorizer: everything that is not reading columns and calling listed functions is denied.
// `context` is a Seen.
int authorize_reading(void* context, int action, const char* first, const char* second, const char* database,
                      const char* inner);

}  // namespace sceau::source
