// Writes statements: the envelope that all acts share, around the body of one.
//
// Source of the rule: FORMATS.md, "Statement". A statement is written against the newest checkpoint that
// its author saw, so that a ledger rewritten later contradicts it.
#pragma once

#include <string>
#include <string_view>

#include "sceau/base/clock.h"
#include "sceau/base/random.h"
#include "sceau/statement/statement.h"

namespace sceau::client {

// Seconds from `at` to `until`: the longest that a gate admits for a request under the default policy, and
// what the other acts need to collect their signatures.
inline constexpr Time kRequestWindow = 900;
inline constexpr Time kActWindow = 3600;

// What an author knows of the ledger.
struct Position {
  std::string realm;
  statement::After after;
};

class Author {
 public:
  // Both are borrowed.
  Author(const Clock& clock, Random& random) : clock_(&clock), random_(&random) {}

  // The canonical bytes of a new statement, valid from now for `window` seconds. invalid as
  // statement::write_statement says: a body that its type does not allow.
  Result<Bytes> write(const Position& position, std::string_view type, std::string_view by,
                      statement::Value body, Time window = kActWindow) const;

  [[nodiscard]] Time now() const { return clock_->now(); }

 private:
  const Clock* clock_;
  Random* random_;
};

}  // namespace sceau::client
