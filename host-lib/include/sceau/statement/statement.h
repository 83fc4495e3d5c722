// A statement: one act by one person, as canonical JSON. Its digest is SHA-256 of the bytes.
//
// Rule: design, "Statement". A Statement in memory may be wrong; what read_statement() returns and what
// write_statement() wrote is not: canonical, known type, every field known and within its bounds,
// at < until, id a UUIDv7.
#pragma once

#include <string>

#include "sceau/base/clock.h"
#include "sceau/base/digest.h"
#include "sceau/statement/value.h"

namespace sceau::statement {

// The newest checkpoint that the author saw.
struct After {
  std::uint64_t size = 0;
  Digest root{};
  bool operator==(const After&) const = default;
};

struct Statement {
  std::string type;   // a name in the table of types
  std::string realm;  // the ledger's origin
  std::string id;     // UUIDv7
  std::string by;     // registry id of the first signer
  Time at = 0;
  Time until = 0;
  After after;
  Value body;
  bool operator==(const Statement&) const = default;
};

// `after` of a genesis: size 0, root SHA-256 of nothing.
After after_nothing();

// Fails with invalid: the line names the field and the rule it broke.
Result<Statement> read_statement(ByteView canonical_bytes);
// The canonical bytes, after the checks that read_statement() makes.
Result<Bytes> write_statement(const Statement& statement);

Digest digest(ByteView statement_bytes);

}  // namespace sceau::statement
