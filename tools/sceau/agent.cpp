#include "agent.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "interrupt.h"
#include "registry_view.h"
#include "show.h"

namespace sceau::tool {
namespace {

using statement::Object;
using token::Slot;

constexpr std::size_t kMostLines = 16;
constexpr timeval kPatience{5, 0};  // for a frame that has begun

Result<Bytes> sign_for(Workplace& place, Holder& holder, const AgentRequest& request) {
  auto act = statement::read_statement(request.statement);
  if (!act) return act.error();
  if (auto may = may_sign(*act, request.slot); !may) return may.error();
  if (request.slot == Slot::signature) {
    place.output.note("to be signed with " + holder.label() + ":\n" + shown_text(*act));
    holder.pins().forget();  // what leaves is confirmed: the PIN is asked anew
  } else {
    const auto sql = field_text(act->body, "sql");
    place.output.note("signed in this session: " + act->type + (sql.empty() ? "" : ": " + shown(sql)));
  }
  auto signature = holder.sign(request.statement, place.clock.now(), request.slot);
  if (!signature) return signature.error();
  return statement::to_canonical_bytes(
      Object{{"evidence", to_base64(evidence::serialise({{std::move(*signature)}}))}});
}

Result<Bytes> identity_of(Holder& holder, Slot slot) {
  auto who = holder.signatory(slot);
  if (!who) return who.error();
  return statement::to_canonical_bytes(Object{{"person", who->person},
                                              {"reader", holder.reader()},
                                              {"serial", holder.serial()},
                                              {"session", holder.has_session_key()}});
}

Result<FileDescriptor> listen_at(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    return Error{ErrorKind::invalid, "a Unix socket's path has at most 107 characters: " + path};
  std::memcpy(address.sun_path, path.data(), path.size());
  FileDescriptor listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto* at = reinterpret_cast<const sockaddr*>(&address);
  // What a run that ended badly left behind; a socket that somebody answers at is taken.
  const FileDescriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(probe.get(), at, sizeof address) == 0)
    return Error{ErrorKind::unavailable,
                 "somebody listens at " + path + " already: choose another with --socket"};
  struct stat about {};
  if (::lstat(path.c_str(), &about) == 0 && S_ISSOCK(about.st_mode)) ::unlink(path.c_str());
  const mode_t before = ::umask(0177);
  const bool bound = ::bind(listener.get(), at, sizeof address) == 0;
  const int problem = errno;
  ::umask(before);
  if (!bound || ::listen(listener.get(), 16) != 0) {
    return Error{ErrorKind::unavailable,
                 "listening at " + path + ": " + system_error_text(bound ? errno : problem)};
  }
  return listener;
}

bool is_ours(int socket) {
  struct ucred peer {};
  socklen_t size = sizeof peer;
  return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == ::geteuid();
}

void take_line(int listener, std::vector<FileDescriptor>& lines) {
  FileDescriptor line(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
  if (!line.valid() || !is_ours(line.get()) || lines.size() >= kMostLines) return;
  ::setsockopt(line.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  ::setsockopt(line.get(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
  lines.push_back(std::move(line));
}

// False: the line ends.
bool serve_line(Workplace& place, Holder& holder, int line) {
  auto body = receive_frame(line);
  return body && send_frame(line, answer_agent(place, holder, *body)).ok();
}

Status serve(Workplace& place, Holder& holder, int listener) {
  const Interrupt interrupt;
  std::vector<FileDescriptor> lines;
  while (!Interrupt::came()) {
    std::vector<pollfd> watched{{listener, POLLIN, 0}};
    watched.reserve(lines.size() + 1);
    for (const auto& line : lines) watched.push_back({line.get(), POLLIN, 0});
    // Not for ever: a signal may come between the look and the wait.
    if (::poll(watched.data(), watched.size(), 1000) < 0 && errno != EINTR)
      return Error{ErrorKind::internal, "waiting for a request: " + system_error_text(errno)};
    std::vector<FileDescriptor> kept;
    kept.reserve(lines.size());
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (watched[i + 1].revents == 0 || serve_line(place, holder, lines[i].get()))
        kept.push_back(std::move(lines[i]));
    }
    lines = std::move(kept);
    if (watched.front().revents != 0) take_line(listener, lines);
  }
  return {};
}

}  // namespace

Bytes answer_agent(Workplace& place, Holder& holder, ByteView body) {
  auto request = read_agent_request(body);
  auto answer = !request        ? Result<Bytes>(request.error())
                : request->sign ? sign_for(place, holder, *request)
                                : identity_of(holder, request->slot);
  return answer ? std::move(*answer) : write_agent_error(answer.error());
}

Status serve_agent(Workplace& place, const AgentOptions& options) {
  std::filesystem::path path = options.socket;
  if (path.empty()) {
    const auto runtime = environment("XDG_RUNTIME_DIR");
    auto home = place.home();
    if (runtime.empty() && !home) return home.error();
    path = (runtime.empty() ? memory_folder(*home) : std::filesystem::path(runtime) / "sceau") / "agent.sock";
    std::error_code failed;
    std::filesystem::create_directories(path.parent_path(), failed);
  }
  auto holder = Holder::open(place, options.token);
  if (!holder) return holder.error();
  // The one PIN of the session; the text could pass for nothing that is signed.
  const auto slot = (*holder)->has_session_key() ? Slot::session : Slot::authentication;
  if (auto opened = (*holder)->try_key(as_bytes(std::string_view("sceau agent")), slot); !opened)
    return opened;
  auto listener = listen_at(path.string());
  if (!listener) return listener.error();
  place.output.result(Object{{"socket", path.string()}},
                      (*holder)->label() + " signs for: sceau connect --agent " + path.string());
  auto served = serve(place, **holder, listener->get());
  ::unlink(path.c_str());
  return served;
}

}  // namespace sceau::tool
