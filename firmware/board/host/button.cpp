#include "board/host/button.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>

namespace sceau::firmware::host {

namespace {

using Clock = std::chrono::steady_clock;

// Milliseconds until `end`, for poll(), or until `meanwhile` is to be called.
int left(Clock::time_point end) {
  const auto remaining = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
  return remaining < 0 ? 0 : static_cast<int>(std::min<std::int64_t>(remaining, kMeanwhile));
}

// Waits until one of two can be read, `end`, or until `meanwhile` wants no more: 1, 0 or 0.
int wait_for(pollfd (&waiting)[2], Clock::time_point end, Meanwhile& meanwhile) {
  for (;;) {
    const int ready = ::poll(waiting, 2, left(end));
    if (ready > 0) return 1;
    if (ready < 0 && errno != EINTR) return 0;
    if (!meanwhile.go_on() || Clock::now() >= end) return 0;
  }
}

class FixedButton final : public Button {
 public:
  explicit FixedButton(Touch answer) : answer_(answer) {}
  Touch wait(std::uint32_t, const std::vector<std::string>&, Meanwhile&) override { return answer_; }

 private:
  Touch answer_;
};

// Enter touches; "n" and Enter, or the end of the input, denies.
class TerminalButton final : public Button {
 public:
  explicit TerminalButton(const Stop& stop) : stop_(stop) {}

  Touch wait(std::uint32_t milliseconds, const std::vector<std::string>& lines,
             Meanwhile& meanwhile) override {
    for (const std::string& line : lines) std::fprintf(stderr, "%s\n", line.c_str());
    std::fputs("touch? [Enter, or n] ", stderr);
    const Clock::time_point end = Clock::now() + std::chrono::milliseconds(milliseconds);
    pollfd waiting[] = {{STDIN_FILENO, POLLIN, 0}, {stop_.descriptor(), POLLIN, 0}};
    for (;;) {
      if (wait_for(waiting, end, meanwhile) == 0 || waiting[1].revents != 0) return Touch::kTimedOut;
      char answer[64];
      const ssize_t got = ::read(STDIN_FILENO, answer, sizeof answer);
      if (got < 0 && errno == EINTR) continue;
      return got > 0 && answer[0] != 'n' && answer[0] != 'N' ? Touch::kTouched : Touch::kDenied;
    }
  }

 private:
  const Stop& stop_;
};

class SocketButton final : public Button {
 public:
  SocketButton(File listener, std::string path, const Stop& stop)
      : listener_(std::move(listener)), path_(std::move(path)), stop_(stop) {}
  SocketButton(const SocketButton&) = delete;
  SocketButton& operator=(const SocketButton&) = delete;
  ~SocketButton() override { ::unlink(path_.c_str()); }

  Touch wait(std::uint32_t milliseconds, const std::vector<std::string>& lines,
             Meanwhile& meanwhile) override {
    const Clock::time_point end = Clock::now() + std::chrono::milliseconds(milliseconds);
    File client;
    for (;;) {
      pollfd waiting[] = {{client.open() ? client.get() : listener_.get(), POLLIN, 0},
                          {stop_.descriptor(), POLLIN, 0}};
      if (wait_for(waiting, end, meanwhile) == 0 || waiting[1].revents != 0) return Touch::kTimedOut;
      if (!client.open()) {
        client = File(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (client.open()) ask(client.get(), lines);
        continue;
      }
      char answer = 0;
      const ssize_t got = ::recv(client.get(), &answer, 1, 0);
      if (got == 1 && answer == 't') return Touch::kTouched;
      if (got == 1 && answer == 'd') return Touch::kDenied;
      if (got <= 0) client = File();
    }
  }

 private:
  static void ask(int client, const std::vector<std::string>& lines) {
    std::string question;
    for (const std::string& line : lines) question += line + "\n";
    question += "touch?\n";
    // A client that went away is noticed at the next read.
    static_cast<void>(::send(client, question.data(), question.size(), MSG_NOSIGNAL));
  }

  File listener_;
  std::string path_;
  const Stop& stop_;
};

std::unique_ptr<Button> listen_on(const std::string& path, const Stop& stop, std::string& error) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    error = "cannot listen on '" + path + "': the path is longer than a socket's may be";
    return nullptr;
  }
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  File listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!listener.open() ||
      ::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener.get(), 4) != 0) {
    error = "cannot listen for touches on '" + path + "': " + std::strerror(errno);  // NOLINT: one thread
    return nullptr;
  }
  return std::make_unique<SocketButton>(std::move(listener), path, stop);
}

}  // namespace

std::unique_ptr<Button> make_button(const std::string& mode, const Stop& stop, std::string& error) {
  if (mode == "auto") return std::make_unique<FixedButton>(Touch::kTouched);
  if (mode == "deny") return std::make_unique<FixedButton>(Touch::kDenied);
  if (mode == "ask") return std::make_unique<TerminalButton>(stop);
  return listen_on(mode, stop, error);
}

}  // namespace sceau::firmware::host
