// The socket of `sceau agent`: frames from whoever reaches it, and what answers there in its place.
//
// Whatever comes, a request has one spelling, and what is signed is what a session needs, by the key that may
// sign it.
#include <sys/socket.h>

#include <array>
#include <string>

#include "agent_wire.h"
#include "fuzz.h"
#include "targets.h"

namespace sceau::fuzz {
namespace {

using token::Slot;

void check_signed(const tool::AgentRequest& request) {
  auto act = statement::read_statement(request.statement);
  if (!act || !tool::may_sign(*act, request.slot)) return;
  const auto kind = statement::text_field(act->body, "kind");
  if (request.slot == Slot::authentication) {
    require(act->type == "login" && !act->body.contains("account"), "a log-in to a machine, or none");
  } else {
    require(act->type == "extraction.request", "the agent signs what is no request");
    require(request.slot == Slot::signature || (kind && *kind == "work"),
            "what leaves is signed without a touch");
  }
}

void check_request(ByteView body) {
  auto request = tool::read_agent_request(body);
  if (!request) {
    require(!tool::read_agent_answer(tool::write_agent_error(request.error())).ok(),
            "an error that reads as an answer");
    return;
  }
  require(tool::write_agent_request(*request) == to_bytes(body), "a request with two spellings");
  require(request->sign || request->statement.empty(), "a question with a statement");
  if (request->sign) check_signed(*request);
}

void check_answer(ByteView body) {
  auto answer = tool::read_agent_answer(body);
  if (answer) {
    require(answer->is_object() && !answer->contains("error"), "an error that reads as an answer");
    (void)statement::text_field(*answer, "person");
    (void)statement::base64_field(*answer, "evidence");
  } else {
    const auto again = tool::read_agent_answer(tool::write_agent_error(answer.error()));
    require(!again.ok() && again.error().kind == answer.error().kind, "an error that changes its kind");
  }
}

}  // namespace

void agent(ByteView input) {
  check_request(input);
  check_answer(input);
  std::array<int, 2> ends{};
  require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0, "no socket");
  const FileDescriptor here(ends[0]);
  FileDescriptor there(ends[1]);
  (void)::send(there.get(), input.data(), std::min<std::size_t>(input.size(), 70000), MSG_DONTWAIT);
  there.reset();
  for (;;) {
    auto body = tool::receive_frame(here.get());
    if (!body) break;
    require(!body->empty() && body->size() <= tool::kLongestFrame, "a frame without bounds");
    check_request(*body);
    check_answer(*body);
  }
}

}  // namespace sceau::fuzz
