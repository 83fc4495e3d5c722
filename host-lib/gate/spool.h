// An extraction on its way out, encrypted on disk: written once, then read once from the start.
//
// The file is nameless (or unlinked at once), the key is random, in memory only, and dies with the object:
// after a crash nothing can read what is left. Encryption is libsodium's secretstream (XChaCha20-Poly1305),
// one message for each piece of 256 KiB and a final tag on the last, so that a file which was cut, changed or
// reordered is noticed before a byte of the changed piece leaves.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "sceau/base/bytes.h"
#include "sceau/base/random.h"

namespace sceau::gate {

inline constexpr std::size_t kSpoolPiece = std::size_t{256} * 1024;

class Spool {
 public:
  // unavailable when the folder does not take a file.
  static Result<Spool> create(const std::filesystem::path& folder, Random& random);
  ~Spool();
  Spool(Spool&&) noexcept;
  Spool& operator=(Spool&&) noexcept;

  // Adds bytes at the end. unavailable when the disk is full or fails.
  Status write(ByteView bytes);
  // Ends writing; reading starts at the first byte. Fails as write() does.
  Status seal();
  // The next piece; empty after the last. corrupt when the file is not what was written; unavailable.
  Result<Bytes> read();

 private:
  struct State;
  explicit Spool(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Removes whatever files a crash left in the folder.
void clear_spool(const std::filesystem::path& folder);

}  // namespace sceau::gate
