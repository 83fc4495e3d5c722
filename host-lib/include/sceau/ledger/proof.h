// Proofs that an entry is in the ledger, to be checked offline: c2sp.org/tlog-proof@v1.
//
//   c2sp.org/tlog-proof@v1
//   extra <base64>              optional; not authenticated
//   index <decimal>
//   <base64 hash>               from the leaf's sibling up, none or more lines
//   (empty line)
//   <checkpoint, verbatim>      with the cosignatures that it has
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sceau/ledger/note.h"

namespace sceau::ledger {

struct Proof {
  std::optional<Bytes> extra;
  std::uint64_t index = 0;
  std::vector<Digest> hashes;
  std::string checkpoint;  // the signed note
};

std::string write_proof(const Proof& proof);

// Reads exactly what write_proof writes; invalid otherwise. Nothing is verified yet.
Result<Proof> parse_proof(std::string_view text);

// The entry with these leaf bytes is at proof.index in the tree of a checkpoint that `log` has signed: that
// checkpoint. invalid when malformed or the hashes do not lead to its root; authentication when the
// signature is missing or wrong. Witnesses' cosignatures: see open_cosignatures.
Result<Checkpoint> verify(const Proof& proof, ByteView leaf, const NoteVerifier& log);

}  // namespace sceau::ledger
