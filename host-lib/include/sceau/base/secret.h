// Bytes that must not be seen: PINs, PUKs, management keys, session keys.
//
// A Secret wipes itself, compares in constant time, moves but never copies, and has no way to be
// printed: no stream operator, no conversion to text.
#pragma once

#include "sceau/base/bytes.h"

namespace sceau {

class Secret {
 public:
  Secret() = default;
  explicit Secret(ByteView bytes) : bytes_(bytes.begin(), bytes.end()) {}
  explicit Secret(Bytes&& bytes) noexcept : bytes_(std::move(bytes)) {}
  // A secret of `size` zero bytes, to be filled through writable().
  static Secret sized(std::size_t size) { return Secret(Bytes(size)); }
  ~Secret() { wipe(); }

  Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)) { other.bytes_.clear(); }
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;

  // A copy where two owners really need one each.
  [[nodiscard]] Secret clone() const { return Secret(ByteView(bytes_)); }

  [[nodiscard]] ByteView view() const { return bytes_; }
  [[nodiscard]] std::span<std::uint8_t> writable() { return bytes_; }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] bool empty() const { return bytes_.empty(); }
  [[nodiscard]] bool equals(ByteView other) const { return equal_constant_time(bytes_, other); }

  void wipe();

 private:
  Bytes bytes_;
};

// Wipes memory that a compiler must not decide to leave alone.
void wipe(std::span<std::uint8_t> bytes);

}  // namespace sceau
