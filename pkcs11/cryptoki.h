// PKCS#11's own header (Debian's libpkcs11-helper1-dev, at 3.0), with the constants of the specification
// (OASIS PKCS#11 3.0, current mechanisms and base; 3.2) that it leaves out, and the types of 3.2's functions.
#pragma once

#include <pkcs11-helper-1.0/pkcs11.h>

// The header's TRUE and FALSE are nobody's business; CK_TRUE and CK_FALSE stay.
#undef TRUE
#undef FALSE

// NOLINTBEGIN(bugprone-reserved-identifier): the specification's names
inline constexpr CK_ATTRIBUTE_TYPE CKA_UNIQUE_ID = 0x04;
inline constexpr CK_ATTRIBUTE_TYPE CKA_NAME_HASH_ALGORITHM = 0x8C;
inline constexpr CK_ATTRIBUTE_TYPE CKA_PUBLIC_KEY_INFO = 0x129;
inline constexpr CK_ATTRIBUTE_TYPE CKA_COPYABLE = 0x171;
inline constexpr CK_ATTRIBUTE_TYPE CKA_DESTROYABLE = 0x172;
inline constexpr CK_ULONG CK_CERTIFICATE_CATEGORY_UNSPECIFIED = 0;
inline constexpr CK_ULONG CK_CERTIFICATE_CATEGORY_TOKEN_USER = 1;
inline constexpr CK_ULONG CK_CERTIFICATE_CATEGORY_AUTHORITY = 2;
inline constexpr CK_ULONG CK_CERTIFICATE_CATEGORY_OTHER_ENTITY = 3;
inline constexpr CK_RV CKR_OPERATION_CANCEL_FAILED = 0x202;
using CK_SESSION_VALIDATION_FLAGS_TYPE = CK_ULONG;
inline constexpr CK_SESSION_VALIDATION_FLAGS_TYPE CKS_LAST_VALIDATION_OK = 1;
struct CK_ASYNC_DATA {                          // NOLINT(readability-identifier-naming)
  CK_ULONG ulVersion;                           // NOLINT(readability-identifier-naming)
  CK_BYTE* pValue;                              // NOLINT(readability-identifier-naming)
  CK_ULONG ulValue;                             // NOLINT(readability-identifier-naming)
  CK_OBJECT_HANDLE hObject, hAdditionalObject;  // NOLINT(readability-identifier-naming)
};
// NOLINTEND(bugprone-reserved-identifier)
