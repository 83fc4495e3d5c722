// NOR flash in a file: programming ANDs, erasing sets a page to ones, and both are on the disk before they
// return, as a real flash's bytes are in its cells.
#pragma once

#include <string>
#include <vector>

#include "board/board.h"
#include "board/host/file_operations.h"

namespace sceau::firmware::host {

inline constexpr std::size_t kPageSize = 4096;
inline constexpr std::size_t kDefaultPages = 64;

class FlashFile final : public Flash {
 public:
  // Takes the file over; `content` is what it holds, a whole number of pages. Borrows `operations`.
  FlashFile(File file, std::vector<std::uint8_t> content, FileOperations& operations);

  std::size_t page_size() const override { return kPageSize; }
  std::size_t page_count() const override { return content_.size() / kPageSize; }
  Status read(std::size_t offset, ByteSpan into) override;
  Status program(std::size_t offset, ByteView bytes) override;
  Status erase(std::size_t page) override;

 private:
  Status store(std::size_t offset, std::size_t size);

  File file_;
  std::vector<std::uint8_t> content_;
  FileOperations& operations_;
};

// Opens `path`, or creates it blank and private to its owner. Only one process at a time can have it. On
// failure the file is not open and `error` is one line.
struct OpenedFlash {
  File file;
  std::vector<std::uint8_t> content;
  std::string error;
};
OpenedFlash open_flash(const std::string& path, FileOperations& operations);

// What a real device has in its fuses: a secret and a serial number, in a file of their own beside the flash
// (FLASH.fuses), so that a copy of the flash alone opens nothing.
struct Fuses {
  std::array<std::uint8_t, 32> secret{};
  std::uint32_t serial = 0;
  std::string error;
};
// Creates the file when the flash is new. `serial` 0: any.
Fuses open_fuses(const std::string& flash_path, std::uint32_t serial, FileOperations& operations);

}  // namespace sceau::firmware::host
