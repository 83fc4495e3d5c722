// One client's connection. For server.cpp and connection.cpp alone: the one place that includes Asio.
#pragma once

#include <array>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "server.h"
#include "session.h"

namespace sceau::connect {

namespace net = boost::asio;

class Connection;

// What connections share; used by the network's thread alone, but for the pool.
struct Shared {
  Shared(ServerOptions chosen, Random& given)
      : options(std::move(chosen)), random(given), pool(options.workers) {}
  void cancel(std::int32_t process, std::int32_t key);

  ServerOptions options;
  Random& random;
  std::map<std::int32_t, std::weak_ptr<Connection>> connections;
  std::int32_t last = 0;
  std::size_t turned_away = 0;  // connections that are being told so
  net::thread_pool pool;
  net::io_context network;
};

class Connection final : public std::enable_shared_from_this<Connection>, private Link {
 public:
  using Socket = net::generic::stream_protocol::socket;
  Connection(Socket socket, Shared& shared, std::int32_t process, std::int32_t key);
  ~Connection() override;

  // All by the network's thread.
  void start();
  // Answered once it has asked, so that its client can show why. Not for long.
  void turn_away(Problem problem);
  void close();
  [[nodiscard]] std::int32_t key() const { return key_; }
  void cancel() { cancelled = true; }

 private:
  void start_within(std::chrono::seconds time);
  enum class Stage { opening, offered, proving, ready, closing };
  using Trouble = boost::system::error_code;

  bool send(std::string bytes) override;  // by a worker
  void queue(const std::string& bytes);
  void write();
  void read();
  void pump();
  void open(const Opening& opening);
  // One step of a log-in. There is no second try on one connection.
  void log_in(const Message& message);
  void refuse_log_in(const Error& why);
  void welcome();
  void work(std::vector<Message> messages);
  static void hand_back(std::shared_ptr<Connection> self, bool goes_on);
  void worked(bool goes_on);
  void say_goodbye();
  void drop();
  void fail_fatally(const Problem& problem);

  Socket socket_;
  Shared& shared_;
  net::steady_timer startup_;
  Stage stage_ = Stage::opening;
  std::int32_t process_, key_;
  Opening startup_message_;
  std::optional<Problem> refusal_;
  ScramLogin log_in_;
  MessageReader reader_;
  std::array<char, 16384> buffer_{};
  int encryptions_ = 0;  // asked for
  bool reading_ = false, busy_ = false, writing_ = false, ended_ = false;
  std::unique_ptr<Warehouse> warehouse_;
  std::unique_ptr<Session> session_;
  std::string outgoing_, being_written_;

  std::mutex mutex_;  // of the two below
  std::condition_variable drained_;
  std::size_t queued_ = 0;
  bool gone_ = false;
};

}  // namespace sceau::connect
