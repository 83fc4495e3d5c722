// Files read whole and written whole, durably.
#pragma once

#include <filesystem>
#include <string_view>

#include "sceau/base/bytes.h"

namespace sceau {

// The whole file, up to `limit` bytes. Fails with not_found, unavailable, or invalid when it is larger.
Result<Bytes> read_file(const std::filesystem::path& path, std::size_t limit = 64U << 20U);

// Writes beside the target, fsyncs, renames over it and fsyncs the folder: after success the file is
// there with all its bytes even if power fails; after failure the old one stands. `mode` as for open(2).
Status write_file(const std::filesystem::path& path, ByteView bytes, unsigned mode = 0644);

// fsyncs a folder, so that a rename in it is durable.
Status sync_folder(const std::filesystem::path& folder);

// The text of errno as this room says it: "No space left on device".
std::string system_error_text(int number);

// One file descriptor, closed by its owner.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int descriptor) : descriptor_(descriptor) {}
  ~FileDescriptor() { reset(); }
  FileDescriptor(FileDescriptor&& other) noexcept : descriptor_(other.release()) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    if (this != &other) reset(other.release());
    return *this;
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;

  [[nodiscard]] int get() const { return descriptor_; }
  [[nodiscard]] bool valid() const { return descriptor_ >= 0; }
  int release();
  void reset(int descriptor = -1);

 private:
  int descriptor_ = -1;
};

}  // namespace sceau
