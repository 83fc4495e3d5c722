// Random bytes, passed in so that tests can repeat themselves.
#pragma once

#include <array>

#include "sceau/base/bytes.h"
#include "sceau/base/secret.h"

namespace sceau {

class Random {
 public:
  Random() = default;
  virtual ~Random() = default;
  Random(const Random&) = delete;
  Random& operator=(const Random&) = delete;
  // Fills all of `out`. A system that has no randomness left to give ends the process: nothing may go
  // on with a guessable salt.
  virtual void fill(std::span<std::uint8_t> out) = 0;

  template <std::size_t size>
  std::array<std::uint8_t, size> array() {
    std::array<std::uint8_t, size> out{};
    fill(out);
    return out;
  }
};

// The operating system's, through OpenSSL's DRBG.
class SystemRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override;
};

// SHA-256 in counter mode over a seed: for tests and generated data only, never for keys.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : seed_(seed) {}
  void fill(std::span<std::uint8_t> out) override;
  std::uint64_t next();

 private:
  std::uint64_t seed_;
  std::uint64_t counter_ = 0;
};

}  // namespace sceau
