// NOR flash as a model on memory that outlives the machine: programming ANDs word by word, erasing sets a
// page to ones word by word. What is written is in the file's pages at once, so ending QEMU between any two
// words leaves what a power cut leaves on a real flash.
#pragma once

#include "board/board.h"

namespace sceau::firmware::mps2 {

class NorFlash final : public Flash {
 public:
  // `size` bytes of flash at `base`, both multiples of the page size.
  NorFlash(std::uintptr_t base, std::size_t page_size, std::size_t pages)
      : words_(reinterpret_cast<volatile std::uint32_t*>(base)), page_size_(page_size), pages_(pages) {}

  std::size_t page_size() const override { return page_size_; }
  std::size_t page_count() const override { return pages_; }
  // kHardware: outside the flash, or not in whole words.
  Status read(std::size_t offset, ByteSpan into) override;
  Status program(std::size_t offset, ByteView bytes) override;
  Status erase(std::size_t page) override;

 private:
  bool holds(std::size_t offset, std::size_t size) const {
    const std::size_t all = page_size_ * pages_;
    return offset <= all && size <= all - offset;
  }

  volatile std::uint32_t* words_;
  std::size_t page_size_;
  std::size_t pages_;
};

}  // namespace sceau::firmware::mps2
