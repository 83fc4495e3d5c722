#include "peer.h"

#include <sys/socket.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <sstream>

namespace sceau::connect {

std::optional<unsigned> peer_of_unix(int socket) {
  struct ucred peer {};
  socklen_t size = sizeof peer;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return std::nullopt;
  return peer.uid;
}

// Of the two sockets of a connection, the line is that of the other end: its local address is their port, its
// remote one ours. Addresses are 127.0.0.1 in the kernel's order; Java's are that within IPv6.
std::optional<unsigned> peer_in(const std::string& table, std::uint16_t here, std::uint16_t there) {
  constexpr const char* loopback = "0100007F:%04X";
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), loopback, there);
  const std::string local = text.data();
  std::snprintf(text.data(), text.size(), loopback, here);
  const std::string remote = text.data();
  std::istringstream lines(table);
  std::string line;
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string number, from, to, state, queues, timer, retransmitted;
    unsigned user = 0;
    if (!(words >> number >> from >> to >> state >> queues >> timer >> retransmitted >> user)) continue;
    constexpr const char* established = "01";
    constexpr std::string_view mapped = "0000000000000000FFFF0000";
    for (auto* address : {&from, &to}) {
      if (address->starts_with(mapped)) address->erase(0, mapped.size());
    }
    if (from == local && to == remote && state == established) return user;
  }
  return std::nullopt;
}

std::optional<unsigned> peer_of_loopback(std::uint16_t here, std::uint16_t there) {
  for (const char* name : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::ifstream file(name);
    std::ostringstream table;
    table << file.rdbuf();
    if (const auto user = peer_in(table.str(), here, there)) return user;
  }
  return std::nullopt;
}

}  // namespace sceau::connect
