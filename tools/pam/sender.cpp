#include "sender.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): sigset_t
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace sceau::pam {
namespace {

constexpr int kHeldOpen = 3;  // the pipe's end that closes with the program

// Between fork and exec: calls that are safe there, and no others.
[[noreturn]] void become(char* const* arguments, char* const* environment, int held) {
  ::setsid();
  if (::fork() != 0) ::_exit(0);
  const int nothing = ::open("/dev/null", O_RDWR);
  const int kept = ::fcntl(held, F_DUPFD, 10);  // out of the way of 0 to 3
  for (const int descriptor : {0, 1, 2}) ::dup2(nothing, descriptor);
  ::dup2(kept, kHeldOpen);
  ::syscall(SYS_close_range, kHeldOpen + 1U, ~0U, 0U);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execve(arguments[0], arguments, environment);
  ::_exit(127);
}

}  // namespace

Sender Sender::start(const std::string& program, const std::string& folder) {
  Sender sender;
  std::array<int, 2> ends{};
  if (program.empty() || ::pipe2(ends.data(), O_CLOEXEC) != 0) return sender;
  FileDescriptor reading(ends[0]);
  const FileDescriptor writing(ends[1]);
  std::array<std::string, 5> words{program, "host", "refresh", "--folder", folder};
  std::array<char*, 6> arguments{};
  for (std::size_t i = 0; i < words.size(); ++i) arguments[i] = words[i].data();
  std::string path = "PATH=/usr/bin:/bin";
  std::array<char*, 2> environment{path.data(), nullptr};
  const pid_t child = ::fork();
  if (child == 0) become(arguments.data(), environment.data(), writing.get());
  if (child < 0) return sender;
  // The application may have taken the child's end away already: that is no fault.
  while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  sender.done_ = std::move(reading);
  return sender;
}

void Sender::wait(std::chrono::milliseconds after_start) const {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  using std::chrono::steady_clock;
  if (!done_.valid()) return;
  for (;;) {
    const auto left = duration_cast<milliseconds>(started_ + after_start - steady_clock::now()).count();
    if (left <= 0) return;
    pollfd one{done_.get(), POLLIN, 0};
    if (::poll(&one, 1, static_cast<int>(std::min<std::int64_t>(left, 60'000))) > 0) return;
  }
}

}  // namespace sceau::pam
