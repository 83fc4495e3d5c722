// The objects that show a clear-sign key: private key, public key, and the certificate where there is one.
//
// CKA_ALLOWED_MECHANISMS of both keys is CKM_SCEAU_STATEMENT alone, whatever their CKA_KEY_TYPE: no other
// mechanism can begin with them (operation.h). Without a certificate the private key's CKA_SIGN is false: the
// token's signature names it. See sceau_pkcs11.h.
#pragma once

#include "object.h"

namespace sceau::pkcs11 {

// CKA_ID is the slot's number, C1 to C8.
bool is_clear_sign_id(ByteView id);
// Nothing is added for a key that cannot be read.
void add_clear_sign_objects(std::vector<Object>& objects, token::ClearSlot slot, const token::ShownKey& key);

}  // namespace sceau::pkcs11
