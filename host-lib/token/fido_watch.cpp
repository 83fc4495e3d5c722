#include "sceau/token/fido_watch.h"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <string_view>

namespace sceau::token {
namespace {

// A device is of use once its owner and mode are set, which comes after its creation.
constexpr std::uint32_t kEvents = IN_CREATE | IN_DELETE | IN_ATTRIB | IN_MOVED_TO;

void add_folders_of_sockets(int file) {
  const char* named = ::secure_getenv("SCEAU_FIDO2");
  std::string_view rest = named == nullptr ? std::string_view() : named;
  while (!rest.empty()) {
    const std::filesystem::path path(rest.substr(0, rest.find(':')));
    rest.remove_prefix(std::min(rest.size(), path.native().size() + 1));
    const auto folder = path.parent_path();
    if (!folder.empty()) ::inotify_add_watch(file, folder.c_str(), kEvents);
  }
}

}  // namespace

FidoWatch::FidoWatch() : file_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
  if (!file_.valid()) return;
  works_ = ::inotify_add_watch(file_.get(), "/dev", kEvents) != -1;
  add_folders_of_sockets(file_.get());
}

bool FidoWatch::wait(std::chrono::milliseconds timeout) {
  if (!file_.valid()) {
    ::poll(nullptr, 0, static_cast<int>(timeout.count()));
    return false;
  }
  pollfd ready{file_.get(), POLLIN, 0};
  if (::poll(&ready, 1, static_cast<int>(timeout.count())) != 1) return false;
  std::array<char, 4096> events{};
  while (::read(file_.get(), events.data(), events.size()) > 0) {
  }
  return true;
}

}  // namespace sceau::token
