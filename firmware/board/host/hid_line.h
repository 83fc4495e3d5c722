// Lines that carry reports of CTAPHID to a simulated token: UDP, which simulators and test suites of the
// field speak, and a Unix socket, for fido_dev_set_io_functions() and scripts.
//
// Both take the same 64 bytes that reboot a simulator.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "board/host/attendant.h"
#include "board/host/file_operations.h"
#include "fido/hid.h"

namespace sceau::firmware::host {

class HidSocket : public fido::HidLine {
 public:
  virtual ~HidSocket() = default;
  virtual void add_to(std::vector<pollfd>& waiting) const = 0;

  // Whether the reboot report has come; then it is taken back. Until then poll() gives nothing more.
  bool reboot_asked() { return std::exchange(reboot_asked_, false); }
  bool reboots() const { return reboot_asked_; }

 protected:
  bool is_reboot(const fido::Report& report);

 private:
  bool reboot_asked_ = false;
};

// "DEVICE" or "DEVICE:HOST": reports are received on 127.0.0.1, port DEVICE, and sent to port HOST (7112).
// Null: `error` says why.
std::unique_ptr<HidSocket> open_hid_udp(const std::string& ports, std::string& error);

// A stream socket at `path`, reports back to back. As on a USB line every program hears every answer. A
// client that does not read is dropped.
std::unique_ptr<HidSocket> open_hid_socket(const std::string& path, std::string& error);

}  // namespace sceau::firmware::host
