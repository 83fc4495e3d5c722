#include "connection.h"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <chrono>

namespace sceau::sceaud {
namespace {

using std::chrono::seconds;

constexpr seconds kHandshakeTime{10}, kIdleTime{120}, kHeaderTime{10}, kBodyTime{30}, kSendTime{60},
    kDrainTime{3}, kGoodbyeTime{2};
constexpr std::size_t kHeaderLimit = 8192;
constexpr std::size_t kFirstRead = 4096;
constexpr unsigned kRunsWaitingForEach = 4;

std::int64_t steady_nanoseconds() {
  using std::chrono::nanoseconds;
  return std::chrono::duration_cast<nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string bearer_of(std::string_view authorization) {
  constexpr std::string_view scheme = "Bearer ";
  // RFC 9110, 11.1: the scheme's name is case-insensitive.
  if (!beast::iequals({authorization.data(), std::min(authorization.size(), scheme.size())},
                      {scheme.data(), scheme.size()})) {
    return "";
  }
  return std::string(authorization.substr(scheme.size()));
}

// What a header that Beast could read still must not say; empty when it may be answered.
std::string wrong_in(const http::request_parser<http::string_body>::value_type& request) {
  const auto coding = request[http::field::transfer_encoding];
  // RFC 9112, 6.1 and 6.3: with a coding that is not understood, nobody knows where the body ends.
  if (request.count(http::field::transfer_encoding) > 0 && !beast::iequals(coding, "chunked")) {
    return "its transfer coding is not chunked";
  }
  // RFC 9112, 3.2.
  if (request.version() == 11 && request.count(http::field::host) != 1) return "it does not name one Host";
  if (request.count(http::field::authorization) > 1) return "it has more than one Authorization";
  return {};
}

std::string hexadecimal(std::size_t size) {
  std::string digits;
  do {
    digits.insert(digits.begin(), "0123456789abcdef"[size % 16]);
    size /= 16;
  } while (size > 0);
  return digits;
}

}  // namespace

void Waiters::add(const Digest& request, const std::shared_ptr<Connection>& connection) {
  const std::lock_guard held(mutex_);
  waiting_.emplace(request, connection);
}

void Waiters::remove(const Digest& request, const Connection* connection) {
  const std::lock_guard held(mutex_);
  const auto [first, last] = waiting_.equal_range(request);
  for (auto at = first; at != last;) {
    const auto other = at->second.lock();
    at = !other || other.get() == connection ? waiting_.erase(at) : std::next(at);
  }
}

void Waiters::notify(const Digest& request) {
  std::vector<std::shared_ptr<Connection>> awake;
  {
    const std::lock_guard held(mutex_);
    const auto [first, last] = waiting_.equal_range(request);
    for (auto at = first; at != last; ++at) {
      if (auto connection = at->second.lock()) awake.push_back(std::move(connection));
    }
  }
  for (const auto& connection : awake) connection->wake();
}

Connection::Connection(net::ip::tcp::socket socket, Shared& shared)
    : shared_(shared),
      stream_(std::move(socket), shared.tls),
      deadline_(stream_.get_executor()),
      poll_(stream_.get_executor()) {}

Connection::~Connection() {
  const std::lock_guard held(shared_.connections_mutex);
  shared_.connections.erase(this);
  if (shared_.stopping && shared_.connections.empty() && shared_.last_gone) shared_.last_gone();
}

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

void Connection::start() {
  idle_since_ = steady_nanoseconds();
  net::post(stream_.get_executor(), [this, self = shared_from_this()] {
    if (shared_.stopping) return close();
    limit(kHandshakeTime);
    stream_.async_handshake(net::ssl::stream_base::server, [this, self](const Problem& problem) {
      if (problem) return close();
      read_first();
    });
  });
}

void Connection::wake() {
  net::post(stream_.get_executor(), [this, self = shared_from_this()] { unpark(); });
}

void Connection::stop() {
  stopped_ = true;
  net::post(stream_.get_executor(), [this, self = shared_from_this()] {
    keep_ = false;
    if (parked_) return unpark();
    if (idle_since_ != 0) close();
  });
}

void Connection::limit(seconds time) {
  deadline_.expires_after(time);
  deadline_.async_wait([weak = weak_from_this()](const Problem& problem) {
    if (problem) return;  // another phase began
    if (const auto self = weak.lock()) self->close();
  });
}

void Connection::close() {
  deadline_.cancel();
  poll_.cancel();
  if (parked_) shared_.waiters.remove(*parked_->wait_for, this);
  Problem ignored;
  stream_.next_layer().shutdown(net::ip::tcp::socket::shutdown_both, ignored);
  stream_.next_layer().close(ignored);
}

void Connection::shut_down() {
  if (watching_) return close();  // a read is under way: TLS cannot say good-bye beside it
  limit(kGoodbyeTime);
  stream_.async_shutdown([this, self = shared_from_this()](const Problem&) { close(); });
}

void Connection::drain() {
  stream_.async_read_some(buffer_.prepare(kFirstRead),
                          [this, self = shared_from_this()](const Problem& problem, std::size_t) {
                            if (problem) return close();
                            drain();
                          });
}

void Connection::read_first() {
  if (shared_.stopping) return shut_down();
  idle_since_ = steady_nanoseconds();
  limit(kIdleTime);
  parser_.emplace();
  parser_->header_limit(kHeaderLimit);
  parser_->body_limit(kBodyLimit);
  if (buffer_.size() > 0) return read_header();
  first_wanted_ = true;
  watch();
}

void Connection::watch() {
  if (watching_) return;
  watching_ = true;
  stream_.async_read_some(buffer_.prepare(kFirstRead),
                          [this, self = shared_from_this()](const Problem& problem, std::size_t size) {
                            watched(problem, size);
                          });
}

void Connection::watched(const Problem& problem, std::size_t size) {
  watching_ = false;
  if (problem) {
    gone_ = true;
    gone_source_.request_stop();
    if (first_wanted_ || parked_) close();
    return;
  }
  buffer_.commit(size);
  if (!first_wanted_) return;  // a request that came before its time: it is read later
  first_wanted_ = false;
  read_header();
}

void Connection::read_header() {
  limit(kHeaderTime);
  http::async_read_header(stream_, buffer_, *parser_,
                          [this, self = shared_from_this()](const Problem& problem, std::size_t) {
                            if (problem) return malformed(problem);
                            if (const std::string wrong = wrong_in(parser_->get()); !wrong.empty()) {
                              return refuse_header(wrong);
                            }
                            read_body();
                          });
}

void Connection::read_body() {
  limit(kBodyTime);
  http::async_read(stream_, buffer_, *parser_,
                   [this, self = shared_from_this()](const Problem& problem, std::size_t) {
                     if (problem) return malformed(problem);
                     dispatch();
                   });
}

void Connection::refuse_header(const std::string& wrong) {
  idle_since_ = 0;
  keep_ = false;
  drain_ = true;
  send(Api::failure(400, ErrorKind::invalid, "reading the request: " + wrong));
}

void Connection::malformed(const Problem& problem) {
  idle_since_ = 0;
  keep_ = false;
  gone_ = false;
  if (problem == http::error::body_limit) {
    drain_ = true;
    return send(Api::failure(413, ErrorKind::invalid,
                             "reading the request: its body is larger than 1 MiB: send less"));
  }
  if (problem == http::error::header_limit) {
    return send(
        Api::failure(431, ErrorKind::invalid, "reading the request: its header is larger than 8 KiB"));
  }
  const bool http_problem = problem.category() == http::make_error_code(http::error::bad_method).category();
  if (!http_problem || problem == http::error::end_of_stream || problem == http::error::partial_message)
    return close();
  send(Api::failure(400, ErrorKind::invalid, "reading the request: it is no HTTP/1.1 request"));
}

void Connection::dispatch() {
  idle_since_ = 0;
  const auto& request = parser_->get();
  keep_ = request.keep_alive() && !shared_.stopping;
  query_.method = std::string(request.method_string());
  query_.target = std::string(request.target());
  query_.bearer =
      bearer_of({request[http::field::authorization].data(), request[http::field::authorization].size()});
  query_.body = std::move(parser_->get().body());
  query_.gone = gone_source_.get_token();
  deadline_.cancel();
  const Work work = Api::work(query_);
  if (work.rows) return dispatch_rows();
  if (work.wait_for) return park(work);
  answer_on_worker();
}

void Connection::answer_on_worker() {
  elsewhere(
      shared_.workers, [this] { return shared_.api.answer(query_); },
      [this](Reply reply) { send(std::move(reply)); });
}

void Connection::dispatch_rows() {
  if (shared_.runs_waiting.fetch_add(1) >= shared_.options.runs * (1 + kRunsWaitingForEach)) {
    --shared_.runs_waiting;
    return send(
        Api::failure(503, ErrorKind::unavailable,
                     "running the request: as many extractions run and wait as may: ask again in a while"));
  }
  watch();
  elsewhere(
      shared_.runners,
      [this]() -> Reply {
        // Nobody is there any more: the request stays admitted and can be fetched later.
        Reply reply = gone_ ? Reply{} : shared_.api.answer(query_);
        --shared_.runs_waiting;
        return reply;
      },
      [this](Reply reply) { send(std::move(reply)); });
}

void Connection::park(const Work& work) {
  parked_ = work;
  shared_.waiters.add(*work.wait_for, shared_from_this());
  poll_.expires_after(seconds(work.seconds));
  poll_.async_wait([weak = weak_from_this()](const Problem& problem) {
    if (problem) return;
    if (const auto self = weak.lock()) self->unpark();
  });
  watch();
  // Only now that every change will be heard of: is there something to say already?
  elsewhere(
      shared_.workers,
      [this, query = query_, request = *work.wait_for] { return shared_.api.settled(query, request); },
      [this](bool settled) {
        if (settled || shared_.stopping) unpark();
      });
}

void Connection::unpark() {
  if (!parked_) return;
  shared_.waiters.remove(*parked_->wait_for, this);
  parked_.reset();
  poll_.cancel();
  if (gone_) return close();
  answer_on_worker();
}

void Connection::send(Reply reply) {
  if (reply.rows) return begin_rows(std::move(reply.rows));
  if (gone_) return close();
  limit(kSendTime);
  response_ = Response(static_cast<http::status>(reply.status), 11);
  response_.set(http::field::server, "sceaud");
  response_.set(http::field::content_type, reply.type);
  response_.set(http::field::cache_control, "no-store");
  if (reply.status == 401) response_.set(http::field::www_authenticate, "Bearer");
  if (reply.status == 405) response_.set(http::field::allow, "GET, POST");
  response_.keep_alive(keep_);
  response_.body() = std::move(reply.body);
  response_.prepare_payload();
  if (query_.method == "HEAD") response_.body().clear();  // RFC 9110, 9.3.2
  http::async_write(
      stream_, response_,
      [this, self = shared_from_this()](const Problem& problem, std::size_t) { sent(problem); });
}

void Connection::sent(const Problem& problem) {
  response_ = Response();
  query_ = Query();
  if (problem || gone_) return close();
  if (drain_) {
    limit(kDrainTime);
    return drain();
  }
  if (!keep_) return shut_down();
  read_first();
}

void Connection::begin_rows(std::unique_ptr<gate::Delivery> rows) {
  rows_ = std::move(rows);
  if (gone_) return abandon_rows("the line broke before the first row was sent");
  if (shared_.stopping) return abandon_rows("the gate was stopped before the first row was sent");
  limit(kSendTime);
  chunk_head_ =
      "HTTP/1.1 200 OK\r\nServer: sceaud\r\nContent-Type: text/csv; charset=utf-8\r\nCache-Control: "
      "no-store\r\n"
      "Transfer-Encoding: chunked\r\n" +
      std::string(keep_ ? "" : "Connection: close\r\n") + "\r\n";
  net::async_write(stream_, net::buffer(chunk_head_),
                   [this, self = shared_from_this()](const Problem& problem, std::size_t) {
                     if (problem) return abandon_rows("the line broke before the first row was sent");
                     read_piece();
                   });
}

void Connection::read_piece() {
  elsewhere(
      shared_.workers, [rows = rows_] { return rows->next(); },
      [this](Result<Bytes> piece) { take_piece(std::move(piece)); });
}

void Connection::take_piece(Result<Bytes> piece) {
  if (!rows_) return;  // abandoned meanwhile
  if (!piece) return abandon_rows(piece.error().message);
  next_piece_ = std::move(*piece);
  if (!sending_piece_) send_piece();
}

void Connection::send_piece() {
  if (gone_) return abandon_rows("the line broke while rows were sent");
  if (shared_.stopping) return abandon_rows("the gate was stopped while it sent the rows");
  piece_ = std::move(*next_piece_);
  next_piece_.reset();
  if (piece_.empty()) return complete_rows();
  limit(kSendTime);
  sending_piece_ = true;
  read_piece();
  chunk_head_ = hexadecimal(piece_.size()) + "\r\n";
  const std::array<net::const_buffer, 3> chunk{net::buffer(chunk_head_), net::buffer(piece_),
                                               net::buffer("\r\n", 2)};
  net::async_write(stream_, chunk,
                   [this, self = shared_from_this()](const Problem& problem, std::size_t transferred) {
                     piece_sent(problem, transferred);
                   });
}

void Connection::piece_sent(const Problem& problem, std::size_t transferred) {
  sending_piece_ = false;
  if (!rows_) return;
  const std::size_t gone_out = transferred - std::min(transferred, chunk_head_.size());
  rows_->sent(ByteView(piece_).first(std::min(gone_out, piece_.size())));
  if (problem) return abandon_rows("the line broke while rows were sent");
  if (next_piece_) send_piece();
}

void Connection::complete_rows() {
  limit(kSendTime);
  elsewhere(
      shared_.workers, [rows = rows_] { return rows->complete(); },
      [this](const Status& status) { end_rows(status); });
}

void Connection::end_rows(const Status& status) {
  rows_.reset();
  // Without the last chunk the client knows that this is not all it needs: the result is not in the ledger
  // yet.
  if (!status) return close();
  chunk_head_ = "0\r\n\r\n";
  net::async_write(stream_, net::buffer(chunk_head_),
                   [this, self = shared_from_this()](const Problem& problem, std::size_t) { sent(problem); });
}

void Connection::abandon_rows(const std::string& reason) {
  close();
  elsewhere(
      shared_.workers,
      [rows = std::move(rows_), reason] {
        rows->interrupt(reason);
        return true;
      },
      [](bool) {});
  rows_.reset();
}

}  // namespace sceau::sceaud
