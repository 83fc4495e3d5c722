// One client's connection, and what all connections share. For server.cpp and connection.cpp alone: the one
// place that includes Beast.
#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>

#include "api.h"
#include "sceau/gate/run_line.h"
#include "server.h"
#include "waiters.h"

namespace sceau::sceaud {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

class Connection;

inline constexpr std::chrono::seconds kSendTime{60};  // for an answer, or a piece of one, to leave

// What connections need of the server.
struct Shared {
  Shared(gate::Gate& given, ServerOptions chosen)
      : gate(given),
        options(std::move(chosen)),
        api(given, *options.clock, *options.random, warnings()),
        run_line(options.runs),
        tls(net::ssl::context::tls_server),
        card_tls(net::ssl::context::tls_server),
        workers(options.worker_threads),
        runners(std::size_t{options.runs} * gate::RunLine::kPlaces) {}

  [[nodiscard]] web::LimitedLog::Write warnings() const {
    return [this](const std::string& line) {
      if (options.log) options.log(gate::LogLevel::warning, line);
    };
  }

  gate::Gate& gate;
  ServerOptions options;
  Api api;
  Waiters waiters;
  gate::RunLine run_line;
  std::atomic<bool> stopping{false};
  std::atomic<bool> ticking{false};
  std::function<void()> last_gone;  // called when the last connection has ended, while stopping
  std::mutex connections_mutex;
  std::map<Connection*, std::weak_ptr<Connection>> connections;

  net::ssl::context tls, card_tls;  // the second asks for a card's certificate
  net::thread_pool workers, runners;
  net::io_context network;  // the last: what it still holds at the end uses all of the above
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // `for_cards`: it came in where browsers show cards' certificates.
  Connection(net::ip::tcp::socket socket, Shared& shared, bool for_cards);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // All from any thread.
  void start();
  void wake();  // the request waited for has changed
  void stop();  // the server stops, or needs the place of an idle client
  // Since when no whole request has come, in steady nanoseconds; 0 while one is being answered, and once
  // stopped. A client that is still in its handshake or sends its request slowly waits like an idle one: it
  // can make room.
  [[nodiscard]] std::int64_t idle_since() const { return stopped_ ? 0 : idle_since_.load(); }

 private:
  using Stream = beast::ssl_stream<net::ip::tcp::socket>;
  using Parser = http::request_parser<http::string_body>;
  using Response = http::response<http::string_body>;
  using Problem = boost::system::error_code;

  // Reading: the first byte may take long (an idle client), the rest may not.
  void read_first();
  void read_header();
  void read_body();
  void refuse_header(const std::string& wrong);
  void malformed(const Problem& problem);

  // Answering.
  void dispatch();
  void dispatch_rows(const std::string& person);
  void park(const Work& work);
  void unpark();
  void answer_on_worker();
  void send(Reply reply);
  void sent(const Problem& problem);

  // Streaming rows: one piece is read from the spool while the one before it is sent.
  void begin_rows(std::unique_ptr<gate::Delivery> rows);
  void read_piece();
  void take_piece(Result<Bytes> piece);
  void send_piece();
  void piece_sent(const Problem& problem, std::size_t transferred);
  void complete_rows();
  void end_rows(const Status& status);
  void abandon_rows(const std::string& reason);

  // Notices, while an answer is being made or rows are sent, that the client is gone.
  void watch();
  void watched(const Problem& problem, std::size_t size);

  // The connection is closed when the phase that begins now lasts longer.
  void limit(std::chrono::seconds time);
  void shut_down();
  // Reads what the client still sends, so that it sees the answer before the line ends.
  void drain();
  void close();

  // Runs `job` on a pool and, with its result, `then` back on this connection's strand.
  template <typename Pool, typename Job, typename Then>
  void elsewhere(Pool& pool, Job job, Then then);

  Shared& shared_;
  const bool for_cards_;
  Stream stream_;
  net::steady_timer deadline_, poll_;
  beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  Query query_;
  bool keep_ = false, drain_ = false;
  Response response_;
  std::optional<Work> parked_;
  std::atomic<std::int64_t> idle_since_{0};
  std::atomic<bool> stopped_{false};
  std::atomic<bool> gone_{false};  // the client closed or broke the connection
  std::stop_source gone_source_;   // tells the same to what runs for it
  bool watching_ = false, first_wanted_ = false;

  std::shared_ptr<gate::Delivery> rows_;
  std::string chunk_head_;
  Bytes piece_;                      // being sent
  std::optional<Bytes> next_piece_;  // read, waiting to be sent
  bool sending_piece_ = false;
};

template <typename Pool, typename Job, typename Then>
void Connection::elsewhere(Pool& pool, Job job, Then then) {
  // The guard keeps the network's threads alive until the answer is back.
  net::post(pool, [self = shared_from_this(), guard = net::make_work_guard(stream_.get_executor()),
                   job = std::move(job), then = std::move(then)]() mutable {
    auto result = job();
    net::post(self->stream_.get_executor(), [self, result = std::move(result),
                                             then = std::move(then)]() mutable { then(std::move(result)); });
  });
}

}  // namespace sceau::sceaud
