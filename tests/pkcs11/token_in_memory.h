// A whole Sceau token in memory, firmware and all: a clear-sign key in C1 that has a certificate for "alice",
// one in C2 that has none, and a key in 9A. A library of its own: the firmware's headers are named like the
// provider's.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "sceau/base/bytes.h"
#include "sceau/base/clock.h"

namespace sceau::test {

inline constexpr Time kNow = 1795339860;  // in the window of the sample statements

class TokenInMemory {
 public:
  // `touch`: with a button that is pressed for each signature.
  explicit TokenInMemory(bool touch = true);
  ~TokenInMemory();
  TokenInMemory(const TokenInMemory&) = delete;
  TokenInMemory& operator=(const TokenInMemory&) = delete;

  Bytes transmit(ByteView command);
  void press_button(bool pressed);
  [[nodiscard]] int times_pressed() const;
  // Signatures that the key in C1 has counted.
  [[nodiscard]] unsigned counter();
  // As another program would.
  void select_piv();
  [[nodiscard]] const Bytes& point() const { return point_; }

  std::vector<std::uint8_t> seen;        // instructions, in order
  std::optional<std::size_t> leaves_at;  // the number of the command that gets no answer, from 0
  [[nodiscard]] bool is_gone() const { return leaves_at && seen.size() >= *leaves_at; }

 private:
  struct Device;
  std::unique_ptr<Device> device_;
  Bytes point_;
};

}  // namespace sceau::test
