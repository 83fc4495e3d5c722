// sceau-await-cards [--absent] SECONDS [READER…]: returns as soon as the PC/SC service runs and every reader
// named has a card in it (or has none); 1, saying what is missing, when that takes too long. tools/simulate
// and tests wait with it.
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sceau/base/files.h"
#include "sceau/token/reader.h"

namespace {

using sceau::token::Readers;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

milliseconds until(steady_clock::time_point end) {
  return std::max(milliseconds(0), std::chrono::duration_cast<milliseconds>(end - steady_clock::now()));
}

// The service makes its socket, listens, then sets the socket's mode: any of these wakes us.
std::optional<Readers> await_service(steady_clock::time_point end) {
  const char* socket = std::getenv("PCSCLITE_CSOCK_NAME");  // NOLINT(concurrency-mt-unsafe)
  const auto folder =
      std::filesystem::path(socket == nullptr ? "/run/pcscd/pcscd.comm" : socket).parent_path();
  const sceau::FileDescriptor watch(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  inotify_add_watch(watch.get(), folder.c_str(), IN_CREATE | IN_ATTRIB | IN_MOVED_TO);
  while (true) {
    if (auto readers = Readers::open()) return *readers;
    const auto left = until(end);
    if (left.count() == 0) return std::nullopt;
    pollfd event{watch.get(), POLLIN, 0};
    poll(&event, 1, static_cast<int>(left.count()));
    std::array<char, 4096> ignored{};
    if (read(watch.get(), ignored.data(), ignored.size()) < 0) continue;
  }
}

// The first reader that is not yet as it shall be.
std::string unlike(const std::vector<sceau::token::ReaderStatus>& there,
                   const std::vector<std::string>& readers, bool present) {
  for (const auto& name : readers) {
    const bool has_card = std::any_of(there.begin(), there.end(), [&](const auto& reader) {
      return reader.name == name && reader.card_present;
    });
    if (has_card != present) return name;
  }
  return {};
}

int await_cards(int seconds, const std::vector<std::string>& wanted, bool present) {
  const auto end = steady_clock::now() + std::chrono::seconds(seconds);
  const auto readers = await_service(end);
  if (!readers) {
    std::fputs("sceau-await-cards: the smart-card service did not start in time\n", stderr);
    return 1;
  }
  while (true) {
    const auto there = readers->list();
    if (!there) {
      std::fprintf(stderr, "sceau-await-cards: %s\n", there.error().message.c_str());
      return 1;
    }
    const std::string name = unlike(*there, wanted, present);
    if (name.empty()) return 0;
    const auto left = until(end);
    if (left.count() == 0) {
      std::fprintf(stderr, "sceau-await-cards: no card %s reader \"%s\" in time\n",
                   present ? "came into" : "left", name.c_str());
      return 1;
    }
    if (const auto changed = readers->wait_for_change(*there, left); !changed) return 1;
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  const bool absent = !arguments.empty() && arguments[0] == "--absent";
  if (absent) arguments.erase(arguments.begin());
  const int seconds = arguments.empty() ? 0 : std::atoi(arguments[0].c_str());  // NOLINT(cert-err34-c)
  if (seconds <= 0) {
    std::fputs("usage: sceau-await-cards [--absent] SECONDS [READER...]\n", stderr);
    return 2;
  }
  arguments.erase(arguments.begin());
  return await_cards(seconds, arguments, !absent);
}
