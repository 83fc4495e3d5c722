// What a machine says to its gate: log-ins, in their order, and a question for a new copy of the registry.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sceau/client/gate_client.h"
#include "sceau/host/folder.h"

namespace sceau::host {

// Speaks to the gate of the anchor, and to no other. Fails as GateClient::open does.
Result<std::unique_ptr<client::GateClient>> open_gate(const Folder& folder, const Anchor& anchor);

struct Sent {
  std::size_t recorded = 0;           // now or by an earlier sender
  std::size_t waiting = 0;            // kept for later
  std::vector<std::string> refusals;  // why the gate refused, one line each; moved to refused/
};

// Sends what waits, oldest first, and stops at the first that the gate does not answer for: the others keep
// their places. One sender at a time: a second returns at once with nothing sent.
// unavailable: the queue cannot be read. That the gate cannot be reached is no failure, and said in
// `waiting`.
Result<Sent> send_queue(const Folder& folder, client::GateClient& gate);

// A new copy, checked and put in the place of the old one. Fails as GateClient and Folder::put_copy do.
Status refresh(const Folder& folder, const Anchor& anchor, client::GateClient& gate);

// What `sceau host join` writes: asks the gate who it is.
Result<Anchor> ask_anchor(const std::string& host, client::GateClient& gate);

}  // namespace sceau::host
