#include "board/host/vpcd.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <chrono>

namespace sceau::firmware::host {

namespace {

constexpr std::uint8_t kPowerOff = 0;
constexpr std::uint8_t kPowerOn = 1;
constexpr std::uint8_t kReset = 2;
constexpr std::uint8_t kGetAtr = 4;

bool read_port(std::string_view text, std::uint16_t& port) {
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), port);
  return failure == std::errc() && end == text.data() + text.size() && port != 0;
}

}  // namespace

Vpcd::Vpcd(const std::string& address, ByteView answer_to_reset, const Stop& stop)
    : answer_to_reset_(answer_to_reset.begin(), answer_to_reset.end()), stop_(stop) {
  const std::size_t colon = address.rfind(':');
  host_ = colon == std::string::npos ? "127.0.0.1" : address.substr(0, colon);
  if (host_ == "localhost") host_ = "127.0.0.1";
  in_addr parsed{};
  const bool loopback =
      ::inet_pton(AF_INET, host_.c_str(), &parsed) == 1 && (ntohl(parsed.s_addr) >> 24) == IN_LOOPBACKNET;
  if (!loopback) {
    error_ =
        "cannot connect to a reader at '" + host_ + "': only addresses 127.x.x.x of this machine are used";
  } else if (!read_port(colon == std::string::npos ? address : address.substr(colon + 1), port_)) {
    error_ = "'" + address + "' does not name a reader's port: give PORT or HOST:PORT";
  }
}

bool Vpcd::connect_once() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port_);
  ::inet_pton(AF_INET, host_.c_str(), &address.sin_addr);
  File socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket.open() || ::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    return false;
  }
  const int on = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  socket_ = std::move(socket);
  return true;
}

bool Vpcd::connect() {
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(kPatience);
  while (!leaving()) {
    if (connect_once()) return true;
    if (std::chrono::steady_clock::now() > end) {
      error_ =
          "no reader listens at " + host_ + ":" + std::to_string(port_) + ": start pcscd with vpcd there";
      return false;
    }
    wait_for(-1, kRetry);
  }
  return false;
}

// Whether the descriptor can be read.
bool Vpcd::wait_for(int descriptor, int milliseconds) {
  waiting_.clear();
  waiting_.push_back({descriptor, POLLIN, 0});
  waiting_.push_back({stop_.descriptor(), POLLIN, 0});
  int patience = -1;
  if (attendant_ != nullptr) {
    attendant_->add_to(waiting_);
    patience = attendant_->patience();
  }
  if (patience < 0 || (milliseconds >= 0 && milliseconds < patience)) patience = milliseconds;
  const int ready = ::poll(waiting_.data(), waiting_.size(), patience);
  if (ready >= 0 && attendant_ != nullptr) attendant_->attend();
  return ready > 0 && waiting_[0].revents != 0;
}

bool Vpcd::wait_readable() {
  while (!leaving()) {
    if (wait_for(socket_.get(), -1)) return true;
  }
  return false;
}

// `size` bytes into message_. Acknowledged at once: else the kernel waits 40 ms for more to acknowledge.
bool Vpcd::receive(std::size_t size) {
  message_.resize(size);
  std::size_t done = 0;
  while (done < size) {
    if (!wait_readable()) return false;
    const ssize_t got = ::recv(socket_.get(), message_.data() + done, size - done, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    done += static_cast<std::size_t>(got);
    const int on = 1;
    ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
  }
  return true;
}

Transport::Received Vpcd::wait(ByteSpan buffer) {
  for (;;) {
    if (leaving()) return {};
    if (!socket_.open() && !connect()) return {};
    if (!receive(2) || !receive(load_be16(message_.data()))) {
      socket_ = File();  // the reader went: so did the power
      return {leaving() ? Event::kClosed : Event::kPowerOff, 0};
    }
    if (message_.size() != 1) {
      const std::size_t size = message_.size();
      if (size > buffer.size()) return {Event::kTooLong, 0};
      copy(message_, buffer);
      wipe(message_);
      return {Event::kCommand, size};
    }
    switch (message_[0]) {
      case kPowerOff:
        return {Event::kPowerOff, 0};
      case kPowerOn:
      case kReset:
        return {Event::kPowerOn, 0};
      case kGetAtr:
        static_cast<void>(answer(answer_to_reset_));
        break;
      default:
        break;  // other control messages want no answer
    }
  }
}

Status Vpcd::answer(ByteView response) {
  std::vector<std::uint8_t> frame{static_cast<std::uint8_t>(response.size() >> 8),
                                  static_cast<std::uint8_t>(response.size() & 0xFF)};
  frame.insert(frame.end(), response.begin(), response.end());
  std::size_t done = 0;
  while (done < frame.size()) {
    const ssize_t sent = ::send(socket_.get(), frame.data() + done, frame.size() - done, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return Status::kHardware;
    done += static_cast<std::size_t>(sent);
  }
  return Status::kOk;
}

}  // namespace sceau::firmware::host
