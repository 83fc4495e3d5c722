// HMAC_DRBG with SHA-256 (NIST SP 800-90A, 10.1.2): many random bytes from one seed, for boards whose source
// of random bits is slow or is read once. What was given out cannot be told from the state kept.
//
// Short requests (a nonce, a challenge) are taken from a pool of bytes made together, for making a few costs
// as much as making many; what was taken is wiped from it at once.
#pragma once

#include <mbedtls/hmac_drbg.h>

#include "core/bytes.h"
#include "core/status.h"

namespace sceau::firmware {

class RandomGenerator {
 public:
  RandomGenerator() { mbedtls_hmac_drbg_init(&context_); }
  ~RandomGenerator() { mbedtls_hmac_drbg_free(&context_); }
  RandomGenerator(const RandomGenerator&) = delete;
  RandomGenerator& operator=(const RandomGenerator&) = delete;

  // `seed`: at least 48 bytes of full entropy, used once and for nothing else. Replaces an
  // earlier one. kInvalid: shorter; kHardware.
  Status seed(ByteView seed);
  // kHardware: not seeded.
  Status fill(ByteSpan into);

 private:
  static constexpr std::size_t kPool = 64;

  bool generate(ByteSpan into);

  mbedtls_hmac_drbg_context context_{};
  bool seeded_ = false;
  SecretArray<kPool> pool_;
  std::size_t left_ = 0;  // at the end of the pool
};

}  // namespace sceau::firmware
