// A public key ready to verify: EVP contexts are set up once and lent out, since one serves one thread at a
// time and setting one up costs as much as a tenth of a verification.
#pragma once

#include <openssl/evp.h>

#include <mutex>
#include <vector>

#include "sceau/base/handle.h"
#include "sceau/evidence/cades.h"

namespace sceau::evidence {

class VerifyingKey {
 public:
  VerifyingKey(const pki::Certificate& certificate, SignatureAlgorithm algorithm)
      : certificate_(certificate), algorithm_(algorithm) {}
  // Whether the key's kind and size suit the algorithm. Fails with invalid.
  [[nodiscard]] Status check_kind() const;
  [[nodiscard]] bool verify(const Digest& digest, ByteView signature);

 private:
  using Context = Handle<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
  [[nodiscard]] Context fresh() const;
  Context borrow();
  void give_back(Context context);

  pki::Certificate certificate_;
  SignatureAlgorithm algorithm_;
  std::mutex mutex_;
  std::vector<Context> idle_;
};

}  // namespace sceau::evidence
