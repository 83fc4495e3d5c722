// The first thing the processor runs: brings the firmware from flash into code memory, checks there that it
// is signed and not older than any that ran before, and starts it; else rings the bridge, and starts nothing.
//
// What is checked is what runs: the copy, not the flash it came from. Interrupts stay off.
#include <addresses.h>

#include "board/mps2/crypto_memory.h"
#include "board/mps2/doorbell.h"
#include "board/mps2/nor_flash.h"
#include "board/mps2/registers.h"
#include "loader/image.h"
#include "loader/signature.h"
#include "loader/signing_key.h"

extern "C" {
extern std::uint32_t link_code_begin, link_code_limit;  // of the firmware's code memory
}

namespace {

using namespace sceau::firmware;          // NOLINT(google-build-using-namespace): the program's one file
using namespace sceau::firmware::loader;  // NOLINT(google-build-using-namespace)

ByteSpan code_memory() {
  return {reinterpret_cast<std::uint8_t*>(&link_code_begin),
          static_cast<std::size_t>(reinterpret_cast<std::uintptr_t>(&link_code_limit) -
                                   reinterpret_cast<std::uintptr_t>(&link_code_begin))};
}

// kInvalid: no image, or altered; kCorrupt: older than one that ran; kHardware.
Status bring_firmware(Flash& counter) {
  const auto* image = reinterpret_cast<const std::uint8_t*>(mps2::kSharedMemory + kImageOffset);
  std::array<std::uint8_t, kHeader> bytes{};
  copy({image, kHeader}, bytes);
  const Result<Header> header = read_header(bytes, code_memory().size());
  if (!header.ok()) return header.status();
  const ByteSpan code = code_memory().first(header.value().size);
  copy({image + kHeader, code.size()}, code);
  const Status signed_well =
      check_signature(kSigningKey, header.value().signed_part, code, header.value().signature);
  if (signed_well != Status::kOk) return signed_well;
  const Result<std::uint32_t> newest = read_counter(counter);
  if (!newest.ok()) return newest.status();
  if (header.value().release < newest.value()) return Status::kCorrupt;
  return raise_counter(counter, header.value().release);
}

[[noreturn]] void start_firmware() {
  constexpr std::uintptr_t kVectorTableOffset = 0xE000ED08;
  const auto vectors = reinterpret_cast<std::uintptr_t>(&link_code_begin);
  mps2::word_at(kVectorTableOffset) = vectors;
  mps2::memory_barrier();
  const std::uint32_t stack = mps2::word_at(vectors);
  const std::uint32_t entry = mps2::word_at(vectors + 4);
  asm volatile("isb\n msr msp, %0\n bx %1" ::"r"(stack), "r"(entry) : "memory");
  __builtin_unreachable();
}

}  // namespace

int main() {
  mps2::doorbell::start_sending();
  mps2::crypto_memory::start();
  mps2::NorFlash counter(mps2::kSharedMemory + kCounterOffset, kCounterPage, 1);
  const Status status = bring_firmware(counter);
  if (status == Status::kOk) start_firmware();
  mps2::doorbell::ring(status == Status::kCorrupt ? mps2::Ring::kOlder : mps2::Ring::kNotSigned);
  for (;;) mps2::wait_for_interrupt();
}
