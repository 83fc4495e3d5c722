#include "crypto/aes_cbc.h"

#include <mbedtls/aes.h>

namespace sceau::firmware {

namespace {

Status run(int mode, ByteView key, ByteView initial, ByteView from, ByteSpan into) {
  if (key.size() != 32 || initial.size() != kAesBlock || from.size() != into.size() ||
      from.size() % kAesBlock != 0) {
    return Status::kInvalid;
  }
  AesBlock chain;
  copy(initial, chain);
  mbedtls_aes_context context;
  mbedtls_aes_init(&context);
  const auto bits = static_cast<unsigned>(key.size() * 8);
  int failed = mode == MBEDTLS_AES_ENCRYPT ? mbedtls_aes_setkey_enc(&context, key.data(), bits)
                                           : mbedtls_aes_setkey_dec(&context, key.data(), bits);
  if (failed == 0) {
    failed = mbedtls_aes_crypt_cbc(&context, mode, from.size(), chain.data(), from.data(), into.data());
  }
  mbedtls_aes_free(&context);
  return failed == 0 ? Status::kOk : Status::kHardware;
}

}  // namespace

Status encrypt_cbc(ByteView key, ByteView initial, ByteView from, ByteSpan into) {
  return run(MBEDTLS_AES_ENCRYPT, key, initial, from, into);
}

Status decrypt_cbc(ByteView key, ByteView initial, ByteView from, ByteSpan into) {
  return run(MBEDTLS_AES_DECRYPT, key, initial, from, into);
}

}  // namespace sceau::firmware
