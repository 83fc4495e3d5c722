#include "ecdsa.h"

#include <openssl/err.h>

#include "sceau/base/handle.h"

namespace sceau::evidence {

bool made_by(EVP_PKEY* key, ByteView message, ByteView signature) {
  const Handle<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  const bool good =
      context != nullptr && EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
      EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) ==
          1;
  ERR_clear_error();
  return good;
}

}  // namespace sceau::evidence
