// What a leaf commits to, kept beside the tree, and erasable without breaking a proof.
//
//   commitment = SHA-256(salt || SHA-256(statement) || SHA-256(evidence) || SHA-256(verdict))
#pragma once

#include <array>
#include <optional>

#include "sceau/base/bytes.h"
#include "sceau/base/digest.h"

namespace sceau::ledger {

struct Opening {
  std::array<std::uint8_t, 32> salt{};  // random: without it a statement could be guessed from its leaf
  Bytes statement, evidence, verdict;
  Bytes
      sealed{};  // what is kept instead of the statement, of one that is not for everybody's eyes; else empty

  friend bool operator==(const Opening&, const Opening&) = default;
};

// Of a sealed opening whose statement is not there: by the digest that it says. A reader who has the key
// finds out whether it is the statement's.
Digest commitment(const Opening& opening);

// A statement that is kept encrypted: "sealed-1", its SHA-256, and an envelope that holders of a key can
// open.
Bytes sealed_statement(ByteView statement, ByteView envelope);
struct SealedStatement {
  Digest digest{};  // of the statement
  ByteView envelope;
};
// Nothing when the bytes are a statement as it is.
std::optional<SealedStatement> read_sealed(ByteView stored);

}  // namespace sceau::ledger
