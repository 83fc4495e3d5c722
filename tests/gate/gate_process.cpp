#include "gate_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>

#include "sceau/base/files.h"

extern char** environ;

namespace sceau::test {
namespace {

constexpr int kPatience = 60000;  // milliseconds for a start on a busy machine

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  all.reserve(texts.size() + 1);
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

}  // namespace

GateProcess::GateProcess(const std::filesystem::path& home, const std::vector<std::string>& arguments,
                         const std::vector<std::string>& environment)
    : home_(home) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) std::abort();
  std::vector<std::string> all{SCEAU_TEST_SCEAUD, "--home", home.string()};
  all.insert(all.end(), arguments.begin(), arguments.end());
  std::vector<std::string> variables = environment;
  for (char** variable = environ; *variable != nullptr; ++variable) variables.emplace_back(*variable);
  auto argv = pointers(all);
  auto envp = pointers(variables);
  id_ = ::fork();
  if (id_ == 0) {
    ::dup2(ends[1], STDERR_FILENO);
    ::execve(argv[0], argv.data(), envp.data());
    ::_exit(127);
  }
  ::close(ends[1]);
  log_pipe_ = ends[0];
  ::fcntl(log_pipe_, F_SETPIPE_SZ,
          1 << 20);  // a gate whose log is full stands still; a smaller pipe is no error
  read_log(true);
}

GateProcess::~GateProcess() {
  if (id_ > 0) stop(SIGKILL);
  if (log_pipe_ >= 0) ::close(log_pipe_);
}

void GateProcess::read_log(bool until_serving) {
  std::array<char, 4096> bytes{};
  for (;;) {
    if (until_serving) {
      const std::size_t at = log_.find("https://127.0.0.1:");
      if (at != std::string::npos && log_.find('\n', at) != std::string::npos) {
        port_ = static_cast<unsigned short>(std::strtoul(log_.c_str() + at + 18, nullptr, 10));
        return;
      }
    }
    pollfd readable{log_pipe_, POLLIN, 0};
    if (::poll(&readable, 1, kPatience) <= 0) return;
    const ssize_t size = ::read(log_pipe_, bytes.data(), bytes.size());
    if (size <= 0) return;
    log_.append(bytes.data(), static_cast<std::size_t>(size));
  }
}

std::unique_ptr<HttpsClient> GateProcess::connect() const {
  return port_ == 0 ? nullptr : HttpsClient::connect(port_, (home_ / "tls.pem").string());
}

int GateProcess::wait() {
  read_log(false);
  int status = -1;
  if (id_ > 0) ::waitpid(id_, &status, 0);
  id_ = -1;
  return status;
}

int GateProcess::stop(int signal) {
  ::kill(id_, signal);
  return wait();
}

}  // namespace sceau::test
