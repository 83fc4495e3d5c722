#include "board/mps2/doorbell.h"

#include <addresses.h>

#include "board/mps2/registers.h"

namespace sceau::firmware::mps2::doorbell {

namespace {

constexpr std::uintptr_t kData = kUart;
constexpr std::uintptr_t kState = kUart + 0x4;
constexpr std::uintptr_t kControl = kUart + 0x8;
constexpr std::uintptr_t kInterrupts = kUart + 0xC;
constexpr std::uintptr_t kBaudDivider = kUart + 0x10;
constexpr std::uint32_t kSendFull = 1;
constexpr std::uint32_t kReceiveFull = 2;
constexpr std::uint32_t kReceiveInterrupt = 2;
constexpr std::uint32_t kEnableSender = 1;
constexpr std::uint32_t kEnableAll = 1 | 2 | 8;  // sender, receiver, the receiver's interrupt
constexpr std::uint32_t kFastest = 16;

TransferListener* listener = nullptr;
constexpr std::uint32_t kPlaces = 8;
volatile char received[kPlaces];
volatile std::uint32_t came = 0;   // written by the interrupt handler alone
volatile std::uint32_t taken = 0;  // written by who waits alone

bool is_power(char ring) {
  return ring == static_cast<char>(Ring::kPowerOff) || ring == static_cast<char>(Ring::kPowerOn);
}

// Power that comes or goes several times before anybody looks did so once. What there is no place for is
// lost.
void put(char ring) {
  const bool again = came != taken && is_power(ring) && is_power(received[(came - 1) % kPlaces]);
  if (again || came - taken == kPlaces) return;
  received[came % kPlaces] = ring;
  came = came + 1;
}

// The bridge's replies are the rings with small letters.
bool is_reply(Ring ring) { return static_cast<char>(ring) >= 'a'; }

}  // namespace

void start() {
  word_at(kBaudDivider) = kFastest;
  word_at(kControl) = kEnableAll;
  enable_interrupt(kUartReceiveInterrupt);
}

void listen(TransferListener& who) {
  const InterruptsOff alone;
  listener = &who;
}

void start_sending() {
  word_at(kBaudDivider) = kFastest;
  word_at(kControl) = kEnableSender;
}

void ring(Ring what) {
  memory_barrier();
  const InterruptsOff alone;  // the clock's interrupt rings, too
  while ((word_at(kState) & kSendFull) != 0) {
  }
  word_at(kData) = static_cast<std::uint32_t>(what);
}

namespace {

// The first ring, or the first reply; kNone: none was there before an interrupt came.
Ring take(bool replies_alone) {
  const InterruptsOff alone;
  for (std::uint32_t at = taken; at != came; ++at) {
    const auto ring = static_cast<Ring>(received[at % kPlaces]);
    if (replies_alone && !is_reply(ring)) continue;
    for (; at != taken; --at) received[at % kPlaces] = received[(at - 1) % kPlaces];  // those before it stay
    taken = taken + 1;
    memory_barrier();
    return ring;
  }
  wait_for_interrupt();  // a pending interrupt ends it; it is served when `alone` is over
  return Ring::kNone;
}

}  // namespace

Ring wait_for_reply() { return take(true); }

Ring wait() {
  Ring ring = Ring::kNone;
  while (ring == Ring::kNone) ring = take(false);
  return ring;
}

void wake() {
  if (came == taken) put(static_cast<char>(Ring::kTransfer));
}

void on_receive() {
  word_at(kInterrupts) = kReceiveInterrupt;
  while ((word_at(kState) & kReceiveFull) != 0) {
    const char ring = static_cast<char>(word_at(kData));
    if (ring != static_cast<char>(Ring::kTransfer)) {
      put(ring);
    } else if (listener != nullptr) {
      memory_barrier();
      listener->on_transfer();
    }
  }
}

}  // namespace sceau::firmware::mps2::doorbell
