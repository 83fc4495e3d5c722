// Where identifying columns may stand: "Predicates are oracles".
//
// A person key, a direct or professional identifier or a record key stands only
//   - alone, as a result of a SELECT (whether that may leave is decided elsewhere),
//   - on one side of `=`, a column of the same label on the other, as a whole condition of ON or WHERE,
//   - alone before IN (SELECT one column of the same label …),
//   - alone in GROUP BY,
//   - alone in count(DISTINCT …),
//   - alone in PARTITION BY.
// Everywhere else it is refused: beside constants, inside expressions, under OR and NOT, in ORDER BY.
#pragma once

#include "sceau/source/query.h"

namespace sceau::release {

// Checks the SELECT and all SELECTs inside it. Fails with refused, naming column and place.
// `inside`: of kind work, where they also stand alone before IS [NOT] NULL.
Status check_identifiers(const source::Select& select, bool inside = false);

// "BEN_NIR_PSA (person_key)" for a column of `select`.
std::string named(const source::Expression& column, const source::Select& select);

}  // namespace sceau::release
