// `sceau agent`: keeps a card and signs for `sceau connect`, here or, over `ssh -R`, on another machine.
//
// Only log-ins and requests for extractions are signed, nothing else a person could sign. What leaves the
// warehouse is shown on the agent's own terminal and confirmed there: with the PIN, asked anew each time, or
// a touch.
#pragma once

#include <filesystem>
#include <string>

#include "agent_wire.h"
#include "holder.h"

namespace sceau::tool {

struct AgentOptions {
  std::string token, socket;
};
// Until it is ended. The card's PIN is asked once, at the start.
Status serve_agent(Workplace& place, const AgentOptions& options);

// One request, answered. For serve_agent and tests.
Bytes answer_agent(Workplace& place, Holder& holder, ByteView body);

// An agent, asked from elsewhere.
struct AgentIdentity {
  std::string person, reader, serial;
  bool session = false;  // there is a key for sessions
};
class AgentClient {
 public:
  explicit AgentClient(std::filesystem::path socket) : socket_(std::move(socket)) {}
  // not_found: nobody listens there. Otherwise as the agent's token fails.
  Result<AgentIdentity> identity(token::Slot slot) const;
  Result<evidence::Signature> sign(ByteView statement, token::Slot slot) const;

 private:
  Result<statement::Value> ask(const AgentRequest& request) const;
  std::filesystem::path socket_;
};

}  // namespace sceau::tool
