// What a clear-sign token signed, in the form that CKM_SCEAU_STATEMENT gives: evidence with one signature.
#pragma once

#include <string>

#include "result.h"
#include "sceau/pki/certificate.h"
#include "sceau/token/clear_card.h"

namespace sceau::pkcs11 {

// Whom the key speaks for.
struct Signatory {
  pki::Certificate certificate;
  std::string person;  // registry id
};
// CKR_KEY_FUNCTION_NOT_PERMITTED: it is no certificate, or names nobody.
Result<Signatory> read_signatory(ByteView certificate);

// CKR_DEVICE_ERROR: this is no signature by that certificate's key over that statement.
Result<Bytes> make_evidence(const Signatory& signatory, ByteView statement,
                            const token::ClearSignature& made);

}  // namespace sceau::pkcs11
