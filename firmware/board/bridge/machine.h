// QEMU as a child process: the board's processor. Its UART is our doorbell.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "board/host/file_operations.h"
#include "board/host/stop.h"
#include "board/mps2/mailbox.h"

namespace sceau::firmware::bridge {

struct MachineOptions {
  std::string machine = "mps2-an505";
  std::string image;   // what the processor starts, ELF
  std::string memory;  // the file that is the PSRAM
};

class Machine {
 public:
  // Starts it; error() is one line when that fails. The child ends with this object, and with this process
  // however that ends.
  Machine(const MachineOptions& options, const host::Stop& stop);
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  const std::string& error() const { return error_; }
  // False: the machine has ended.
  bool ring(mps2::Ring what);
  enum class Silence { kNone, kEnded, kTimedOut, kStopped };
  // The next ring; none: why() tells. A stop is looked at only where `stoppable`.
  std::optional<mps2::Ring> wait(int milliseconds, bool stoppable);
  Silence why() const { return why_; }
  // Can be read when a ring waits.
  int descriptor() const { return from_.get(); }

 private:
  const host::Stop& stop_;
  host::File to_;
  host::File from_;
  pid_t child_ = -1;
  Silence why_ = Silence::kNone;
  std::string error_;
};

}  // namespace sceau::firmware::bridge
