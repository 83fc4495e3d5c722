// The gate over HTTPS: an asynchronous server, so that idle and waiting clients cost a socket and no thread.
//
//   network threads   TLS and HTTP; never wait for disk or database
//   worker threads    statements, documents, reading the spool: short, but they do wait for the disk
//   run threads       SQL: one for each place in gate::RunLine; most of them wait for the gate to let
//                     theirs go. What finds no place is told so
// Limits: connections, header and body sizes, and a time for every phase, so that a client which is slow on
// purpose loses its connection and nothing else.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "sceau/gate/gate.h"

namespace sceau::sceaud {

struct ServerOptions {
  std::string host = "127.0.0.1";
  unsigned short port = 0;       // 0: any that is free
  std::string card_host;         // where browsers show cards' certificates; empty: nowhere
  unsigned short card_port = 0;  // 0: any that is free
  unsigned network_threads = 1;
  unsigned worker_threads = 16;
  unsigned runs = 2;
  unsigned connections = 1000;
  const Clock* clock = nullptr;  // both must outlive the server
  Random* random = nullptr;
  std::function<void(gate::LogLevel, const std::string& line)> log;
};

class Server {
 public:
  // Binds and listens; answers nobody yet. unavailable when the address cannot be bound, invalid for TLS
  // files that do not fit.
  static Result<std::unique_ptr<Server>> listen(gate::Gate& gate, const gate::Home& home,
                                                ServerOptions options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // https://HOST:PORT
  [[nodiscard]] const std::string& url() const;
  // The same where browsers show cards' certificates; empty: nowhere.
  [[nodiscard]] const std::string& card_url() const;
  // Serves until SIGTERM or SIGINT; deliveries under way are then interrupted, answers under way are given.
  void run();

  struct State;

 private:
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace sceau::sceaud
