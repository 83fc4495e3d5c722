// Where things are on MPS2+ AN386 (ARM DAI 0386, "Memory map"; QEMU hw/arm/mps2.c).
#pragma once

#include <cstdint>

namespace sceau::firmware::mps2 {

inline constexpr std::uintptr_t kUart = 0x40004000;          // UART0
inline constexpr unsigned kUartReceiveInterrupt = 0;         // of the NVIC
inline constexpr std::uintptr_t kSharedMemory = 0x21000000;  // PSRAM: the file
inline constexpr std::uint32_t kCyclesPerMillisecond = 25000;

}  // namespace sceau::firmware::mps2
