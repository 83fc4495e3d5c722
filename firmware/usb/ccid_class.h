// The CCID class (CCID 1.10), on the level of short and extended APDUs: a reader whose card cannot be taken
// out, slot 0.
//
// One message is put together at a time; work() answers it, in the memory where it lay; the answer waits
// there until the host has read all of it, or begins its next message: then what is left of it is dropped.
// While a command of the card runs, or waits for its turn, nothing more is taken, and extend() keeps the host
// patient. A message that breaks the class's form is answered with the error that names the field (table
// 6.2-2), and changes nothing. Messages and answers are wiped as soon as nobody needs them, read or not.
#pragma once

#include "board/board.h"
#include "usb/descriptors.h"

namespace sceau::firmware::usb {

// The card in the slot.
class CardSlot {
 public:
  virtual ByteView answer_to_reset() const = 0;
  virtual void power(bool on) = 0;
  // `answer` begins where `command` does: of the command nothing is read once the answer is being written.
  virtual std::size_t exchange(ByteView command, ByteSpan answer) = 0;

 protected:
  ~CardSlot() = default;
};

class CcidFunction final : public Function {
 public:
  static constexpr std::size_t kHeader = 10;

  // Borrows both; `buffer` of kMaxCcidMessage bytes.
  CcidFunction(CardSlot& card, ByteSpan buffer) : card_(card), buffer_(buffer) {}
  CcidFunction(const CcidFunction&) = delete;
  CcidFunction& operator=(const CcidFunction&) = delete;

  bool control(const Setup& setup, ByteView out, Writer& in) override;
  Transfer out(ByteView data) override;
  Transfer in(ByteSpan into) override;
  void work() override;
  void reset() override;

  // Whether a command of the card runs: it was begun, and its answer is not there yet.
  bool running() const { return running_; }
  // Whether work() has to take the card's power, which a reset does not: it may come while a command of any
  // kind runs.
  bool power_off_due() const { return power_off_due_; }
  // While one runs or waits: asks the host for more time, unless it was asked and has not heard it yet.
  void extend();

 private:
  void run();
  void take_power();
  void drop_message();
  void drop_answer();
  void transfer_block();
  void write_header(ByteSpan at, std::uint8_t type, std::uint8_t failed, std::uint8_t error,
                    std::size_t size) const;
  void respond(std::uint8_t type, std::uint8_t failed, std::uint8_t error, std::size_t size);
  void respond_parameters(bool taken);

  CardSlot& card_;
  ByteSpan buffer_;           // a message, then its answer
  std::size_t received_ = 0;  // bytes of a message; 0 once its answer is there
  std::array<std::uint8_t, kHeader> patience_{};
  ByteSpan unread_;  // of the answer, or of patience_
  bool powered_ = false;
  bool running_ = false;
  bool waiting_ = false;    // a whole message is there
  bool abandoned_ = false;  // the bus was reset while a command ran
  bool power_off_due_ = false;
  std::uint8_t protocol_ = 1;
  std::uint8_t sequence_ = 0;
};

}  // namespace sceau::firmware::usb
