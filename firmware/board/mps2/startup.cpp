// From reset to main(): the vector table, memory made ready, faults.
#include <addresses.h>

#include "board/mps2/clock.h"
#include "board/mps2/doorbell.h"
#include "board/mps2/fault.h"
#include "board/mps2/registers.h"
#include "board/mps2/stack.h"

// What the linker script tells; the addresses are meant, never the contents.
extern "C" {
extern std::uint32_t link_data_begin, link_data_end, link_data_image, link_bss_begin, link_bss_end;
extern std::uint32_t link_stack_top;
using Initializer = void (*)();
extern Initializer link_initializers_begin, link_initializers_end;

int main();
[[noreturn]] void reset_handler();
}

namespace sceau::firmware::mps2 {

void stop_at_fault() {
  doorbell::ring(Ring::kFault);
  for (;;) {
    const InterruptsOff for_ever;
    wait_for_interrupt();
  }
}

namespace {

using Handler = void (*)();

constexpr unsigned kSystemVectors = 16;

struct VectorTable {
  std::uint32_t* stack;
  Handler handlers[kSystemVectors - 1 + kUartReceiveInterrupt + 1];
};

constexpr VectorTable make_vectors() {
  VectorTable table{&link_stack_top, {}};
  for (Handler& handler : table.handlers) handler = stop_at_fault;
  table.handlers[0] = reset_handler;
  table.handlers[14] = clock::on_tick;
  table.handlers[kSystemVectors - 1 + kUartReceiveInterrupt] = doorbell::on_receive;
  return table;
}

[[gnu::section(".vectors"), gnu::used]] constinit const VectorTable vectors = make_vectors();

}  // namespace

}  // namespace sceau::firmware::mps2

extern "C" [[noreturn]] void reset_handler() {
  using namespace sceau::firmware::mps2;  // NOLINT(google-build-using-namespace)
  constexpr std::uintptr_t kVectorTableOffset = 0xE000ED08;
  word_at(kVectorTableOffset) = reinterpret_cast<std::uintptr_t>(&vectors);
  stack::paint();
  const std::uint32_t* from = &link_data_image;
  for (std::uint32_t* to = &link_data_begin; to != &link_data_end; ++to) *to = *from++;
  for (std::uint32_t* to = &link_bss_begin; to != &link_bss_end; ++to) *to = 0;
  for (Initializer* run = &link_initializers_begin; run != &link_initializers_end; ++run) (*run)();
  main();
  stop_at_fault();
}

// A function that needs a virtual call nobody has written, or a stack that was overrun, is a fault.
extern "C" {
[[noreturn]] void __cxa_pure_virtual() { sceau::firmware::mps2::stop_at_fault(); }
[[gnu::used]] std::uintptr_t __stack_chk_guard = 0x0AFF0D00;
[[noreturn, gnu::used]] void __stack_chk_fail() { sceau::firmware::mps2::stop_at_fault(); }
}

// So is a part of a string_view that begins behind its end.
namespace std {  // NOLINT(cert-dcl58-cpp): what libstdc++ calls where there are no exceptions
[[noreturn, gnu::weak]] void __throw_out_of_range_fmt(const char*, ...) {
  sceau::firmware::mps2::stop_at_fault();
}
}  // namespace std
