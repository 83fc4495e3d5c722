// A real gate to be measured: a home of its own, one source with one table, and a project for its agent
// dora. Whatever goes wrong is thrown, so that the gate is stopped on the way out.
#pragma once

#include <ctime>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gate_process.h"
#include "http.h"

namespace sceau::test {

// Ends the measurement: throws std::runtime_error.
[[noreturn]] void stop(const std::string& why);

struct SpeedSource {
  std::string engine;     // "sqlite", "postgresql"
  std::string place;      // a line of sceau.toml: path = "…" or postgresql = "…"
  std::string catalogue;  // TOML
};

class SpeedGate {
 public:
  [[nodiscard]] std::filesystem::path home() const { return home_.path(); }
  // Starts it and opens a project with these kinds, without a limit of rows or time to speak of.
  void start(const SpeedSource& source, const std::vector<std::string>& kinds);

  [[nodiscard]] GateProcess& process() { return *gate_; }
  [[nodiscard]] HttpsClient& client() { return *client_; }
  [[nodiscard]] statement::After tree() { return newest_tree(*client_); }
  // A request by dora. Signed, not sent.
  Signed request(const std::string& kind, const std::string& sql, long max_rows,
                 const statement::After& tree);
  // A statement by these people, signed and sent; it must be taken.
  void act(const std::string& type, const std::vector<std::string>& people, Object body,
           const std::vector<Bytes>& blobs = {});
  void post(const Signed& given, const std::vector<Bytes>& blobs = {});
  // A session's bearer.
  std::string log_in(const std::string& person) { return test::log_in(home_, *client_, person); }
  // The most memory that the gate ever had.
  [[nodiscard]] double peak_megabytes() const;

 private:
  void open_project(const SpeedSource& source, const std::vector<std::string>& kinds);

  GateHome home_{World::Until::project, std::time(nullptr)};
  std::unique_ptr<GateProcess> gate_;
  std::unique_ptr<HttpsClient> client_;
};

// Runs `work`; what it throws is said on standard error. The process's exit code.
int measured(const char* name, const std::function<void()>& work);

}  // namespace sceau::test
