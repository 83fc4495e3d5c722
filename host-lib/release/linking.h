// Whom the rows of a SELECT are about.
//
// Every row must be about one person at most, so that counting people per output value means something:
// tables about people join only on the person key, tables of records join their owner's table on all the
// columns of joined_on, and a SELECT in FROM keeps the person's key (the gate adds it to its results where
// it is missing). Equalities count only where every row must meet them: whole conditions of WHERE and of
// inner joins; of a LEFT JOIN's ON those that name its right side.
#pragma once

#include <vector>

#include "sceau/source/query.h"

namespace sceau::release {

struct People {
  enum class About { nobody, records, people };
  About about = About::nobody;
  // The first is the row's person key, never NULL for want of a join's partner. Each further one is a key of
  // a relation about people or records that may be missing from the row, and is NULL then.
  std::vector<source::Expression> keys;
};

// What a SELECT gives when it is put into a table of a workspace: its rows are about one person each, whose
// key is that result; or records, or nobody.
struct TiedRows {
  People::About about = People::About::nobody;
  int person = -1;  // of the results
};

// The same for a SELECT whose rows are kept. Fails with refused, saying why they cannot be tied to one person
// each.
Result<TiedRows> tie_rows(const source::Select& select, const source::Catalogue& catalogue);

// Checks the SELECT and all inside it, and adds hidden person keys to SELECTs in FROM. Fails with refused.
Result<People> link_people(source::Select& select, const source::Catalogue& catalogue);

}  // namespace sceau::release
