// Objects that callers make: a session's own, and what an administrator writes to the card.
#pragma once

#include "object.h"

namespace sceau::pkcs11 {

// An object of the session, from a template for C_CreateObject. CKR_TEMPLATE_INCOMPLETE,
// CKR_TEMPLATE_INCONSISTENT, CKR_ATTRIBUTE_VALUE_INVALID.
Result<Object> make_own_object(const Attributes& wanted);
// A secret key with that value.
Object make_secret_key(const Attributes& wanted, ByteView value);

// The slot that a template's CKA_ID names. CKR_TEMPLATE_INCOMPLETE, CKR_ATTRIBUTE_VALUE_INVALID.
Result<token::Slot> slot_of_template(const Attributes& wanted);
// The key that C_GenerateKeyPair is asked for. CKR_TEMPLATE_INCOMPLETE, CKR_CURVE_NOT_SUPPORTED,
// CKR_KEY_SIZE_RANGE, CKR_ATTRIBUTE_VALUE_INVALID.
Result<token::Algorithm> algorithm_of_template(const Attributes& wanted, CK_MECHANISM_TYPE mechanism);
// CKR_TEMPLATE_INCONSISTENT: a private key of the card cannot be like that.
Result<token::PinPolicy> pin_policy_of_template(const Attributes& wanted);
// A private key to import. As algorithm_of_template().
Result<token::PrivateKey> private_key_of_template(const Attributes& wanted);

// Overwrites the values of a template that had a private key in it.
void wipe_values(Attributes& attributes);

}  // namespace sceau::pkcs11
