// Command and response APDUs (ISO 7816-4 clause 5): what an application sees of them.
#pragma once

#include "core/bytes.h"
#include "core/status.h"

namespace sceau::firmware {

// Status words, by the names of ISO 7816-4 clause 5.6 and SP 800-73-5 part 2.
using StatusWord = std::uint16_t;
namespace sw {
inline constexpr StatusWord kOk = 0x9000;
inline constexpr StatusWord kBytesRemain = 0x6100;  // low byte: how many, 0 for 256 or more
inline constexpr StatusWord kTriesLeft = 0x63C0;    // low half-byte: how many
inline constexpr StatusWord kMemoryFailure = 0x6581;
inline constexpr StatusWord kWrongLength = 0x6700;
inline constexpr StatusWord kChannelNotSupported = 0x6881;
inline constexpr StatusWord kSecureMessagingNotSupported = 0x6882;
inline constexpr StatusWord kLastOfChainExpected = 0x6883;
inline constexpr StatusWord kSecurityStatus = 0x6982;
inline constexpr StatusWord kBlocked = 0x6983;
inline constexpr StatusWord kConditions = 0x6985;
inline constexpr StatusWord kWrongData = 0x6A80;
inline constexpr StatusWord kFunctionNotSupported = 0x6A81;
inline constexpr StatusWord kNotFound = 0x6A82;
inline constexpr StatusWord kFull = 0x6A84;
inline constexpr StatusWord kWrongP1P2 = 0x6A86;
inline constexpr StatusWord kReferenceNotFound = 0x6A88;
inline constexpr StatusWord kInstruction = 0x6D00;
inline constexpr StatusWord kClass = 0x6E00;
inline constexpr StatusWord kInternal = 0x6F00;
}  // namespace sw

struct Command {
  std::uint8_t cla = 0;
  std::uint8_t ins = 0;
  std::uint8_t p1 = 0;
  std::uint8_t p2 = 0;
  ByteView data;
  bool extended = false;         // Lc or Le takes two bytes
  bool expects = false;          // Le is there
  std::uint32_t expected = 256;  // Ne: the most bytes the host will take; 256 where Le is absent

  bool chained() const { return (cla & 0x10) != 0; }
};

// Cases 1 to 4, short and extended. kInvalid: the bytes are none of these.
Result<Command> parse_command(ByteView bytes);

// One application on the card, chosen by its AID. It owns its buffers and shares none.
class Application {
 public:
  virtual ByteView aid() const = 0;
  // The shortest right-truncated form of the AID that selects it, in bytes.
  virtual std::size_t shortest_aid() const = 0;
  // Whether commands of class 80 are for it too (ISO 7816-4 clause 5.4.1: proprietary).
  virtual bool takes_own_class() const { return false; }
  // Selected, perhaps again (`again`: it was the selected one already): writes the answer to SELECT.
  virtual StatusWord select(bool again, Writer& response) = 0;
  // Another application takes over, or power went.
  virtual void deselect() = 0;
  // A whole command, chaining undone. Writes at most the response's data; the status word is returned.
  virtual StatusWord process(const Command& command, Writer& response) = 0;

 protected:
  ~Application() = default;
};

// The status word that a failure of store or crypto becomes.
StatusWord status_word(Status status);

}  // namespace sceau::firmware
