// The file that is a board's PSRAM, seen from the host: the token's flash rests in it, and the mailbox is in
// it.
#pragma once

#include <string>

#include "board/host/file_operations.h"
#include "board/mps2/mailbox.h"

namespace sceau::firmware::bridge {

class SharedMemory {
 public:
  // Opens `path`, or makes it with a blank flash, private to its owner. Only one bridge at a time can have
  // it. On failure error() is one line, and nothing else may be called.
  explicit SharedMemory(const std::string& path);
  ~SharedMemory();
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;

  const std::string& error() const { return error_; }
  mps2::Mailbox& mailbox();
  // Puts a signed image of the firmware where the loader looks for it. False: it cannot be read, or is too
  // long.
  bool write_firmware(const std::string& path);
  ByteSpan bytes() { return {base_, mps2::kSharedSize}; }

 private:
  bool make_blank();

  host::File file_;
  std::uint8_t* base_ = nullptr;
  std::string error_;
};

}  // namespace sceau::firmware::bridge
