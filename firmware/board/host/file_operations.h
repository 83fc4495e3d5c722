// The few things that the simulator does to files, behind an interface, so that tests can see their order and
// make them fail.
#pragma once

#include <sys/types.h>

#include "core/bytes.h"

namespace sceau::firmware::host {

class FileOperations {
 public:
  virtual ~FileOperations() = default;
  // All bytes at this offset, or false.
  virtual bool write_at(int file, ByteView bytes, off_t offset) = 0;
  // What was written is on the disk when this returns true.
  virtual bool sync(int file) = 0;
};

class RealFileOperations final : public FileOperations {
 public:
  bool write_at(int file, ByteView bytes, off_t offset) override;
  bool sync(int file) override;
};

// Owns a file descriptor.
class File {
 public:
  explicit File(int descriptor = -1) : descriptor_(descriptor) {}
  File(File&& other) noexcept : descriptor_(other.release()) {}
  File& operator=(File&& other) noexcept;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File();

  int get() const { return descriptor_; }
  bool open() const { return descriptor_ >= 0; }
  int release();

 private:
  int descriptor_;
};

}  // namespace sceau::firmware::host
