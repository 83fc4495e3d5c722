#include "watch.h"

#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <thread>

#include "sceau/base/files.h"
#include "sceau/token/find.h"

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX's own

namespace sceau::tool {
namespace {

using namespace std::chrono_literals;

constexpr auto kLook = 60s;        // readers are asked again at least this often
constexpr auto kServiceGone = 1s;  // between two attempts to reach the service

bool is_there(const std::vector<token::ReaderStatus>& readers, const std::string& reader) {
  return std::ranges::any_of(readers,
                             [&](const auto& one) { return one.name == reader && one.card_present; });
}

Status run(const std::vector<std::string>& command) {
  std::vector<char*> arguments;
  for (const auto& part : command) arguments.push_back(const_cast<char*>(part.c_str()));
  arguments.push_back(nullptr);
  pid_t child = 0;
  if (const int failed = posix_spawnp(&child, arguments[0], nullptr, nullptr, arguments.data(), environ);
      failed != 0) {
    return Error{ErrorKind::unavailable, "cannot run " + command.front() + ": " + system_error_text(failed)};
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return Error{ErrorKind::unavailable, command.front() + " failed: the session may not be locked"};
}

// Returns when that card is (or is not) in its reader; false when the service went away.
bool wait_until(const token::Readers& readers, const std::string& reader, bool there) {
  for (;;) {
    auto known = readers.list();
    if (!known) return false;
    if (is_there(*known, reader) == there) return true;
    if (auto waited = readers.wait_for_change(*known, kLook); !waited) return false;
  }
}

}  // namespace

Status watch(Workplace& place, const WatchOptions& options) {
  const std::vector<std::string> lock =
      options.command.empty() ? std::vector<std::string>{"loginctl", "lock-session"} : options.command;
  auto readers = token::Readers::open();
  if (!readers) return readers.error();
  auto token = token::open_token(*readers, options.token);
  if (!token) return token.error();
  const std::string reader = token->reader;
  token->card.reset();  // the card is others' meanwhile
  place.output.result(statement::Object{{"reader", reader}}, "watching the card in " + reader);
  for (;;) {
    const bool service = wait_until(*readers, reader, false);
    const auto locked = run(lock);
    if (!locked) place.output.error(locked.error());
    if (options.once) return locked;
    if (service && wait_until(*readers, reader, true)) continue;
    // The service is away, and the session locked: watch again when card and service are back.
    for (;;) {
      std::this_thread::sleep_for(kServiceGone);
      auto again = token::Readers::open();
      if (!again) continue;
      *readers = std::move(*again);
      if (wait_until(*readers, reader, true)) break;
    }
  }
}

}  // namespace sceau::tool
