// Whether a scalar is what the table of statement types wants in its place.
#pragma once

#include "core/status.h"
#include "statement/scanner.h"
#include "statement_table.h"

namespace sceau::firmware::statement {

using statement_table::Field;
using statement_table::FieldKind;

// One that was read and is right.
struct Scalar {
  Text text;  // of the kinds that are texts; of the others, the bytes as they stand
  std::int64_t integer = 0;
};

// Reads the scalar that `field` wants.
bool read_scalar(Scanner& scanner, const Field& field, Scalar& out);

// [a-z0-9][a-z0-9._-]{0,63}
bool is_registry_id(ByteView text);
// RFC 3339, UTC, whole seconds, a date that there is: seconds since 1970-01-01. kInvalid.
Result<std::int64_t> read_time(ByteView text);

}  // namespace sceau::firmware::statement
