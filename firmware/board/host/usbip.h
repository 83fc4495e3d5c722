// The token's USB device over USB/IP (Linux, Documentation/usb/usbip_protocol.rst, version 1.1.1): a Linux PC
// attaches it as if it were plugged in. One PC at a time; loopback alone.
//
// Transfers of the PC wait here until the device has moved them; that an OUT transfer was taken is told
// before what it asks for is done, so that no PC waits for a touch with a write under way.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "board/host/file_operations.h"
#include "board/host/service.h"
#include "board/host/usb_target.h"

namespace sceau::firmware::host {

class UsbIp final : public Service {
 public:
  // `port`: of 127.0.0.1. Null: `error` says why.
  static std::unique_ptr<UsbIp> open(const std::string& port, std::string& error);

  explicit UsbIp(File listener);
  ~UsbIp() override;

  void attach(Board& board, Token& token) override;
  // Serves this device from now on, which may be elsewhere.
  void plug(std::unique_ptr<UsbTarget> target);
  void add_to(std::vector<pollfd>& waiting) const override;
  int patience() const override;
  void attend() override;
  bool rebooting() const override { return false; }
  // While a touch is awaited, whoever asked for it: the PC is told to wait.
  bool go_on() override;

 private:
  // A transfer that has not been moved.
  struct Pending {
    std::uint32_t sequence = 0;
    std::uint8_t endpoint = 0;
    bool in = false;
    std::size_t length = 0;
    std::vector<std::uint8_t> data;
  };

  void move();
  void read_some();
  std::size_t handle(ByteView bytes);
  std::size_t handle_operation(ByteView bytes);
  std::size_t handle_transfer(ByteView bytes);
  void submit(std::uint32_t sequence, std::uint8_t endpoint, bool in, std::size_t length, ByteView setup,
              ByteView data);
  void unlink(std::uint32_t sequence, std::uint32_t which);
  bool try_one(const Pending& pending);
  void complete(std::uint32_t sequence, std::int32_t status, std::size_t length, ByteView data);
  void describe(std::vector<std::uint8_t>& into) const;
  void send(ByteView bytes);
  void hang_up();

  File listener_;
  File client_;
  bool imported_ = false;
  std::vector<std::uint8_t> received_;
  std::deque<Pending> pending_;
  std::unique_ptr<UsbTarget> plugged_;
};

}  // namespace sceau::firmware::host
