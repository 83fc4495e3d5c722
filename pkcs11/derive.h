// CKM_ECDH1_DERIVE: its parameter, and the secret key that comes of it (PKCS#11 current
// mechanisms 3.0, 2.3.19).
#pragma once

#include "object.h"
#include "sceau/base/secret.h"

namespace sceau::pkcs11 {

struct Agreement {
  CK_ULONG kdf = 0;
  Bytes shared_data;
  Bytes point;                 // 04 || x || y
  std::size_t curve_size = 0;  // bytes of the shared x coordinate
};
// CKR_MECHANISM_PARAM_INVALID, CKR_DOMAIN_PARAMS_INVALID.
Result<Agreement> read_agreement(const CK_MECHANISM& mechanism, const PublicKey& own);

// Bytes of the key that the template wants. CKR_TEMPLATE_INCONSISTENT, CKR_KEY_SIZE_RANGE.
Result<std::size_t> derived_size(const Attributes& wanted, const Agreement& agreement);

// The key, as an object of the session. CKR_FUNCTION_FAILED, and as derived_size().
Result<Object> derive_secret(const Agreement& agreement, const Secret& shared, const Attributes& wanted);

}  // namespace sceau::pkcs11
