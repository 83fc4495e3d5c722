#include "connection.h"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <chrono>

#include "tls.h"

namespace sceau::sceaud {
namespace {

using std::chrono::seconds;

// Where a card is asked for, its holder types a PIN during the handshake.
constexpr seconds kHandshakeTime{10}, kCardHandshakeTime{120}, kIdleTime{120}, kHeaderTime{10}, kBodyTime{30},
    kDrainTime{3}, kGoodbyeTime{2};
constexpr std::size_t kHeaderLimit = 8192;
constexpr std::size_t kFirstRead = 4096;
constexpr const char* kFetchSite = "Sec-Fetch-Site";

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
  if (request.count(http::field::origin) > 1) return "it has more than one Origin";
  if (request.count(kFetchSite) > 1) return "it has more than one Sec-Fetch-Site";
  return {};
}

}  // namespace

Connection::Connection(net::ip::tcp::socket socket, Shared& shared, bool for_cards)
    : shared_(shared),
      for_cards_(for_cards),
      stream_(std::move(socket), for_cards ? shared.card_tls : shared.tls),
      deadline_(stream_.get_executor()),
      poll_(stream_.get_executor()) {}

Connection::~Connection() {
  const std::lock_guard held(shared_.connections_mutex);
  shared_.connections.erase(this);
  if (shared_.stopping && shared_.connections.empty() && shared_.last_gone) shared_.last_gone();
}

void Connection::start() {
  idle_since_ = steady_nanoseconds();
  net::post(stream_.get_executor(), [this, self = shared_from_this()] {
    if (shared_.stopping) return close();
    limit(for_cards_ ? kCardHandshakeTime : kHandshakeTime);
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
  const auto header = [&request](const auto& name) { return std::string(request[name]); };
  query_.bearer = bearer_of(header(http::field::authorization));
  query_.browser = {header(http::field::origin), header(kFetchSite), header(http::field::content_type)};
  query_.accept_language = header(http::field::accept_language);
  query_.for_cards = for_cards_;
  if (for_cards_) query_.certificate = shown_certificate(stream_.native_handle());
  query_.body = std::move(parser_->get().body());
  query_.gone = gone_source_.get_token();
  deadline_.cancel();
  const Work work = Api::work(query_);
  if (work.rows) {
    // A stranger is told so at once, and takes nobody's place.
    if (const auto person = shared_.api.may_line_up(query_)) return dispatch_rows(*person);
  }
  if (work.wait_for) return park(work);
  answer_on_worker();
}

void Connection::answer_on_worker() {
  elsewhere(
      shared_.workers, [this] { return shared_.api.answer(query_); },
      [this](Reply reply) { send(std::move(reply)); });
}

void Connection::dispatch_rows(const std::string& person) {
  if (!shared_.run_line.enter(person)) {
    return send(
        Api::failure(503, ErrorKind::unavailable,
                     "running the request: as many extractions run and wait as may: ask again in a while"));
  }
  watch();
  // Its own copy: once it is answered, the next request may come.
  elsewhere(
      shared_.runners,
      [this, person, query = query_]() mutable -> std::optional<Reply> {
        bool answered = false;
        query.answer_early = [&](Reply reply) {
          answered = true;
          shared_.run_line.leave(person);  // she may send the next now
          net::post(stream_.get_executor(), [self = shared_from_this(), reply = std::move(reply)]() mutable {
            self->send(std::move(reply));
          });
        };
        // Nobody is there any more: the request stays admitted and can be fetched later.
        Reply reply = gone_ ? Reply{} : shared_.api.answer(query);
        if (answered) return std::nullopt;
        shared_.run_line.leave(person);
        return reply;
      },
      [this](std::optional<Reply> reply) {
        if (reply) send(std::move(*reply));
      });
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
  for (const auto& [name, value] : web::common_headers())
    response_.set(std::string(name), std::string(value));
  for (const auto& [name, value] : reply.page ? web::page_headers() : web::document_headers()) {
    response_.set(std::string(name), std::string(value));
  }
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

}  // namespace sceau::sceaud
