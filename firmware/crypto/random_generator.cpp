#include "crypto/random_generator.h"

namespace sceau::firmware {

Status RandomGenerator::seed(ByteView seed) {
  constexpr std::size_t kLeast = 48;  // 256 bits of security and half as much again for the nonce
  if (seed.size() < kLeast) return Status::kInvalid;
  // Seeding again would take its memory again.
  mbedtls_hmac_drbg_free(&context_);
  mbedtls_hmac_drbg_init(&context_);
  left_ = 0;
  seeded_ = mbedtls_hmac_drbg_seed_buf(&context_, mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), seed.data(),
                                       seed.size()) == 0;
  return seeded_ ? Status::kOk : Status::kHardware;
}

bool RandomGenerator::generate(ByteSpan into) {
  while (!into.empty()) {
    const ByteSpan part =
        into.first(into.size() < MBEDTLS_HMAC_DRBG_MAX_REQUEST ? into.size() : MBEDTLS_HMAC_DRBG_MAX_REQUEST);
    if (mbedtls_hmac_drbg_random(&context_, part.data(), part.size()) != 0) return false;
    into = into.subspan(part.size());
  }
  return true;
}

Status RandomGenerator::fill(ByteSpan into) {
  if (!seeded_) return Status::kHardware;
  if (into.size() > kPool / 2) return generate(into) ? Status::kOk : Status::kHardware;
  if (into.size() > left_) {
    left_ = 0;
    if (!generate(pool_)) return Status::kHardware;
    left_ = kPool;
  }
  const ByteSpan taken = ByteSpan(pool_).subspan(kPool - left_, into.size());
  copy(taken, into);
  wipe(taken);
  left_ -= into.size();
  return Status::kOk;
}

}  // namespace sceau::firmware
