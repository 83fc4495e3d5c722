// The place that clients connect to: 127.0.0.1, or a Unix socket. One thread moves bytes for all connections;
// a few others wait for the gate and the token. Only processes of this user are answered, and only with the
// password.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "sceau/base/random.h"
#include "scram.h"
#include "warehouse.h"

namespace sceau::connect {

struct ServerOptions {
  std::uint16_t port = 0;         // 0: any that is free
  std::filesystem::path socket;   // instead: a Unix socket
  std::size_t connections = 64;   // at once
  unsigned workers = 8;           // statements at once
  unsigned startup_seconds = 10;  // for a log-in to be complete
  Wanted defaults;
  ScramKeys keys;  // of the password
  // A warehouse for one session.
  std::function<std::unique_ptr<Warehouse>()> warehouse;
  std::function<void(const std::string&)> log;
};

class Server {
 public:
  // unavailable: the port or the socket is taken.
  static Result<std::unique_ptr<Server>> open(ServerOptions options, Random& random);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  // Until SIGINT or SIGTERM, or stop().
  void run();
  void stop();  // from any thread

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace sceau::connect
