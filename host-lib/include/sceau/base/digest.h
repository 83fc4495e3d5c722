// SHA-256 through OpenSSL: whole, and as bytes arrive.
#pragma once

#include <array>
#include <initializer_list>
#include <memory>
#include <string>

#include "sceau/base/bytes.h"

namespace sceau {

using Digest = std::array<std::uint8_t, 32>;

// SHA-256 of the parts, one after the other.
Digest sha256(ByteView bytes);
Digest sha256(std::initializer_list<ByteView> parts);

inline Bytes to_bytes(const Digest& digest) { return {digest.begin(), digest.end()}; }

// Exactly 64 lower-case hexadecimal characters.
Result<Digest> digest_from_hex(std::string_view text);

// SHA-256 over bytes that arrive in pieces.
class DigestStream {
 public:
  DigestStream();
  ~DigestStream();
  DigestStream(DigestStream&&) noexcept;
  DigestStream& operator=(DigestStream&&) noexcept;
  void update(ByteView bytes);
  // The digest of all that came so far; more may follow.
  [[nodiscard]] Digest current() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sceau
