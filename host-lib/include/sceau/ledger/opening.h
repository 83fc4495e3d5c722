// What a leaf commits to, kept beside the tree, and erasable without breaking a proof.
//
//   commitment = SHA-256(salt || SHA-256(statement) || SHA-256(evidence) || SHA-256(verdict))
#pragma once

#include <array>

#include "sceau/base/bytes.h"
#include "sceau/base/digest.h"

namespace sceau::ledger {

struct Opening {
  std::array<std::uint8_t, 32> salt{};  // random: without it a statement could be guessed from its leaf
  Bytes statement, evidence, verdict;

  friend bool operator==(const Opening&, const Opening&) = default;
};

Digest commitment(const Opening& opening);

}  // namespace sceau::ledger
