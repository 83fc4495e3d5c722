#include "sender.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): sigset_t
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace sceau::pam {
namespace {

// Between fork and exec: calls that are safe there, and no others.
[[noreturn]] void become(char* const* arguments, char* const* environment) {
  ::setsid();
  if (::fork() != 0) ::_exit(0);
  const int nothing = ::open("/dev/null", O_RDWR);
  for (const int descriptor : {0, 1, 2}) ::dup2(nothing, descriptor);
  ::syscall(SYS_close_range, 3U, ~0U, 0U);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execve(arguments[0], arguments, environment);
  ::_exit(127);
}

}  // namespace

void start_sender(const std::string& program, const std::string& folder) {
  std::array<std::string, 5> words{program, "host", "refresh", "--folder", folder};
  std::array<char*, 6> arguments{};
  for (std::size_t i = 0; i < words.size(); ++i) arguments[i] = words[i].data();
  std::string path = "PATH=/usr/bin:/bin";
  std::array<char*, 2> environment{path.data(), nullptr};
  const pid_t child = ::fork();
  if (child == 0) become(arguments.data(), environment.data());
  if (child < 0) return;
  while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace sceau::pam
