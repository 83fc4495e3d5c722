#include "board/mps2/clock.h"

#include <addresses.h>

#include "board/mps2/doorbell.h"
#include "board/mps2/registers.h"

namespace sceau::firmware::mps2::clock {

namespace {

constexpr std::uintptr_t kControl = 0xE000E010;
constexpr std::uintptr_t kReload = 0xE000E014;
constexpr std::uintptr_t kCurrent = 0xE000E018;
constexpr std::uint32_t kEnable = 1 | 2 | 4;  // counting, with its interrupt, the processor's clock
constexpr std::uint32_t kTick = 100;          // milliseconds
constexpr std::uint32_t kCycles = kTick * kCyclesPerMillisecond;
static_assert(kCycles < (1U << 24), "SysTick counts 24 bits");

volatile std::uint32_t ticks = 0;
volatile bool busy = false;

}  // namespace

void start() {
  word_at(kReload) = kCycles - 1;
  word_at(kCurrent) = 0;
  word_at(kControl) = kEnable;
}

std::uint64_t milliseconds() {
  for (;;) {
    const std::uint32_t before = ticks;
    const std::uint32_t passed = (kCycles - 1 - word_at(kCurrent)) / kCyclesPerMillisecond;
    if (before == ticks) return static_cast<std::uint64_t>(before) * kTick + passed;
  }
}

void set_busy(bool now) { busy = now; }

void on_tick() {
  ticks = ticks + 1;
  if (busy) doorbell::ring(Ring::kTimeExtension);
}

}  // namespace sceau::firmware::mps2::clock
