// The function lists and interfaces that callers start from, made from functions.inc.
#pragma once

#include "cryptoki.h"

namespace sceau::pkcs11 {

CK_FUNCTION_LIST* functions_2_40();
CK_FUNCTION_LIST_3_0* functions_3_0();

}  // namespace sceau::pkcs11
