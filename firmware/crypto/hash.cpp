#include "crypto/hash.h"

#include <mbedtls/hkdf.h>
#include <mbedtls/md.h>
#include <mbedtls/sha256.h>

namespace sceau::firmware {

Sha256::Sha256() {
  mbedtls_sha256_init(&context_);
  restart();
}

void Sha256::restart() { failed_ = mbedtls_sha256_starts_ret(&context_, 0) != 0; }

Sha256::~Sha256() { mbedtls_sha256_free(&context_); }

void Sha256::update(ByteView part) {
  if (mbedtls_sha256_update_ret(&context_, part.data(), part.size()) != 0) failed_ = true;
}

Result<Hash> Sha256::finish() {
  Hash hash{};
  if (mbedtls_sha256_finish_ret(&context_, hash.data()) != 0 || failed_) return Status::kHardware;
  return hash;
}

Result<Hash> sha256(std::initializer_list<ByteView> parts) {
  Hash hash{};
  mbedtls_sha256_context context;
  mbedtls_sha256_init(&context);
  int failed = mbedtls_sha256_starts_ret(&context, 0);
  for (const ByteView part : parts) failed |= mbedtls_sha256_update_ret(&context, part.data(), part.size());
  failed |= mbedtls_sha256_finish_ret(&context, hash.data());
  mbedtls_sha256_free(&context);
  if (failed != 0) return Status::kHardware;
  return hash;
}

Result<Hash> hmac_sha256(ByteView key, std::initializer_list<ByteView> parts) {
  Hash hash{};
  mbedtls_md_context_t context;
  mbedtls_md_init(&context);
  int failed = mbedtls_md_setup(&context, mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), 1);
  if (failed == 0) {
    failed |= mbedtls_md_hmac_starts(&context, key.data(), key.size());
    for (const ByteView part : parts) failed |= mbedtls_md_hmac_update(&context, part.data(), part.size());
    failed |= mbedtls_md_hmac_finish(&context, hash.data());
  }
  mbedtls_md_free(&context);
  if (failed != 0) return Status::kHardware;
  return hash;
}

Status derive_bytes(ByteView secret, ByteView info, ByteSpan into) {
  const int failed = mbedtls_hkdf(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), nullptr, 0, secret.data(),
                                  secret.size(), info.data(), info.size(), into.data(), into.size());
  return failed == 0 ? Status::kOk : Status::kHardware;
}

Result<DerivedKey> derive_key(ByteView secret, std::string_view purpose) {
  DerivedKey key;
  const Status status = derive_bytes(secret, as_bytes(purpose), key);
  return status == Status::kOk ? Result<DerivedKey>(key) : status;
}

}  // namespace sceau::firmware
