#include "connection.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

namespace sceau::connect {
namespace {

constexpr std::size_t kMostQueued = 1U << 20U;
constexpr std::size_t kMostHeld = kLongestMessage + 65536;
constexpr std::size_t kMostTurnedAway = 50;
constexpr int kKindsOfEncryption = 2;          // TLS and GSSAPI
constexpr std::chrono::seconds kSlowest{300};  // for a client that takes no bytes

}  // namespace

void Shared::cancel(std::int32_t process, std::int32_t key) {
  const auto found = connections.find(process);
  const auto connection = found == connections.end() ? nullptr : found->second.lock();
  if (connection && connection->key() == key) connection->cancel();
}

Connection::Connection(Socket socket, Shared& shared, std::int32_t process, std::int32_t key)
    : socket_(std::move(socket)),
      shared_(shared),
      startup_(shared.network),
      process_(process),
      key_(key),
      log_in_(shared.options.keys, ScramLogin::fresh_nonce(shared.random)) {}

Connection::~Connection() {
  if (refusal_) --shared_.turned_away;
  shared_.connections.erase(process_);
}

void Connection::start() { start_within(std::chrono::seconds(shared_.options.startup_seconds)); }

void Connection::start_within(std::chrono::seconds time) {
  startup_.expires_after(time);
  startup_.async_wait([self = shared_from_this()](const Trouble& trouble) {
    if (!trouble && self->stage_ != Stage::ready) self->close();
  });
  read();
}

void Connection::turn_away(Problem problem) {
  if (shared_.turned_away >= kMostTurnedAway) return close();
  ++shared_.turned_away;
  refusal_ = std::move(problem);
  start_within(std::chrono::seconds(1));
}

void Connection::close() {
  startup_.cancel();
  if (ended_) return;
  ended_ = true;
  gone = cancelled = true;
  Trouble ignored;
  socket_.close(ignored);
  const std::lock_guard lock(mutex_);
  gone_ = true;
  drained_.notify_all();
}

// By a worker: waits until the client has taken most of what it got before.
bool Connection::send(std::string bytes) {
  {
    std::unique_lock lock(mutex_);
    const bool room = drained_.wait_for(lock, kSlowest, [&] { return gone_ || queued_ < kMostQueued; });
    if (gone_) return false;
    if (!room) gone_ = true;
    queued_ += bytes.size();
  }
  net::post(shared_.network, [self = shared_from_this(), text = std::move(bytes)] { self->queue(text); });
  return true;
}

void Connection::queue(const std::string& bytes) {
  outgoing_ += bytes;
  if (!writing_) write();
}

void Connection::write() {
  if (ended_) return;
  if (outgoing_.empty()) {
    if (stage_ == Stage::closing && !busy_) say_goodbye();
    return;
  }
  writing_ = true;
  being_written_ = std::exchange(outgoing_, {});
  net::async_write(socket_, net::buffer(being_written_),
                   [self = shared_from_this()](const Trouble& trouble, std::size_t count) {
                     self->writing_ = false;
                     if (trouble) return self->close();
                     {
                       const std::lock_guard lock(self->mutex_);
                       self->queued_ -= std::min(self->queued_, count);
                       self->drained_.notify_all();
                     }
                     self->write();
                   });
}

void Connection::read() {
  if (reading_ || ended_ || stage_ == Stage::closing || reader_.held() > kMostHeld) return;
  reading_ = true;
  socket_.async_read_some(net::buffer(buffer_),
                          [self = shared_from_this()](const Trouble& trouble, std::size_t count) {
                            self->reading_ = false;
                            if (trouble) return self->close();
                            if (self->stage_ == Stage::closing) return self->drop();
                            self->reader_.feed(std::string_view(self->buffer_.data(), count));
                            self->pump();
                            self->read();
                          });
}

// What was said last arrives, though the client may have sent more meanwhile: it is read and dropped.
void Connection::say_goodbye() {
  Trouble ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  startup_.expires_after(std::chrono::seconds(1));
  startup_.async_wait([self = shared_from_this()](const Trouble&) { self->close(); });
  drop();
}

void Connection::drop() {
  if (reading_ || ended_) return;
  reading_ = true;
  socket_.async_read_some(net::buffer(buffer_),
                          [self = shared_from_this()](const Trouble& trouble, std::size_t) {
                            self->reading_ = false;
                            trouble ? self->close() : self->drop();
                          });
}

void Connection::fail_fatally(const Problem& problem) {
  Replies replies;
  replies.failure("FATAL", problem);
  stage_ = Stage::closing;
  queue(replies.take());
}

// Takes as many whole messages as there are.
void Connection::pump() {
  while (!busy_ && !ended_ && stage_ == Stage::opening) {
    auto opening = reader_.opening();
    if (!opening) return fail_fatally({"08P01", opening.error().message, {}});
    if (!*opening) return;
    open(**opening);
  }
  if (busy_ || ended_ || stage_ == Stage::closing) return;
  std::vector<Message> messages;
  for (;;) {
    auto message = reader_.message(stage_ == Stage::ready ? kLongestMessage : kLongestPassword);
    if (!message) return fail_fatally({"08P01", message.error().message, {}});
    if (!*message) break;
    if (stage_ != Stage::ready) {
      log_in(**message);
      return pump();
    }
    messages.push_back(std::move(**message));
  }
  if (!messages.empty()) work(std::move(messages));
}

void Connection::open(const Opening& opening) {
  if (opening.kind == Opening::Kind::encryption) {
    if (++encryptions_ > kKindsOfEncryption)
      return fail_fatally({"08P01", "encryption is asked for again and again", {}});
    return queue("N");  // loopback: there is nothing to hide it from
  }
  if (opening.kind == Opening::Kind::cancel) {
    shared_.cancel(opening.process, opening.key);
    stage_ = Stage::closing;
    return close();
  }
  if (refusal_) return fail_fatally(*refusal_);
  startup_message_ = opening;
  stage_ = Stage::offered;
  Replies replies;
  replies.authentication_sasl(kScramMechanism);
  queue(replies.take());
}

void Connection::log_in(const Message& message) {
  // A client of before SASL, and one that sends something else than an answer, knows nothing that would do.
  if (message.type != 'p') return refuse_log_in({ErrorKind::authentication, {}});
  Replies replies;
  if (stage_ == Stage::offered) {
    auto read = read_sasl(message.body);
    if (!read) return refuse_log_in(read.error());
    if (read->mechanism != kScramMechanism)
      return refuse_log_in({ErrorKind::invalid, "the client chose a mechanism that was not offered"});
    auto answer = log_in_.first(read->data);
    if (!answer) return refuse_log_in(answer.error());
    stage_ = Stage::proving;
    replies.authentication_sasl_continue(*answer);
    return queue(replies.take());
  }
  auto answer = log_in_.last(message.body);
  if (!answer) return refuse_log_in(answer.error());
  replies.authentication_sasl_final(*answer);
  queue(replies.take());
  welcome();
}

void Connection::refuse_log_in(const Error& why) {
  if (why.kind == ErrorKind::invalid) return fail_fatally({"08P01", why.message, {}});
  fail_fatally({"28P01",
                "password authentication failed for user \"" + startup_message_.parameters["user"] + "\"",
                "The password is in the file that 'sceau connect' named when it started."});
}

void Connection::welcome() {
  stage_ = Stage::ready;
  startup_.cancel();
  warehouse_ = shared_.options.warehouse();
  session_ =
      std::make_unique<Session>(*warehouse_, shared_.options.defaults, static_cast<Link&>(*this), process_);
  busy_ = true;
  net::post(shared_.pool, [self = shared_from_this()]() mutable {
    const bool goes_on = self->session_->begin(self->startup_message_, self->key_);
    hand_back(std::move(self), goes_on);
  });
}

void Connection::work(std::vector<Message> messages) {
  busy_ = true;
  net::post(shared_.pool, [self = shared_from_this(), taken = std::move(messages)]() mutable {
    bool goes_on = true;
    for (const auto& message : taken) {
      goes_on = self->session_->handle(message);
      if (!goes_on) break;
    }
    hand_back(std::move(self), goes_on);
  });
}

// A worker keeps nothing of it: a connection ends in the network's thread.
void Connection::hand_back(std::shared_ptr<Connection> self, bool goes_on) {
  auto& network = self->shared_.network;
  net::post(network, [self = std::move(self), goes_on] { self->worked(goes_on); });
}

void Connection::worked(bool goes_on) {
  busy_ = false;
  if (ended_) return;
  if (!goes_on) {
    stage_ = Stage::closing;
    if (!writing_) write();
    return;
  }
  pump();
  read();
}

}  // namespace sceau::connect
