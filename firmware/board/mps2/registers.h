// Registers of the core and how memory shared with others is ordered (ARMv7-M and ARMv8-M Architecture
// Reference Manuals, "System Control Space").
#pragma once

#include <cstdint>

namespace sceau::firmware::mps2 {

inline volatile std::uint32_t& word_at(std::uintptr_t address) {
  return *reinterpret_cast<volatile std::uint32_t*>(address);
}

// What was written before is seen by others before what is written after.
inline void memory_barrier() { asm volatile("dmb" ::: "memory"); }

inline void wait_for_interrupt() { asm volatile("wfi" ::: "memory"); }

// No interrupt between construction and destruction; a pending one still ends wait_for_interrupt().
class InterruptsOff {
 public:
  InterruptsOff() {
    asm volatile("mrs %0, primask" : "=r"(before_));
    asm volatile("cpsid i" ::: "memory");
  }
  ~InterruptsOff() { asm volatile("msr primask, %0" ::"r"(before_) : "memory"); }
  InterruptsOff(const InterruptsOff&) = delete;
  InterruptsOff& operator=(const InterruptsOff&) = delete;

 private:
  std::uint32_t before_ = 0;
};

// The reverse, inside such a time.
class InterruptsOn {
 public:
  InterruptsOn() { asm volatile("cpsie i" ::: "memory"); }
  ~InterruptsOn() { asm volatile("cpsid i" ::: "memory"); }
  InterruptsOn(const InterruptsOn&) = delete;
  InterruptsOn& operator=(const InterruptsOn&) = delete;
};

inline void enable_interrupt(unsigned number) {
  constexpr std::uintptr_t kSetEnable = 0xE000E100;
  word_at(kSetEnable + 4 * (number / 32)) = 1U << (number % 32);
}

}  // namespace sceau::firmware::mps2
