// A log's stored hashes, read from the tiles that a gate publishes (c2sp.org/tlog-tiles): from them anybody
// computes proofs for himself, so the gate is never asked to vouch.
#pragma once

#include "sceau/client/gate_client.h"
#include "sceau/ledger/tree.h"

namespace sceau::client {

// The hashes of the tree of `size` leaves. Each tile is fetched once; `gate` must outlive what is returned.
// Fails as GateClient does, and with corrupt for a tile of the wrong length.
ledger::HashAccess tile_hashes(GateClient& gate, std::uint64_t size);

}  // namespace sceau::client
