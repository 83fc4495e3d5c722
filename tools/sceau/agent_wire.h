// What `sceau agent` and those who sign through it say to each other: frames of a length (4 bytes,
// big-endian, at most 64 KiB) and canonical JSON.
//
//   {"act":"identity","slot":"9C"}                      → {"person":…,"reader":…,"serial":…,"session":true}
//   {"act":"sign","slot":"9C","statement":<base64>}     → {"evidence":<base64>}: one signature
//   either                                              → {"error":…,"kind":…}
#pragma once

#include <string>

#include "sceau/base/bytes.h"
#include "sceau/base/files.h"
#include "sceau/statement/statement.h"
#include "sceau/statement/value.h"
#include "sceau/token/piv.h"

namespace sceau::tool {

inline constexpr std::size_t kLongestFrame = 65536;

struct AgentRequest {
  bool sign = false;  // else who would
  token::Slot slot = token::Slot::signature;
  Bytes statement;
};

// invalid: another act, a slot that no session uses, anything unknown or left over.
Result<AgentRequest> read_agent_request(ByteView body);
Bytes write_agent_request(const AgentRequest& request);

// Whether an agent signs this with that slot: what a session needs, by the key that may sign it, and nothing
// else. refused.
Status may_sign(const statement::Statement& act, token::Slot slot);

// An answer, or the error that it carries. corrupt: neither.
Result<statement::Value> read_agent_answer(ByteView body);
Bytes write_agent_error(const Error& error);

// unavailable: the line ended. invalid: a length that cannot be.
Status send_frame(int socket, ByteView body);
Result<Bytes> receive_frame(int socket);

}  // namespace sceau::tool
