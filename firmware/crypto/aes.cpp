#include "crypto/aes.h"

#include <mbedtls/aes.h>
#include <mbedtls/gcm.h>

namespace sceau::firmware {

namespace {

// Owns one mbedTLS GCM context with its key set.
class Gcm {
 public:
  explicit Gcm(ByteView key) {
    mbedtls_gcm_init(&context_);
    ready_ = mbedtls_gcm_setkey(&context_, MBEDTLS_CIPHER_ID_AES, key.data(),
                                static_cast<unsigned>(key.size() * 8)) == 0;
  }
  Gcm(const Gcm&) = delete;
  Gcm& operator=(const Gcm&) = delete;
  ~Gcm() { mbedtls_gcm_free(&context_); }

  bool ready() const { return ready_; }
  mbedtls_gcm_context* context() { return &context_; }

 private:
  mbedtls_gcm_context context_{};
  bool ready_ = false;
};

}  // namespace

Result<AesBlock> aes_encrypt_block(ByteView key, const AesBlock& block) {
  AesBlock result;
  mbedtls_aes_context context;
  mbedtls_aes_init(&context);
  int failed = mbedtls_aes_setkey_enc(&context, key.data(), static_cast<unsigned>(key.size() * 8));
  if (failed == 0) {
    failed = mbedtls_aes_crypt_ecb(&context, MBEDTLS_AES_ENCRYPT, block.data(), result.data());
  }
  mbedtls_aes_free(&context);
  if (failed != 0) return Status::kInvalid;
  return result;
}

Status seal(ByteView key, ByteView nonce, ByteView associated, ByteView plain, ByteSpan sealed) {
  if (nonce.size() != kSealNonce || sealed.size() != plain.size() + kSealTag) return Status::kInvalid;
  Gcm gcm(key);
  if (!gcm.ready()) return Status::kHardware;
  const int failed = mbedtls_gcm_crypt_and_tag(
      gcm.context(), MBEDTLS_GCM_ENCRYPT, plain.size(), nonce.data(), nonce.size(), associated.data(),
      associated.size(), plain.data(), sealed.data(), kSealTag, sealed.data() + plain.size());
  return failed == 0 ? Status::kOk : Status::kHardware;
}

Status unseal(ByteView key, ByteView nonce, ByteView associated, ByteView sealed, ByteSpan plain) {
  if (nonce.size() != kSealNonce || sealed.size() != plain.size() + kSealTag) return Status::kInvalid;
  Gcm gcm(key);
  if (!gcm.ready()) return Status::kHardware;
  const int failed = mbedtls_gcm_auth_decrypt(
      gcm.context(), plain.size(), nonce.data(), nonce.size(), associated.data(), associated.size(),
      sealed.data() + plain.size(), kSealTag, sealed.data(), plain.data());
  if (failed == 0) return Status::kOk;
  wipe(plain);
  return failed == MBEDTLS_ERR_GCM_AUTH_FAILED ? Status::kCorrupt : Status::kHardware;
}

}  // namespace sceau::firmware
