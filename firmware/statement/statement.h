// A statement as the token reads it: the same bytes that the host's reader takes, and no others
// (host-lib/FORMATS.md, "Canonical JSON" and "Statement"; host-lib/statement/schema.json is the table).
#pragma once

#include "statement/walk.h"

namespace sceau::firmware::statement {

inline constexpr std::size_t kMaxStatement = 16384;

// Views point into the bytes that were read.
struct Statement {
  const statement_table::Type* type = nullptr;
  ByteView bytes;
  Text realm;
  ByteView by;
  ByteView at;
  ByteView until;
  std::int64_t from_seconds = 0;  // `at`, since 1970-01-01
  std::int64_t until_seconds = 0;

  bool is(std::string_view name) const { return type->name() == name; }
};

// kInvalid: not canonical, unknown type or field, a value out of its bounds, too long, an empty window.
Result<Statement> read_statement(ByteView bytes);

// The scalar member `name` of the body. kNotFound: the body has none.
Result<Scalar> body_scalar(const Statement& statement, std::string_view name);
// As it stands between its quotes.
Result<ByteView> body_member(const Statement& statement, std::string_view name);

// From the start of a statement that was read; the first step of each way is in the envelope.
Walker walk(const Statement& statement);

}  // namespace sceau::firmware::statement
