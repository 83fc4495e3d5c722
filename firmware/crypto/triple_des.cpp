#include "crypto/triple_des.h"

#include <mbedtls/des.h>

namespace sceau::firmware {

Status triple_des_encrypt_block(ByteView key, ByteView block, ByteSpan into) {
  if (key.size() != kTripleDesKey || block.size() != kTripleDesBlock || into.size() != kTripleDesBlock) {
    return Status::kInvalid;
  }
  mbedtls_des3_context context;
  mbedtls_des3_init(&context);
  int failed = mbedtls_des3_set3key_enc(&context, key.data());
  if (failed == 0) failed = mbedtls_des3_crypt_ecb(&context, block.data(), into.data());
  mbedtls_des3_free(&context);
  return failed == 0 ? Status::kOk : Status::kHardware;
}

}  // namespace sceau::firmware
