// How libfido2 reaches what Debian's build of it does not: cards in readers, and Unix sockets.
#pragma once

#include <fido.h>

#include <string>

#include "fido_device.h"

namespace sceau::token {

// The path by which fido_dev_open() is given a wire that lives in this process.
std::string path_of(const FidoWire& wire);
// To be set together on a device that is opened by such a path.
const fido_dev_io_t& wire_io();
const fido_dev_transport_t& wire_transport();

// For a device that is opened by the path of a Unix socket.
const fido_dev_io_t& socket_io();

}  // namespace sceau::token
