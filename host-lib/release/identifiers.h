// Where identifying columns may stand: "Predicates are oracles".
//
// A person key, a direct or professional identifier or a record key stands only
//   - alone, as a result of a SELECT (whether that may leave is decided elsewhere),
//   - on one side of `=`, a column of the same label on the other, as a whole condition of ON or WHERE,
//   - alone before IN (SELECT one column of the same label …),
//   - alone in GROUP BY,
//   - alone in count(DISTINCT …),
//   - alone in PARTITION BY,
//   - where approvers see the parameters: beside a parameter, column = $1, or before IN ($1, $2, …) of
//     parameters alone, as a whole condition of ON or WHERE.
// Everywhere else it is refused: beside constants, inside expressions, under OR and NOT, in ORDER BY.
#pragma once

#include <cstdint>

#include "sceau/source/query.h"

namespace sceau::release {

// What becomes of the rows: they leave; they stay, of kind work, where identifiers also stand alone before IS
// [NOT] NULL; or they leave once approvers have seen the parameters, of kind individual.
enum class Standing : std::uint8_t { leaving, inside, approved };

// Checks the SELECT and all SELECTs inside it. Fails with refused, naming column and place.
Status check_identifiers(const source::Select& select, Standing standing);

// "BEN_NIR_PSA (person_key)" for a column of `select`.
std::string named(const source::Expression& column, const source::Select& select);

}  // namespace sceau::release
