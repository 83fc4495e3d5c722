// The transport to vpcd, the virtual reader that Debian ships for pcscd: the reader listens, the card
// connects. Each message is a two-byte big-endian length and that many bytes; from the reader, messages of
// one byte are control: 0 power off, 1 power on, 2 reset, 4 give the answer to reset.
#pragma once

#include <string>
#include <vector>

#include "board/board.h"
#include "board/host/attendant.h"
#include "board/host/file_operations.h"
#include "board/host/stop.h"

namespace sceau::firmware::host {

class Vpcd final : public Transport {
 public:
  // "PORT" or "HOST:PORT"; HOST must be on this machine. On a bad address, error() says so.
  Vpcd(const std::string& address, ByteView answer_to_reset, const Stop& stop);

  const std::string& error() const { return error_; }
  // Serves others too while the reader is silent; null: nobody. Borrows it.
  void attend_with(Attendant* attendant) { attendant_ = attendant; }
  // Takes the card out of the reader; the next wait() puts it back.
  void unplug() { socket_ = File(); }

  // Connects when there is no connection, waiting at most kPatience for a reader to come up. kClosed: a stop
  // was asked for, the attendant's token reboots, or no reader came; then error() tells.
  Received wait(ByteSpan buffer) override;
  Status answer(ByteView response) override;

 private:
  static constexpr int kPatience = 30000;  // milliseconds
  static constexpr int kRetry = 20;        // milliseconds

  bool connect();
  bool connect_once();
  bool receive(std::size_t size);
  bool wait_readable();
  // Waits for `descriptor`, for the attendant's too, and for a stop, at most `milliseconds` (-1: for ever).
  bool wait_for(int descriptor, int milliseconds);
  bool leaving() const { return stop_.requested() || (attendant_ != nullptr && attendant_->rebooting()); }

  std::string host_;
  std::uint16_t port_ = 0;
  std::vector<std::uint8_t> answer_to_reset_;
  const Stop& stop_;
  Attendant* attendant_ = nullptr;
  std::vector<pollfd> waiting_;
  std::string error_;
  File socket_;
  std::vector<std::uint8_t> message_;
};

}  // namespace sceau::firmware::host
