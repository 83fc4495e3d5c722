// Who is at the other end of a connection on this machine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace sceau::connect {

// The user that SO_PEERCRED names; nothing when the system does not tell.
std::optional<unsigned> peer_of_unix(int socket);

// The user whose socket, of this machine, is the other end of a loopback connection, as /proc/net/tcp says
// it; nothing when there is none. Ports in host order.
std::optional<unsigned> peer_of_loopback(std::uint16_t here, std::uint16_t there);

// The same in the text of that file.
std::optional<unsigned> peer_in(const std::string& table, std::uint16_t here, std::uint16_t there);

}  // namespace sceau::connect
