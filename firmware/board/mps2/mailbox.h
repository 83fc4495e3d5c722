// What a board of this family and its bridge on the host share: one file of 16 MiB, which is the board's
// PSRAM.
//
// At kFlashOffset lies the token's NOR flash (nor_flash.h); at kMailboxOffset the Mailbox. Whoever has
// something to say writes it there and then rings one byte (Ring) over the UART; the other side reads only
// after the ring. The two never write the same field at the same time: the bridge is the reader, the token
// answers it.
//
// All numbers are little-endian 32-bit words, as both processors have them. This header is read by the
// firmware and by the bridge.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace sceau::firmware::mps2 {

inline constexpr std::size_t kSharedSize = 16UL * 1024 * 1024;
inline constexpr std::size_t kFlashOffset = 0;
inline constexpr std::size_t kFlashPageSize = 4096;
inline constexpr std::size_t kFlashPages = 64;
inline constexpr std::size_t kMailboxOffset = 0x100000;

enum class Ring : char {
  kNone = 0,
  // from the bridge: what asks for something in capitals, replies in small letters
  kCommand = 'C',   // a command APDU is in `command`
  kTooLong = 'L',   // a command came that `command` has no room for
  kPowerOff = 'F',  // the reader took power away
  kPowerOn = 'P',   // the reader gave power, or reset the card
  kTouched = 't',   // to kTouch
  kDenied = 'd',
  kTimedOut = 'o',
  kSigned = 'm',  // to kMaker: `signature` holds it
  kTransfer =
      'U',  // a USB transfer is in `transfer`; the token answers kMoved at once, whatever else it does
  // from the token
  kReady = 'R',          // started: `start_status` tells how; `answer_to_reset` is filled in
  kAnswer = 'A',         // the answer is in `answer`
  kTimeExtension = 'W',  // still at work on the command
  kDisplay = 'D',        // `lines` changed; wants no reply
  kTouch = 'T',          // asks for a touch within `touch_milliseconds`
  kTouchOver = 'c',      // wants that touch no more; the reply still comes
  kMoved = 'u',          // to kTransfer: `transfer` tells what was moved
  kUsbReady = 'n',       // an endpoint that had no data, or no room, may have now; wants no reply
  kMaker = 'M',          // asks the maker to sign `hash`
  kNotSigned = 'X',      // the loader: there is no firmware, or it was altered; nothing was started
  kOlder = 'O',          // the loader: the firmware is older than one that ran; nothing was started
  kFault = '!',          // the processor stopped at a fault; nothing will come any more
};

inline constexpr std::uint32_t kMailboxMagic = 0x31424D53;  // "SMB1"
inline constexpr std::uint32_t kFlagShortOnly = 1;
inline constexpr std::uint32_t kFlagMaker = 2;

enum class TransferKind : std::uint32_t { kControl, kOut, kIn, kBusReset };

// One USB transfer, for the device that the token is (usb/device.h).
struct UsbTransfer {
  TransferKind kind;
  std::uint32_t endpoint;
  std::array<std::uint8_t, 8> setup;
  std::uint32_t size;     // of the data handed over, or the most that is wanted; afterwards the bytes moved
  std::uint32_t outcome;  // usb::Outcome as a number
  std::array<std::uint8_t, 4096> data;
};

struct Mailbox {
  // The bridge fills these in before power-on; the token takes them and makes secret and seed zero.
  std::uint32_t magic;
  std::uint32_t flags;
  std::uint32_t serial;
  std::array<std::uint8_t, 32> secret;  // stands for fuses
  std::array<std::uint8_t, 48> seed;    // stands for a source of random bits; all zeros: there is none
  std::uint32_t maker_name_size;
  std::array<std::uint8_t, 96> maker_name;
  std::array<std::uint8_t, 20> maker_key_identifier;

  std::uint32_t start_status;  // Status as a number
  std::uint32_t answer_to_reset_size;
  std::array<std::uint8_t, 32> answer_to_reset;
  std::uint32_t stack_used;  // the most bytes of stack used since power-on, as of the last ring

  std::uint32_t command_size;
  std::array<std::uint8_t, 4096> command;
  std::uint32_t answer_size;
  std::array<std::uint8_t, 4096> answer;

  std::uint32_t lines_size;  // of the text shown, each line ended with a line feed
  std::array<std::uint8_t, 2048> lines;
  std::uint32_t touch_milliseconds;

  std::array<std::uint8_t, 32> hash;
  std::uint32_t signature_size;  // 0: the maker failed
  std::array<std::uint8_t, 72> signature;

  UsbTransfer transfer;
};
static_assert(offsetof(Mailbox, secret) == 12 && offsetof(Mailbox, command) == 260 &&
                  offsetof(Mailbox, answer) == 4360 && offsetof(Mailbox, transfer) == 10620 &&
                  sizeof(Mailbox) == 14740,
              "both sides see the same places");

}  // namespace sceau::firmware::mps2
