// A token whose firmware runs on a board under QEMU, spoken to as to any: commands in, answers out. Display,
// button, fuses, random seed and maker are the host board's.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "board/bridge/machine.h"
#include "board/bridge/shared_memory.h"
#include "board/host/host_board.h"
#include "usb/usb.h"

namespace sceau::firmware::bridge {

class BridgedToken final : public Meanwhile {
 public:
  // Borrows all. The machine was started on memory that prepare() has filled in. `patience`: milliseconds
  // that the token may be silent at work; each time extension begins them anew.
  BridgedToken(host::HostBoard& board, SharedMemory& memory, Machine& machine, int patience)
      : board_(board), memory_(memory), machine_(machine), patience_(patience) {}

  // Fills in what the firmware takes at power-on. Before the machine is started; false: no random bytes.
  static bool prepare(host::HostBoard& board, SharedMemory& memory, bool short_only);

  // Waits until the firmware has started. False: error() tells.
  bool start();
  std::vector<std::uint8_t> answer_to_reset() const;

  // The answer; none: the board has gone or stopped, error() tells.
  std::optional<std::vector<std::uint8_t>> exchange(ByteView command);
  // The answer to a command that no mailbox has room for.
  std::optional<std::vector<std::uint8_t>> too_long() { return converse(mps2::Ring::kTooLong); }
  // Power came or went.
  void power(bool on) { machine_.ring(on ? mps2::Ring::kPowerOn : mps2::Ring::kPowerOff); }

  // One USB transfer; kStall also when the board has gone, or says what cannot be. `in` takes what the device
  // gives: never more bytes than it has room for.
  usb::Transfer transfer(mps2::TransferKind kind, std::uint8_t endpoint, const usb::Setup& setup,
                         ByteView out, ByteSpan in);
  // Serves what the firmware asks, without waiting; a touch is waited for. False: the board has gone.
  bool listen();
  // Who is to be served while a command of the reader's runs; null: nobody. Borrows it.
  void attend_with(Meanwhile* others) { others_ = others; }
  // While a touch is awaited: whether the firmware still wants it.
  bool go_on() override;

  const std::string& error() const { return error_; }
  // Since the start: time extensions asked for, and the most stack used on the board.
  std::size_t extensions() const { return extensions_; }
  std::size_t stack_used() const { return stack_used_; }

 private:
  std::optional<std::vector<std::uint8_t>> converse(mps2::Ring question);
  bool await(mps2::Ring wanted, bool stoppable);
  bool take_kept(mps2::Ring wanted);
  bool is_end(mps2::Ring ring);
  bool note(mps2::Ring ring);
  void serve(mps2::Ring ring);
  void show();
  mps2::Ring touch();
  void sign();

  host::HostBoard& board_;
  SharedMemory& memory_;
  Machine& machine_;
  int patience_;
  std::string error_;
  Meanwhile* others_ = nullptr;
  std::deque<mps2::Ring> kept_;  // answers that came while another was awaited
  bool touch_asked_ = false;
  bool touch_over_ = false;
  std::size_t extensions_ = 0;
  std::size_t stack_used_ = 0;
};

}  // namespace sceau::firmware::bridge
