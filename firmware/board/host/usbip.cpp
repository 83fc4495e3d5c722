#include "board/host/usbip.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace sceau::firmware::host {

namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::uint16_t kVersion = 0x0111;
constexpr std::uint16_t kRequestList = 0x8005;
constexpr std::uint16_t kReplyList = 0x0005;
constexpr std::uint16_t kRequestImport = 0x8003;
constexpr std::uint16_t kReplyImport = 0x0003;
constexpr std::uint32_t kSubmit = 1;
constexpr std::uint32_t kUnlink = 2;
constexpr std::uint32_t kSubmitted = 3;
constexpr std::uint32_t kUnlinked = 4;

constexpr std::size_t kOperation = 8;
constexpr std::size_t kBusId = 32;
constexpr std::size_t kPath = 256;
constexpr std::size_t kHeader = 48;
constexpr std::size_t kMostData = 1 << 20;  // of one transfer: libccid asks for 65,558 bytes at once
constexpr std::size_t kMostPending = 256;
constexpr std::uint32_t kFullSpeed = 2;
constexpr const char* kOurBusId = "1-1";

void add16(Bytes& bytes, std::uint16_t value) {
  bytes.push_back(static_cast<std::uint8_t>(value >> 8));
  bytes.push_back(static_cast<std::uint8_t>(value & 0xFF));
}
void add32(Bytes& bytes, std::uint32_t value) {
  add16(bytes, static_cast<std::uint16_t>(value >> 16));
  add16(bytes, static_cast<std::uint16_t>(value & 0xFFFF));
}
void add_text(Bytes& bytes, const char* text, std::size_t size) {
  const std::size_t length = std::strlen(text);
  bytes.insert(bytes.end(), text, text + length);
  bytes.resize(bytes.size() + size - length);
}

}  // namespace

std::unique_ptr<UsbIp> UsbIp::open(const std::string& port, std::string& error) {
  std::uint16_t number = 0;
  const auto [end, failure] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (failure != std::errc() || end != port.data() + port.size() || number == 0) {
    error = "'" + port + "' does not name a port: give a number, for instance 3240";
    return nullptr;
  }
  File listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int on = 1;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(number);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (!listener.open() || ::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      ::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener.get(), 1) != 0) {
    error =
        "cannot export the USB device on port " + port + ": " + std::strerror(errno);  // NOLINT: one thread
    return nullptr;
  }
  return std::make_unique<UsbIp>(std::move(listener));
}

UsbIp::UsbIp(File listener) : listener_(std::move(listener)) {}
UsbIp::~UsbIp() = default;

void UsbIp::attach(Board& board, Token& token) {
  plugged_ = nullptr;  // it knows the token of before
  plug(std::make_unique<LocalUsb>(board, token));
}

void UsbIp::plug(std::unique_ptr<UsbTarget> target) {
  plugged_ = nullptr;
  hang_up();
  plugged_ = std::move(target);
}

void UsbIp::hang_up() {
  client_ = File();
  imported_ = false;
  received_.clear();
  pending_.clear();
  if (plugged_ != nullptr) plugged_->bus_reset();
}

void UsbIp::add_to(std::vector<pollfd>& waiting) const {
  waiting.push_back({client_.open() ? client_.get() : listener_.get(), POLLIN, 0});
}

int UsbIp::patience() const { return plugged_ != nullptr && plugged_->waiting() ? 20 : -1; }

void UsbIp::attend() {
  move();
  plugged_->work();
  move();
}

bool UsbIp::go_on() {
  move();
  plugged_->keep_patient();
  move();
  return true;
}

