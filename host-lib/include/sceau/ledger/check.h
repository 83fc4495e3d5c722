// Re-derives a whole ledger from its raw entries and names the first thing that is wrong.
//
// In order: every entry is there; every leaf hash, tile and root follows from the leaves; every stored
// checkpoint is well formed, of one origin, and has the root of its size (so that all of them are consistent
// with each other); every opening that was not erased matches its leaf's commitment; every blob has its
// digest; nothing else is stored. Works on a snapshot, so others may append meanwhile.
#pragma once

#include <cstdint>

#include "sceau/ledger/ledger.h"

namespace sceau::ledger {

struct CheckReport {
  Head head;
  std::uint64_t openings = 0, erased = 0, tiles = 0, checkpoints = 0, blobs = 0;
};

// corrupt, naming the first thing wrong. With `log`, every checkpoint must bear this key's valid signature:
// authentication otherwise; without, signatures are not looked at.
Result<CheckReport> check(const Ledger& ledger, const NoteVerifier* log = nullptr);

}  // namespace sceau::ledger
