// CTAPHID (CTAP 2.1, 11.2): messages in reports of 64 bytes, for many programs on one line.
//
// Invariants: one message is put together, and one command runs, at a time; whoever else asks meanwhile is
// told that the channel is busy. An answer goes out as the line has room, from where it was made, and the
// next message begins when all of it was read. A message that stops coming is dropped after kPacketWait, and
// so is an answer that nobody reads on while something new waits. While a touch is
// awaited the host gets KEEPALIVE every kKeepalive, and may CANCEL. Reports on channels that were not given
// out are answered with ERR_INVALID_CHANNEL; continuations that nobody waits for are left aside.
#pragma once

#include "fido/authenticator.h"

namespace sceau::firmware::fido {

inline constexpr std::size_t kReport = 64;
inline constexpr std::size_t kAhead = 4;
using Report = std::array<std::uint8_t, kReport>;

// What carries reports: a USB endpoint, or a socket that stands for one.
class HidLine {
 public:
  // The next report that has come, if one has; it does not wait.
  virtual bool poll(Report& report) = 0;
  virtual void send(const Report& report) = 0;
  // How many of those sent the host has not read, where the line keeps them for it. A line that does has room
  // for kAhead; when one is sent beyond them, the oldest gives way.
  virtual std::size_t unread() const { return 0; }
  // Between working(true) and working(false) nothing uses the line, nor the CtapHid on it but keep_alive(): a
  // board may serve both from an interrupt.
  virtual void working(bool) {}

 protected:
  ~HidLine() = default;
};

class CtapHid final : public Patience {
 public:
  static constexpr std::uint64_t kPacketWait = 500;  // milliseconds
  static constexpr std::uint64_t kKeepalive = 80;    // milliseconds
  static constexpr std::uint32_t kMaxChannels = 0x00FFFFFF;

  // Borrows all. A message of at most `message.size()` bytes is put together there; the answer is made in
  // `answer`: both of at least kMaxMessage bytes, for this object alone while a command runs. Channels are
  // numbered above `base`, so that they differ between lines.
  CtapHid(Board& board, Authenticator& authenticator, HidLine& line, ByteSpan message, ByteSpan answer,
          std::uint32_t base)
      : board_(board),
        authenticator_(authenticator),
        line_(line),
        message_(message),
        answer_(answer),
        base_(base) {}
  CtapHid(const CtapHid&) = delete;
  CtapHid& operator=(const CtapHid&) = delete;

  // One report from the host; everything that follows from it is done when this returns, and sent but for
  // what the line has no room for. Not while answering().
  void receive(const Report& report);
  // Whether the host has not read all of an answer.
  bool answering() const { return state_ == State::kAnswering; }
  // The host has read a report: more of the answer, if there is.
  void go_on_answering();
  // Something new waits: gives up an answer of which nothing was read for kPacketWait. Whether it did; then
  // what the line keeps of it is to be dropped.
  bool give_up_answer();
  // To be called now and then: a message that stopped coming is given up.
  void tick();
  // Whether tick() has something to wait for.
  bool waiting() const { return state_ == State::kReceiving; }
  bool running() const { return state_ == State::kRunning; }
  // Whether the report is of the channel whose message is being put together.
  bool expects(const Report& report) const;
  // The token has worked for somebody else, and looked at nothing: a message may be as long again in coming.
  void resume() { since_ = board_.milliseconds(); }
  // One report that comes while the token works for somebody else, and that it does not expect: an answer
  // that says so.
  void refuse(const Report& report);
  // The host went, or begins anew: no channel is open, none has a lock, nothing is being put together; a
  // command that runs is cancelled and has no answer. In the middle of one only where the line may be used.
  void reset();

  // To be called between working(true) and working(false) of the line: the host hears that its command goes
  // on.
  void keep_alive();

  bool go_on() override;
  bool cancelled() const override { return cancelled_; }

 private:
  enum class State : std::uint8_t { kIdle, kReceiving, kRunning, kAnswering };
  struct Packet;

  void begin(const Packet& packet);
  void append(ByteView bytes);
  void drop_message();
  void interrupted(const Packet& packet);
  void initialise(std::uint32_t channel, ByteView nonce);
  void run();
  void run_cbor();
  void run_message();
  void lock(ByteView seconds);
  bool known(std::uint32_t channel) const { return channel > base_ && channel <= base_ + given_; }
  bool locked_for(std::uint32_t channel);
  void send(std::uint32_t channel, std::uint8_t command, ByteView data);
  void send_part(std::uint32_t channel, Report& report, std::size_t head);
  void send_error(std::uint32_t channel, CtapStatus error);

  Board& board_;
  Authenticator& authenticator_;
  HidLine& line_;
  ByteSpan message_;
  ByteSpan answer_;
  std::uint32_t base_;
  std::uint32_t given_ = 0;  // channels given out

  State state_ = State::kIdle;
  std::uint32_t channel_ = 0;
  std::uint8_t command_ = 0;
  std::size_t expected_ = 0;
  std::size_t received_ = 0;
  std::uint8_t sequence_ = 0;  // of the next packet that comes, then of the next of the answer
  ByteView rest_;              // of what is being sent
  std::uint64_t since_ = 0;    // of the last packet in either direction, or of the last KEEPALIVE
  bool cancelled_ = false;
  bool restarted_ =
      false;  // by INIT on the channel whose command runs, or by reset(): that has no answer any more
  std::array<std::uint8_t, 8> nonce_{};

  std::uint32_t lock_channel_ = 0;  // 0: not locked
  std::uint64_t locked_until_ = 0;
};

}  // namespace sceau::firmware::fido
