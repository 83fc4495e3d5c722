// Commands to a card and its answers (ISO/IEC 7816-4), over any Channel.
//
// exchange() hides how long data travels: one extended-length command where the card announces it, else
// command chaining (CLA bit 0x10) and GET RESPONSE. What a hostile card sends is bounded: at most
// kMaxResponse bytes and kMaxParts answers make up one response.
#pragma once

#include <optional>
#include <string>

#include "sceau/base/bytes.h"
#include "sceau/base/result.h"

namespace sceau::token {

inline constexpr std::size_t kMaxResponse = 65536;
inline constexpr int kMaxParts = 300;

// Whether a card still is as we left it when we get hold of it again.
enum class CardState { kept, reset };

// The wire to one card: whole APDUs in, whole answers out. Tests script their own.
// Every method may fail with unavailable, naming the reader, when card, reader or service is gone.
class Channel {
 public:
  Channel() = default;
  virtual ~Channel() = default;
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  // One command APDU; the answer includes its two status bytes.
  virtual Result<Bytes> transmit(ByteView command) = 0;
  // Holds the card against other processes until end(). Says whether somebody reset it in between, so
  // that nothing selected or verified before may be relied on.
  virtual Result<CardState> begin() { return CardState::kept; }
  virtual void end() {}
  // Whether the reader has keys of its own to type a PIN on, and knows how to verify it (PC/SC part 10).
  virtual Result<bool> has_pin_pad() { return false; }
  // Has the PIN typed there: a PIN_VERIFY_STRUCTURE in, the two status bytes out, of the card or the reader.
  virtual Result<Bytes> verify_on_pad(ByteView /*structure*/) {
    return Error{ErrorKind::refused,
                 "reader \"" + name() + "\" has no PIN pad: type the PIN on the keyboard"};
  }
  // The same for changing it: a PIN_MODIFY_STRUCTURE in.
  virtual Result<bool> can_change_on_pad() { return false; }
  virtual Result<Bytes> change_on_pad(ByteView /*structure*/) {
    return Error{ErrorKind::refused,
                 "reader \"" + name() + "\" cannot change a PIN by itself: type both on the keyboard"};
  }
  // The reader's name, for messages.
  [[nodiscard]] virtual std::string name() const = 0;
  // Whether the card announced extended length fields.
  [[nodiscard]] virtual bool extended_length() const = 0;
};

// A command. `data` is borrowed: it must outlive the call that sends it.
struct Command {
  std::uint8_t cla = 0;
  std::uint8_t ins = 0;
  std::uint8_t p1 = 0;
  std::uint8_t p2 = 0;
  ByteView data{};
  bool expects_data = true;  // whether the command carries Le
  std::uint8_t wanted = 0;   // Le; 0: as much as there is
};

struct Response {
  Bytes data;
  std::uint16_t status = 0;
  [[nodiscard]] bool success() const { return status == 0x9000; }
};

// Sends one command and collects the whole response. Fails with unavailable as the channel does, and
// with corrupt when the card's answer is shorter than a status, endless or too long. A status other than
// 9000 is no failure here.
Result<Response> exchange(Channel& channel, const Command& command);

// Whether an answer to reset announces extended length (ISO/IEC 7816-4, 12.1.1.9: card capabilities,
// third software function byte, bit 7, in the compact-TLV historical bytes). Any malformed ATR: no.
bool announces_extended_length(ByteView atr);

// "6A82" and, where ISO 7816-4 or PIV give it a meaning, " (object not found)".
std::string status_text(std::uint16_t status);

}  // namespace sceau::token
