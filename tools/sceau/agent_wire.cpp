#include "agent_wire.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "sceau/base/error_kind.h"

namespace sceau::tool {
namespace {

using statement::Object;
using statement::Value;

Error line_ended() {
  return {ErrorKind::unavailable,
          "the line to 'sceau agent' ended: is it still running, and its card there?"};
}

Status receive_all(int socket, std::uint8_t* into, std::size_t count) {
  while (count > 0) {
    const auto got = ::recv(socket, into, count, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return line_ended();
    into += got;
    count -= static_cast<std::size_t>(got);
  }
  return {};
}

}  // namespace

Result<AgentRequest> read_agent_request(ByteView body) {
  auto value = statement::parse_wire(body, kLongestFrame);
  if (!value) return value.error();
  auto act = statement::text_field(*value, "act");
  auto slot = statement::text_field(*value, "slot");
  if (!act) return act.error();
  if (!slot) return slot.error();
  AgentRequest request;
  request.sign = *act == "sign";
  if (!request.sign && *act != "identity")
    return Error{ErrorKind::invalid, "an agent signs and says who it is"};
  if (value->as_object().size() != (request.sign ? 3U : 2U))
    return Error{ErrorKind::invalid, "a request to the agent has other fields than it knows"};
  auto named = token::slot_from_text(*slot);
  if (!named) return named.error();
  using token::Slot;
  if (*named != Slot::authentication && *named != Slot::signature && *named != Slot::session)
    return Error{ErrorKind::invalid, "an agent signs with slots 9A, 9C and 82 alone"};
  request.slot = *named;
  if (!request.sign) return request;
  auto bytes = statement::base64_field(*value, "statement");
  if (!bytes) return bytes.error();
  request.statement = std::move(*bytes);
  return request;
}

Bytes write_agent_request(const AgentRequest& request) {
  Object value{{"act", request.sign ? "sign" : "identity"}, {"slot", token::slot_text(request.slot)}};
  if (request.sign) value.emplace("statement", to_base64(request.statement));
  return statement::to_canonical_bytes(Value(std::move(value)));
}

Status may_sign(const statement::Statement& act, token::Slot slot) {
  using token::Slot;
  const auto kind = statement::text_field(act.body, "kind");
  const bool work = act.type == "extraction.request" && kind && *kind == "work";
  // A log-in to a machine names an account: whoever has the socket must not get in there.
  if (slot == Slot::authentication && act.type == "login" && !act.body.contains("account")) return {};
  if (slot == Slot::session && work) return {};
  if (slot == Slot::signature && act.type == "extraction.request") return {};
  return Error{ErrorKind::refused,
               "an agent signs log-ins and requests for extractions alone: do this where the card is"};
}

Result<Value> read_agent_answer(ByteView body) {
  auto value = statement::parse_wire(body, kLongestFrame);
  if (!value || !value->is_object())
    return Error{ErrorKind::corrupt, "what answers there is no 'sceau agent': look at --agent"};
  auto error = statement::text_field(*value, "error");
  if (!error) return value;
  const auto named = statement::text_field(*value, "kind");
  const auto kind = named ? error_kind_from_text(*named) : std::nullopt;
  return Error{kind.value_or(ErrorKind::corrupt), *error};
}

Bytes write_agent_error(const Error& error) {
  const bool shown = statement::check_text(error.message).ok();
  return statement::to_canonical_bytes(
      Object{{"error", shown ? error.message : "the reason has characters that cannot be shown"},
             {"kind", error_kind_text(error.kind)}});
}

Status send_frame(int socket, ByteView body) {
  Bytes frame;
  append_u32(frame, static_cast<std::uint32_t>(body.size()));
  append(frame, body);
  ByteView rest(frame);
  while (!rest.empty()) {
    const auto sent = ::send(socket, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return line_ended();
    rest = rest.subspan(static_cast<std::size_t>(sent));
  }
  return {};
}

Result<Bytes> receive_frame(int socket) {
  std::array<std::uint8_t, 4> head{};
  if (auto got = receive_all(socket, head.data(), head.size()); !got) return got.error();
  std::size_t length = 0;
  for (const auto byte : head) length = length << 8U | byte;
  if (length == 0 || length > kLongestFrame)
    return Error{ErrorKind::invalid, "a frame of " + std::to_string(length) + " bytes: no agent sends such"};
  Bytes body(length);
  if (auto got = receive_all(socket, body.data(), body.size()); !got) return got.error();
  return body;
}

}  // namespace sceau::tool
