#include "fido_wire.h"

#include <fido/param.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "sceau/token/fido_key.h"

namespace sceau::token {
namespace {

// CTAP 2.1, 11.3: the application, and the command that carries a CTAP2 message.
constexpr std::array<std::uint8_t, 8> kFidoApplication{0xA0, 0x00, 0x00, 0x06, 0x47, 0x2F, 0x00, 0x01};
constexpr std::uint8_t kOwnClass = 0x80;
constexpr std::uint8_t kCtapMessage = 0x10;

// What INIT answers (CTAP 2.1, 11.2.9.1.3): nonce, channel, protocol 2, version, and that CBOR is spoken.
constexpr std::size_t kNonce = 8;
constexpr std::size_t kInitAnswer = 17;
constexpr std::size_t kProtocolAt = 12;
constexpr std::size_t kFlagsAt = 16;

constexpr std::size_t kPointer = sizeof(void*);

FidoWire& wire_of(fido_dev_t* device) { return *static_cast<FidoWire*>(fido_dev_io_handle(device)); }

void* open_wire(const char* path) {
  const auto bytes = from_hex(path);
  FidoWire* wire = nullptr;
  if (!bytes || bytes->size() != kPointer) return nullptr;
  std::memcpy(&wire, bytes->data(), kPointer);
  return wire;
}

void close_wire(void* /*handle*/) {}

// Never called: the transport stands before them, and libfido2 wants them all the same.
int read_nothing(void* /*handle*/, unsigned char* /*buffer*/, std::size_t /*size*/, int /*wait*/) {
  return -1;
}
int write_nothing(void* /*handle*/, const unsigned char* /*buffer*/, std::size_t /*size*/) { return -1; }

int exchange_on(FidoWire& wire, const Command& command) {
  auto response = exchange(*wire.channel, command);
  if (!response) {
    wire.problem = response.error();
    return -1;
  }
  if (!response->success()) {
    wire.problem =
        Error{ErrorKind::not_found, "the card in reader \"" + wire.channel->name() + "\" answers " +
                                        status_text(response->status) + ": it is no FIDO2 key"};
    return -1;
  }
  wire.answer = std::move(response->data);
  return 0;
}

int send_on_wire(fido_dev_t* device, std::uint8_t command, const unsigned char* data, std::size_t size) {
  FidoWire& wire = wire_of(device);
  wire.answer.clear();
  switch (command) {
    case CTAP_CMD_INIT:
      wire.nonce.assign(data, data + size);
      return exchange_on(wire, {0x00, 0xA4, 0x04, 0x00, kFidoApplication});
    case CTAP_CMD_CBOR:
      return exchange_on(wire, {kOwnClass, kCtapMessage, 0x00, 0x00, ByteView(data, size)});
    case CTAP_CMD_CANCEL:
      return 0;  // a card answers when it has ended
    default:
      return -1;
  }
}

int receive_on_wire(fido_dev_t* device, std::uint8_t command, unsigned char* data, std::size_t size,
                    int /*wait*/) {
  FidoWire& wire = wire_of(device);
  Bytes answer = std::move(wire.answer);
  if (command == CTAP_CMD_INIT) {
    if (wire.nonce.size() != kNonce) return -1;
    answer.assign(kInitAnswer, 0);
    std::copy(wire.nonce.begin(), wire.nonce.end(), answer.begin());
    answer[kProtocolAt] = 2;
    answer[kFlagsAt] = FIDO_CAP_CBOR;
  }
  if (answer.size() > size) return -1;
  std::copy(answer.begin(), answer.end(), data);
  return static_cast<int>(answer.size());
}

// ---- a Unix socket ----

struct Socket {
  int file = -1;
  explicit Socket(int opened) : file(opened) {}
  ~Socket() { ::close(file); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
};

void* open_socket(const char* path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string_view text(path);
  if (text.size() >= sizeof address.sun_path) return nullptr;
  std::copy(text.begin(), text.end(), address.sun_path);
  auto socket = std::make_unique<Socket>(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  // The socket interface takes every kind of address as the one that stands for all.
  if (socket->file < 0 ||
      ::connect(socket->file, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return nullptr;
  return socket.release();
}

void close_socket(void* handle) { const std::unique_ptr<Socket> owner(static_cast<Socket*>(handle)); }

// A report comes whole or not at all; `wait` in milliseconds, -1 for ever.
int read_socket(void* handle, unsigned char* buffer, std::size_t size, int wait) {
  const int file = static_cast<Socket*>(handle)->file;
  for (std::size_t have = 0; have < size;) {
    pollfd ready{file, POLLIN, 0};
    if (::poll(&ready, 1, wait) != 1) return -1;
    const ssize_t got = ::recv(file, buffer + have, size - have, 0);
    if (got <= 0) return -1;
    have += static_cast<std::size_t>(got);
  }
  return static_cast<int>(size);
}

// The first byte is hidraw's report number, which no report on a socket has.
int write_socket(void* handle, const unsigned char* buffer, std::size_t size) {
  const int file = static_cast<Socket*>(handle)->file;
  for (std::size_t sent = 1; sent < size;) {
    const ssize_t put = ::send(file, buffer + sent, size - sent, MSG_NOSIGNAL);
    if (put <= 0) return -1;
    sent += static_cast<std::size_t>(put);
  }
  return static_cast<int>(size);
}

}  // namespace

std::string path_of(const FidoWire& wire) {
  const FidoWire* address = &wire;
  std::array<std::uint8_t, kPointer> bytes{};
  std::memcpy(bytes.data(), &address, kPointer);
  return to_hex(bytes);
}

const fido_dev_io_t& wire_io() {
  static constexpr fido_dev_io_t kIo{open_wire, close_wire, read_nothing, write_nothing};
  return kIo;
}

const fido_dev_transport_t& wire_transport() {
  static constexpr fido_dev_transport_t kTransport{receive_on_wire, send_on_wire};
  return kTransport;
}

const fido_dev_io_t& socket_io() {
  static constexpr fido_dev_io_t kIo{open_socket, close_socket, read_socket, write_socket};
  return kIo;
}

bool has_fido_application(Channel& channel) {
  const auto answer = exchange(channel, {0x00, 0xA4, 0x04, 0x00, kFidoApplication});
  if (!answer || !answer->success()) return false;
  const auto name = to_text(answer->data);
  return name == "U2F_V2" || name == "FIDO_2_0";
}

}  // namespace sceau::token
