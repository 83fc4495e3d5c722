#include "board/bridge/machine.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <vector>

namespace sceau::firmware::bridge {

namespace {

constexpr const char* kQemu = "qemu-system-arm";

// What the command line takes commas for is doubled (QEMU's -object syntax).
std::string quoted(const std::string& path) {
  std::string result;
  result.reserve(path.size());
  for (const char c : path) {
    result += c;
    if (c == ',') result += ',';
  }
  return result;
}

std::vector<std::string> arguments(const MachineOptions& options) {
  return {kQemu,
          "-machine",
          options.machine + ",memory-backend=psram",
          "-object",
          "memory-backend-file,id=psram,size=16M,share=on,mem-path=" + quoted(options.memory),
          "-nodefaults",
          "-no-user-config",
          "-no-reboot",
          "-display",
          "none",
          "-chardev",
          "stdio,id=bell,signal=off",
          "-serial",
          "chardev:bell",
          "-kernel",
          options.image};
}

// In the child: ends when the parent does, and becomes QEMU.
[[noreturn]] void become_machine(const MachineOptions& options, int input, int output, pid_t parent) {
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || ::getppid() != parent) ::_exit(1);
  if (::dup2(input, STDIN_FILENO) < 0 || ::dup2(output, STDOUT_FILENO) < 0) ::_exit(1);
  std::vector<std::string> words = arguments(options);
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  ::execvp(kQemu, pointers.data());
  std::perror(kQemu);
  ::_exit(1);
}

}  // namespace

Machine::Machine(const MachineOptions& options, const host::Stop& stop) : stop_(stop) {
  int down[2] = {-1, -1};
  int up[2] = {-1, -1};
  const bool piped = ::pipe2(down, O_CLOEXEC) == 0 && ::pipe2(up, O_CLOEXEC) == 0;
  const host::File input(down[0]);
  const host::File output(up[1]);
  to_ = host::File(down[1]);
  from_ = host::File(up[0]);
  const pid_t parent = ::getpid();
  if (piped) child_ = ::fork();
  if (child_ == 0) become_machine(options, input.get(), output.get(), parent);
  if (child_ < 0) error_ = std::string("cannot start a process for ") + kQemu;
}

Machine::~Machine() {
  if (child_ <= 0) return;
  ::kill(child_, SIGKILL);
  while (::waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

bool Machine::ring(mps2::Ring what) {
  const char byte = static_cast<char>(what);
  for (;;) {
    const ssize_t written = ::write(to_.get(), &byte, 1);
    if (written == 1) return true;
    if (written < 0 && errno != EINTR) return false;
  }
}

std::optional<mps2::Ring> Machine::wait(int milliseconds, bool stoppable) {
  for (;;) {
    pollfd waiting[] = {{from_.get(), POLLIN, 0}, {stoppable ? stop_.descriptor() : -1, POLLIN, 0}};
    const int ready = ::poll(waiting, 2, milliseconds);
    if (ready < 0 && errno == EINTR) continue;
    why_ = ready <= 0 ? Silence::kTimedOut : Silence::kStopped;
    if (ready <= 0 || waiting[0].revents == 0) return std::nullopt;
    char byte = 0;
    const ssize_t got = ::read(from_.get(), &byte, 1);
    if (got < 0 && errno == EINTR) continue;
    why_ = got == 1 ? Silence::kNone : Silence::kEnded;
    return got == 1 ? std::optional(static_cast<mps2::Ring>(byte)) : std::nullopt;
  }
}

}  // namespace sceau::firmware::bridge
