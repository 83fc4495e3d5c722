// Everything that hardware gives the token, in one interface. Porting to a board means filling this in.
//
// Nothing below board/ is seen by an application except through these classes; no class here is deleted
// through its base, so the destructors are protected and no heap is implied.
#pragma once

#include <string_view>

#include "core/bytes.h"
#include "core/status.h"

namespace sceau::firmware {

// NOR flash: programming clears bits (new = old AND given), erasing sets a whole page to ones. Both are
// durable when they return kOk; kHardware means that the bytes concerned may hold anything in between.
class Flash {
 public:
  virtual std::size_t page_size() const = 0;   // bytes, a power of two
  virtual std::size_t page_count() const = 0;  // at most 256
  // Offsets count bytes from the start of the flash and, for program, are multiples of 4, as is its size.
  virtual Status read(std::size_t offset, ByteSpan into) = 0;
  virtual Status program(std::size_t offset, ByteView bytes) = 0;
  virtual Status erase(std::size_t page) = 0;

 protected:
  ~Flash() = default;
};

enum class Touch : std::uint8_t { kTouched, kDenied, kTimedOut };

// Where commands come from. One command at a time: answer() before the next wait().
class Transport {
 public:
  enum class Event : std::uint8_t {
    kCommand,   // bytes of a command APDU are in the buffer
    kTooLong,   // a command longer than the buffer came and was dropped; it still wants an answer
    kPowerOff,  // the reader took power away
    kPowerOn,   // the reader gave power, or reset the card: volatile state must go
    kClosed,    // nothing will ever come again
  };
  struct Received {
    Event event = Event::kClosed;
    std::size_t size = 0;
  };
  virtual Received wait(ByteSpan buffer) = 0;
  virtual Status answer(ByteView response) = 0;

 protected:
  ~Transport() = default;
};

// Whoever certifies devices when they are made: signs the certificate of a new device's attestation key. A
// device in somebody's hands has none; the simulator's is a test maker.
class Maker {
 public:
  virtual ByteView name() const = 0;            // DER Name of the maker's root certificate
  virtual ByteView key_identifier() const = 0;  // its subjectKeyIdentifier
  // ECDSA P-256 over a SHA-256 hash; writes the DER signature (at most 72 bytes) and returns its size.
  virtual Result<std::size_t> sign(ByteView hash, ByteSpan signature) = 0;
  // The P-256 private key that all devices of a batch attest FIDO credentials with; empty: each makes its
  // own.
  virtual ByteView batch_key() const { return {}; }

 protected:
  ~Maker() = default;
};

// Whoever has something to do while a touch is awaited: a transport that must tell its host to be patient.
class Meanwhile {
 public:
  // Called about every kMeanwhile milliseconds. False: nobody waits for the touch any more.
  virtual bool go_on() = 0;

 protected:
  ~Meanwhile() = default;
};
inline constexpr std::uint32_t kMeanwhile = 40;

class Board {
 public:
  virtual Flash& flash() = 0;
  virtual Status random(ByteSpan into) = 0;  // from a source fit for keys; kHardware when it fails
  virtual std::uint64_t milliseconds() = 0;  // since any fixed point; never goes back
  // Asks the person for a touch and waits at most `milliseconds`.
  virtual Touch wait_for_touch(std::uint32_t milliseconds) = 0;
  // The same, and `meanwhile` is called all the while; kTimedOut also when it wants no more.
  virtual Touch wait_for_touch_while(std::uint32_t milliseconds, Meanwhile& meanwhile) {
    const std::uint64_t end = this->milliseconds() + milliseconds;
    for (;;) {
      const Touch touch = wait_for_touch(kMeanwhile);
      if (touch != Touch::kTimedOut || !meanwhile.go_on() || this->milliseconds() >= end) return touch;
    }
  }
  virtual void display(std::span<const std::string_view> lines) = 0;  // replaces what was shown
  virtual ByteView unique_secret() = 0;  // 32 bytes that no other device has and nobody can read out
  virtual std::uint32_t serial() = 0;
  virtual Maker* maker() = 0;  // null outside the factory
  // SHA-256 of the firmware that runs, for what the token states of itself; empty where a board cannot tell.
  virtual ByteView firmware_digest() { return {}; }

 protected:
  ~Board() = default;
};

}  // namespace sceau::firmware
