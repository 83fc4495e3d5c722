// Rows on their way to a file, or to standard output.
//
// To a file: everything goes to FILE.part; finish() compares its SHA-256 with the one that the gate signed,
// fsyncs, renames it to FILE and fsyncs the folder. Any other end removes FILE.part, so FILE is the whole
// result or is not there (or is what it was before). To a descriptor: rows go out as they come, and finish()
// tells whether they may be used.
#pragma once

#include <cstdint>
#include <filesystem>

#include "sceau/base/digest.h"
#include "sceau/base/files.h"

namespace sceau::client {

class Delivery {
 public:
  // Whether to_file would find a place to write: asked before anything is signed. refused: FILE exists and
  // `overwrite` is false. unavailable: its folder is not there, or not one to write in.
  static Status check_file(const std::filesystem::path& file, bool overwrite);
  // unavailable: FILE.part cannot be written. refused: FILE exists and `overwrite` is false.
  static Result<Delivery> to_file(const std::filesystem::path& file, bool overwrite);
  // The descriptor is borrowed.
  static Delivery to_descriptor(int descriptor);
  ~Delivery();
  Delivery(Delivery&& other) noexcept;
  Delivery& operator=(Delivery&&) = delete;
  Delivery(const Delivery&) = delete;
  Delivery& operator=(const Delivery&) = delete;

  // unavailable: disk full, or nobody reads any more.
  Status write(ByteView piece);
  // corrupt: the bytes are not those that the gate signed for.
  Status finish(const Digest& expected);

  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] Digest digest() const { return digest_.current(); }

 private:
  Delivery() = default;
  std::filesystem::path file_, part_;  // both empty for a descriptor
  FileDescriptor owned_;
  int descriptor_ = -1;
  DigestStream digest_;
  std::uint64_t bytes_ = 0;
};

}  // namespace sceau::client
