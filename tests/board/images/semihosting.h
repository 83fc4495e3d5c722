// What an image tells to whoever runs QEMU, without a UART (ARM IHI 0108, "Semihosting for AArch32 and
// AArch64").
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace sceau::firmware::test::semihosting {

inline void call(std::uintptr_t operation, const void* parameter) {
  register std::uintptr_t r0 asm("r0") = operation;
  register const void* r1 asm("r1") = parameter;
  asm volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
}

inline void print(const char* text) { call(0x04, text); }  // SYS_WRITE0

inline void print(std::uint32_t number) {
  std::array<char, 11> digits{};
  std::size_t at = digits.size() - 1;
  do {
    digits[--at] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number != 0);
  print(&digits[at]);
}

[[noreturn]] inline void exit(bool well) {
  constexpr std::uintptr_t kApplicationExit = 0x20026;
  const std::array<std::uintptr_t, 2> reason{kApplicationExit, well ? 0U : 1U};
  for (;;) call(0x20, reason.data());  // SYS_EXIT_EXTENDED
}

}  // namespace sceau::firmware::test::semihosting
