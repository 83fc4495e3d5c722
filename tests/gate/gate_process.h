// A real sceaud, started on a home and stopped by its own process id.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "https_client.h"

namespace sceau::test {

class GateProcess {
 public:
  // Starts it and waits until it serves, or has ended: then port() is 0. `environment`: NAME=VALUE.
  GateProcess(const std::filesystem::path& home, const std::vector<std::string>& arguments = {},
              const std::vector<std::string>& environment = {});
  ~GateProcess();  // SIGKILL, when it still runs
  GateProcess(const GateProcess&) = delete;
  GateProcess& operator=(const GateProcess&) = delete;

  [[nodiscard]] unsigned short port() const { return port_; }
  [[nodiscard]] pid_t id() const { return id_; }
  [[nodiscard]] std::unique_ptr<HttpsClient> connect() const;
  // Sends a signal and waits for the end: what waitpid said.
  int stop(int signal);
  // Waits for an end that comes by itself.
  int wait();
  // All that it logged so far; complete once it has ended.
  [[nodiscard]] const std::string& log() const { return log_; }

 private:
  void read_log(bool until_serving);
  std::filesystem::path home_;
  pid_t id_ = -1;
  int log_pipe_ = -1;
  unsigned short port_ = 0;
  std::string log_;
};

}  // namespace sceau::test
