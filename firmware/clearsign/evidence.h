// Reads a request's evidence as it comes by, without keeping it: its digest, and whose signature is first
// (host-lib/FORMATS.md, "Evidence"). The signatures themselves are the gate's to check; what the token binds
// is these very bytes, by their digest.
#pragma once

#include "core/bytes.h"
#include "crypto/hash.h"

namespace sceau::firmware::clearsign {

class EvidenceReader {
 public:
  // As if nothing had come.
  void restart();
  void update(ByteView part);
  // Digest of all that came. kInvalid: it is not evidence whose first signature is by `person`.
  Result<Hash> finish(ByteView person);

 private:
  enum class State : std::uint8_t { kHead, kBytes, kMiddle, kPerson, kRest, kWrong };

  void take(std::uint8_t byte);
  void match(std::uint8_t byte, std::string_view words, State next);

  Sha256 hash_;
  State state_ = State::kHead;
  std::size_t matched_ = 0;
  BoundedBytes<64> person_;
  std::uint8_t last_ = 0;
};

}  // namespace sceau::firmware::clearsign
