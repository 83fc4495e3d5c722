// Answers in quarantine, in files of the home's folder `held`, one a request and named by its digest.
//
// A file is a header of 24 bytes and frames: u32 length (little-endian), then one message of libsodium's
// secretstream (XChaCha20-Poly1305) that authenticates the request's digest with it. The first frame says of
// the answer what its result will say, as that result's body; the others are the answer, in pieces; the last
// one is final. The key comes from the project's pseudonym key and the file's random header, so that a gate
// which starts again can read it, and nobody without the gate's keys, or once the header is overwritten.
#pragma once

#include <filesystem>
#include <set>

#include "sceau/base/digest.h"
#include "sceau/base/secret.h"
#include "spool.h"

namespace sceau::gate {

class HeldAnswer {
 public:
  // `project_key` has 32 bytes.
  HeldAnswer(const std::filesystem::path& folder, const Digest& request, const Secret& project_key);

  // Reads the answer from a sealed spool to its end; durable when this returns. unavailable: the disk.
  [[nodiscard]] Status keep(ByteView about, Spool& answer) const;
  // corrupt: it is not what was written; not_found; unavailable.
  [[nodiscard]] Result<Bytes> about() const;
  // Writes the answer into an empty spool and seals that. Fails as about() and Spool::write() do; corrupt,
  // too, when its bytes have another digest.
  [[nodiscard]] Status take_out(Spool& answer, const Digest& sha256) const;

 private:
  std::filesystem::path file_;
  Digest request_;
  Secret key_;
};

// Overwrites what the key comes from, and removes the file; nothing happens when there is none.
void destroy_held(const std::filesystem::path& folder, const Digest& request);
// All files but those of these requests.
void destroy_held_but(const std::filesystem::path& folder, const std::set<Digest>& kept);

}  // namespace sceau::gate