// Whatever can be moved now, in both directions.
void UsbIp::move() {
  if (!client_.open()) {
    client_ = File(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!client_.open()) return;
    const int on = 1;
    ::setsockopt(client_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  read_some();
  for (std::size_t used = 1; used != 0 && client_.open();) {
    used = handle(received_);
    if (client_.open()) received_.erase(received_.begin(), received_.begin() + static_cast<long>(used));
  }
  for (std::size_t i = 0; i < pending_.size();) {
    if (try_one(pending_[i])) {
      pending_.erase(pending_.begin() + static_cast<long>(i));
    } else {
      ++i;
    }
  }
}

void UsbIp::read_some() {
  std::array<std::uint8_t, 4096> part{};
  for (;;) {
    const ssize_t got = ::recv(client_.get(), part.data(), part.size(), MSG_DONTWAIT);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    if (got <= 0) {
      hang_up();
      return;
    }
    received_.insert(received_.end(), part.begin(), part.begin() + got);
    if (received_.size() > 2 * kMostData) return;
  }
}

// Takes one message off the front; its size, 0: it is not whole yet.
std::size_t UsbIp::handle(ByteView bytes) {
  return imported_ ? handle_transfer(bytes) : handle_operation(bytes);
}

// What OP_REP_DEVLIST and OP_REP_IMPORT tell of the device.
void UsbIp::describe(Bytes& into) const {
  add_text(into, "/sys/devices/sceau/usb1/1-1", kPath);
  add_text(into, kOurBusId, kBusId);
  add32(into, 1);
  add32(into, 2);
  add32(into, kFullSpeed);
  add16(into, usb::kVendor);
  add16(into, usb::kProduct);
  add16(into, usb::kRelease);
  const std::uint8_t rest[] = {0, 0, 0, 1, 1, usb::kInterfaces};
  into.insert(into.end(), std::begin(rest), std::end(rest));
}

std::size_t UsbIp::handle_operation(ByteView bytes) {
  if (bytes.size() < kOperation) return 0;
  const std::uint16_t code = load_be16(bytes.data() + 2);
  Bytes answer;
  add16(answer, kVersion);
  if (code == kRequestList) {
    add16(answer, kReplyList);
    add32(answer, 0);
    add32(answer, 1);
    describe(answer);
    const std::uint8_t interfaces[] = {0x0B, 0, 0, 0, 0x03, 0, 0, 0};
    answer.insert(answer.end(), std::begin(interfaces), std::end(interfaces));
    send(answer);
    return kOperation;
  }
  if (code != kRequestImport) {
    hang_up();
    return 0;
  }
  if (bytes.size() < kOperation + kBusId) return 0;
  Bytes asked;
  add_text(asked, kOurBusId, kBusId);
  imported_ = equal(asked, bytes.subspan(kOperation, kBusId));
  add16(answer, kReplyImport);
  add32(answer, imported_ ? 0 : 1);
  if (imported_) describe(answer);
  send(answer);
  return kOperation + kBusId;
}

std::size_t UsbIp::handle_transfer(ByteView bytes) {
  if (bytes.size() < kHeader) return 0;
  const std::uint32_t command = load_be32(bytes.data());
  const std::uint32_t sequence = load_be32(bytes.data() + 4);
  if (command == kUnlink) {
    unlink(sequence, load_be32(bytes.data() + 20));
    return kHeader;
  }
  const bool in = load_be32(bytes.data() + 12) != 0;
  const std::uint32_t endpoint = load_be32(bytes.data() + 16);
  const std::uint32_t length = load_be32(bytes.data() + 24);
  if (command != kSubmit || endpoint > 15 || length > kMostData || pending_.size() > kMostPending) {
    hang_up();
    return 0;
  }
  const std::size_t size = kHeader + (in ? 0 : length);
  if (bytes.size() < size) return 0;
  submit(sequence, static_cast<std::uint8_t>(endpoint), in, length, bytes.subspan(40, 8),
         bytes.subspan(kHeader, size - kHeader));
  return size;
}

void UsbIp::submit(std::uint32_t sequence, std::uint8_t endpoint, bool in, std::size_t length, ByteView setup,
                   ByteView data) {
  if (endpoint != 0) {
    pending_.push_back({sequence, endpoint, in, length, Bytes(data.begin(), data.end())});
    return;
  }
  Bytes answer(std::min(length, usb::Device::kMaxControl));
  const usb::Transfer moved = plugged_->control(usb::read_setup(setup.first<usb::kSetup>()), data, answer);
  if (moved.outcome == usb::Outcome::kDone) {
    complete(sequence, 0, moved.size, in ? ByteView(answer).first(moved.size) : ByteView());
  } else {
    complete(sequence, -EPIPE, 0, {});
  }
}

void UsbIp::unlink(std::uint32_t sequence, std::uint32_t which) {
  const auto found = std::find_if(pending_.begin(), pending_.end(),
                                  [which](const Pending& pending) { return pending.sequence == which; });
  const bool pending = found != pending_.end();
  if (pending) pending_.erase(found);
  Bytes answer;
  for (const std::uint32_t word : {kUnlinked, sequence, 0U, 0U, 0U}) add32(answer, word);
  add32(answer, static_cast<std::uint32_t>(pending ? -ECONNRESET : 0));
  answer.resize(kHeader);
  send(answer);
}

// Whether it is done, one way or another.
bool UsbIp::try_one(const Pending& pending) {
  // No answer is longer than that, however much is asked for.
  Bytes data(pending.in ? std::min(pending.length, usb::kMaxCcidMessage) : 0);
  const usb::Transfer moved =
      pending.in ? plugged_->in(pending.endpoint, data) : plugged_->out(pending.endpoint, pending.data);
  switch (moved.outcome) {
    case usb::Outcome::kNothingYet:
      return false;
    case usb::Outcome::kDone:
      complete(pending.sequence, 0, moved.size, pending.in ? ByteView(data).first(moved.size) : ByteView());
      return true;
    case usb::Outcome::kStall:
      break;
  }
  complete(pending.sequence, -EPIPE, 0, {});
  return true;
}

void UsbIp::complete(std::uint32_t sequence, std::int32_t status, std::size_t length, ByteView data) {
  Bytes answer;
  answer.reserve(kHeader + data.size());
  for (const std::uint32_t word : {kSubmitted, sequence, 0U, 0U, 0U}) add32(answer, word);
  add32(answer, static_cast<std::uint32_t>(status));
  add32(answer, static_cast<std::uint32_t>(length));
  answer.resize(kHeader);
  answer.insert(answer.end(), data.begin(), data.end());
  send(answer);
}

void UsbIp::send(ByteView bytes) {
  while (!bytes.empty() && client_.open()) {
    const ssize_t sent = ::send(client_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      pollfd waiting{client_.get(), POLLOUT, 0};
      if (::poll(&waiting, 1, 1000) == 1) continue;
    }
    if (sent <= 0) {
      client_ = File();  // the next look at it finds it gone
      return;
    }
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
}

}  // namespace sceau::firmware::host
