#include "board/mps2/stack.h"

#include <cstdint>

extern "C" {
extern std::uint32_t link_stack_bottom, link_stack_top;  // from the linker script
}

namespace sceau::firmware::mps2::stack {

namespace {

constexpr std::uint32_t kPaint = 0x57AC57AC;

std::size_t bytes_between(const volatile std::uint32_t* from, const volatile std::uint32_t* to) {
  return static_cast<std::size_t>(reinterpret_cast<std::uintptr_t>(to) -
                                  reinterpret_cast<std::uintptr_t>(from));
}

}  // namespace

void paint() {
  std::uint32_t* here = nullptr;
  asm volatile("mov %0, sp" : "=r"(here));
  for (volatile std::uint32_t* word = &link_stack_bottom; word < here; ++word) *word = kPaint;
}

std::size_t used() {
  const volatile std::uint32_t* word = &link_stack_bottom;
  while (word < &link_stack_top && *word == kPaint) ++word;
  return bytes_between(word, &link_stack_top);
}

std::size_t size() { return bytes_between(&link_stack_bottom, &link_stack_top); }

}  // namespace sceau::firmware::mps2::stack
