#include "board/mps2/nor_flash.h"

#include "board/mps2/registers.h"

namespace sceau::firmware::mps2 {

Status NorFlash::read(std::size_t offset, ByteSpan into) {
  if (!holds(offset, into.size())) return Status::kHardware;
  const auto* bytes = reinterpret_cast<const volatile std::uint8_t*>(words_) + offset;
  for (std::size_t i = 0; i < into.size(); ++i) into[i] = bytes[i];
  return Status::kOk;
}

Status NorFlash::program(std::size_t offset, ByteView bytes) {
  if (!holds(offset, bytes.size()) || offset % 4 != 0 || bytes.size() % 4 != 0) return Status::kHardware;
  for (std::size_t i = 0; i < bytes.size(); i += 4) {
    volatile std::uint32_t& word = words_[(offset + i) / 4];
    word = word & load_le32(bytes.data() + i);
  }
  memory_barrier();
  return Status::kOk;
}

Status NorFlash::erase(std::size_t page) {
  if (page >= pages_) return Status::kHardware;
  const std::size_t words = page_size_ / 4;
  for (std::size_t i = page * words; i < (page + 1) * words; ++i) words_[i] = 0xFFFFFFFF;
  memory_barrier();
  return Status::kOk;
}

}  // namespace sceau::firmware::mps2
