#include "board/mps2/clock.h"

#include <addresses.h>

#include "board/mps2/doorbell.h"
#include "board/mps2/registers.h"

namespace sceau::firmware::mps2::clock {

namespace {

constexpr std::uintptr_t kControl = 0xE000E010;
constexpr std::uintptr_t kReload = 0xE000E014;
constexpr std::uintptr_t kCurrent = 0xE000E018;
constexpr std::uintptr_t kInterruptState = 0xE000ED04;
constexpr std::uint32_t kTickPending = 1U << 26;
constexpr std::uint32_t kEnable = 1 | 2 | 4;  // counting, with its interrupt, the processor's clock
constexpr std::uint32_t kTick = 50;           // milliseconds
constexpr std::uint32_t kCycles = kTick * kCyclesPerMillisecond;
static_assert(kCycles < (1U << 24), "SysTick counts 24 bits");

volatile std::uint32_t ticks = 0;
volatile bool at_work = false;
TickListener* listener = nullptr;

}  // namespace

void start() {
  word_at(kReload) = kCycles - 1;
  word_at(kCurrent) = 0;
  word_at(kControl) = kEnable;
}

// Where interrupts are off, a tick may be there and not counted yet: then the counter is read after it.
std::uint64_t milliseconds() {
  for (;;) {
    const std::uint32_t before = ticks;
    const std::uint32_t current = word_at(kCurrent);
    const bool uncounted = (word_at(kInterruptState) & kTickPending) != 0;
    const std::uint32_t left = uncounted ? word_at(kCurrent) : current;
    if (before != ticks) continue;
    return (static_cast<std::uint64_t>(before) + (uncounted ? 1 : 0)) * kTick +
           (kCycles - 1 - left) / kCyclesPerMillisecond;
  }
}

void listen(TickListener& who) {
  const InterruptsOff alone;
  listener = &who;
}

void set_busy(bool now) { at_work = now; }
bool busy() { return at_work; }

void on_tick() {
  ticks = ticks + 1;
  if (at_work) doorbell::ring(Ring::kTimeExtension);
  if (listener != nullptr) listener->on_tick();
}

}  // namespace sceau::firmware::mps2::clock
