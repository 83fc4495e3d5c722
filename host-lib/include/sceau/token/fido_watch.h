// Notices FIDO2 keys that come and go outside readers: devices under /dev, and the sockets that SCEAU_FIDO2
// names.
//
// By inotify, so that nothing is asked while nothing happens; what changed may also have been another device.
// Where the kernel gives no such watch, nothing is ever noticed. Not for use by two threads at once.
#pragma once

#include <chrono>

#include "sceau/base/files.h"

namespace sceau::token {

class FidoWatch {
 public:
  FidoWatch();
  [[nodiscard]] bool works() const { return works_; }
  // Whether something came or went since it was asked last (or since the watch began); waits for it that
  // long.
  bool wait(std::chrono::milliseconds timeout);
  bool changed() { return wait(std::chrono::milliseconds{0}); }

 private:
  FileDescriptor file_;
  bool works_ = false;
};

}  // namespace sceau::token
