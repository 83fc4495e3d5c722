#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "agent.h"

namespace sceau::tool {

Result<statement::Value> AgentClient::ask(const AgentRequest& request) const {
  const std::string path = socket_.string();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path)
    return Error{ErrorKind::invalid, "a Unix socket's path has at most 107 characters: " + path};
  std::memcpy(address.sun_path, path.data(), path.size());
  const FileDescriptor line(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!line.valid() ||
      ::connect(line.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return Error{ErrorKind::not_found, "no 'sceau agent' listens at " + path + " (" +
                                           system_error_text(errno) + "): start it where the card is"};
  }
  if (auto sent = send_frame(line.get(), write_agent_request(request)); !sent) return sent.error();
  auto body = receive_frame(line.get());
  if (!body) return body.error();
  return read_agent_answer(*body);
}

Result<AgentIdentity> AgentClient::identity(token::Slot slot) const {
  auto answer = ask({false, slot, {}});
  if (!answer) return answer.error();
  auto person = statement::text_field(*answer, "person");
  auto reader = statement::text_field(*answer, "reader");
  auto serial = statement::text_field(*answer, "serial");
  auto session = statement::bool_field(*answer, "session");
  if (!person || !reader || !serial || !session)
    return Error{ErrorKind::corrupt, "the agent does not say who it is: is it of this version?"};
  return AgentIdentity{*person, *reader, *serial, *session};
}

Result<evidence::Signature> AgentClient::sign(ByteView statement, token::Slot slot) const {
  auto answer = ask({true, slot, to_bytes(statement)});
  if (!answer) return answer.error();
  auto bytes = statement::base64_field(*answer, "evidence");
  if (!bytes) return bytes.error();
  auto read = evidence::parse(*bytes);
  if (!read) return read.error();
  if (read->signatures.size() != 1) return Error{ErrorKind::corrupt, "the agent gave not one signature"};
  return std::move(read->signatures.front());
}

}  // namespace sceau::tool
