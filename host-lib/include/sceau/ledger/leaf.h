// The leaf of the tree: small and anonymous, public for ever.
//
// Canonical JSON (RFC 8785): {"at":"<RFC 3339 UTC>","commitment":"<64 hex>","type":"<act>"}.
#pragma once

#include <string>

#include "sceau/base/clock.h"
#include "sceau/base/digest.h"
#include "sceau/base/result.h"

namespace sceau::ledger {

struct Leaf {
  Time at = 0;  // the gate's clock at admission
  Digest commitment{};
  std::string type;  // [a-z.]+, 1 to 64 characters, e.g. extraction.request

  friend bool operator==(const Leaf&, const Leaf&) = default;
};

// invalid when the type is not of that form.
Result<Bytes> write_leaf(const Leaf& leaf);

// Reads exactly what write_leaf writes; invalid otherwise.
Result<Leaf> parse_leaf(ByteView bytes);

}  // namespace sceau::ledger
