// Where things are on MPS2+ AN505, seen from the secure state (ARM DAI 0505, "Memory map"; QEMU
// hw/arm/mps2-tz.c).
#pragma once

#include <cstdint>

namespace sceau::firmware::mps2 {

inline constexpr std::uintptr_t kUart = 0x50200000;          // UART0, secure alias
inline constexpr unsigned kUartReceiveInterrupt = 32;        // of the NVIC
inline constexpr std::uintptr_t kSharedMemory = 0x80000000;  // PSRAM: the file
inline constexpr std::uint32_t kCyclesPerMillisecond = 20000;

}  // namespace sceau::firmware::mps2
