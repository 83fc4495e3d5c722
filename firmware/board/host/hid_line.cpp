#include "board/host/hid_line.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace sceau::firmware::host {

namespace {

using fido::kReport;
using fido::Report;

// What the field's simulators take for "power off, power on".
constexpr Report kReboot{0xAC, 0x10, 0x52, 0xCA, 0x95, 0xE5, 0x69, 0xDE, 0x69, 0xE0, 0x2E, 0xBF, 0xF3,
                         0x33, 0x48, 0x5F, 0x13, 0xF9, 0xB2, 0xDA, 0x34, 0xC5, 0xA8, 0xA3, 0x40, 0x52,
                         0x66, 0x97, 0xA9, 0xAB, 0x2E, 0x0B, 0x39, 0x4D, 0x8D, 0x04, 0x97, 0x3C, 0x13,
                         0x40, 0x05, 0xBE, 0x1A, 0x01, 0x40, 0xBF, 0xF6, 0x04, 0x5B, 0xB2, 0x6E, 0xB7,
                         0x7A, 0x73, 0xEA, 0xA4, 0x78, 0x13, 0xF6, 0xB4, 0x9A, 0x72, 0x50, 0xDC};

constexpr std::uint16_t kHostPort = 7112;
constexpr std::size_t kMaxClients = 8;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

class UdpLine final : public HidSocket {
 public:
  UdpLine(File socket, std::uint16_t host_port) : socket_(std::move(socket)), host_(loopback(host_port)) {}

  void add_to(std::vector<pollfd>& waiting) const override { waiting.push_back({socket_.get(), POLLIN, 0}); }

  bool poll(Report& report) override {
    while (!reboots()) {
      const ssize_t got = ::recv(socket_.get(), report.data(), report.size(), MSG_DONTWAIT | MSG_TRUNC);
      // A host that does not listen yet is told so by the next call: that is not ours to care about.
      if (got < 0 && (errno == EINTR || errno == ECONNREFUSED)) continue;
      if (got < 0) return false;
      if (got == static_cast<ssize_t>(kReport) && !is_reboot(report)) return true;
    }
    return false;
  }

  void send(const Report& report) override {
    // As on a wire, a report that nobody takes is lost.
    static_cast<void>(::sendto(socket_.get(), report.data(), report.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
                               reinterpret_cast<const sockaddr*>(&host_), sizeof host_));
  }

 private:
  File socket_;
  sockaddr_in host_;
};

class StreamLine final : public HidSocket {
 public:
  StreamLine(File listener, std::string path) : listener_(std::move(listener)), path_(std::move(path)) {}
  StreamLine(const StreamLine&) = delete;
  StreamLine& operator=(const StreamLine&) = delete;
  ~StreamLine() override { ::unlink(path_.c_str()); }

  void add_to(std::vector<pollfd>& waiting) const override {
    waiting.push_back({listener_.get(), POLLIN, 0});
    for (const Client& client : clients_) waiting.push_back({client.socket.get(), POLLIN, 0});
  }

  bool poll(Report& report) override {
    accept_one();
    for (Client& client : clients_) {
      if (receive(client, report)) return true;
    }
    std::erase_if(clients_, [](const Client& client) { return !client.socket.open(); });
    return false;
  }

  void send(const Report& report) override {
    for (Client& client : clients_) {
      const ssize_t sent =
          ::send(client.socket.get(), report.data(), report.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent != static_cast<ssize_t>(kReport)) client.socket = File();
    }
  }

 private:
  struct Client {
    File socket;
    Report report{};
    std::size_t have = 0;
  };

  void accept_one() {
    File socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (socket.open() && clients_.size() < kMaxClients) clients_.push_back({std::move(socket), {}, 0});
  }

  bool receive(Client& client, Report& report) {
    while (client.socket.open() && !reboots()) {
      const ssize_t got = ::recv(client.socket.get(), client.report.data() + client.have,
                                 kReport - client.have, MSG_DONTWAIT);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return false;
      if (got <= 0) {
        client.socket = File();
        return false;
      }
      client.have += static_cast<std::size_t>(got);
      if (client.have < kReport) continue;
      client.have = 0;
      report = client.report;
      if (!is_reboot(report)) return true;
    }
    return false;
  }

  File listener_;
  std::string path_;
  std::vector<Client> clients_;
};

bool read_port(std::string_view text, std::uint16_t& port) {
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), port);
  return failure == std::errc() && end == text.data() + text.size() && port != 0;
}

}  // namespace

bool HidSocket::is_reboot(const Report& report) {
  if (report != kReboot) return false;
  reboot_asked_ = true;
  return true;
}

std::unique_ptr<HidSocket> open_hid_udp(const std::string& ports, std::string& error) {
  const std::size_t colon = ports.find(':');
  std::uint16_t device = 0;
  std::uint16_t host = kHostPort;
  if (!read_port(ports.substr(0, colon), device) ||
      (colon != std::string::npos && !read_port(ports.substr(colon + 1), host))) {
    error = "'" + ports + "' does not name ports: give DEVICE or DEVICE:HOST, for instance 8111:7112";
    return nullptr;
  }
  File socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const sockaddr_in address = loopback(device);
  if (!socket.open() ||
      ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    error = "cannot receive reports on UDP port " + std::to_string(device) + ": " +
            std::strerror(errno);  // NOLINT: one thread
    return nullptr;
  }
  return std::make_unique<UdpLine>(std::move(socket), host);
}

std::unique_ptr<HidSocket> open_hid_socket(const std::string& path, std::string& error) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    error = "cannot listen on '" + path + "': the path is longer than a socket's may be";
    return nullptr;
  }
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  File listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!listener.open() ||
      ::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener.get(), 4) != 0) {
    error = "cannot listen for reports on '" + path + "': " + std::strerror(errno);  // NOLINT: one thread
    return nullptr;
  }
  return std::make_unique<StreamLine>(std::move(listener), path);
}

}  // namespace sceau::firmware::host
