// The function lists and interfaces that callers start from, made from functions.inc.
#pragma once

#include "functions_3_2.h"

namespace sceau::pkcs11 {

CK_FUNCTION_LIST* functions_2_40();
CK_FUNCTION_LIST_3_0* functions_3_0();
CK_FUNCTION_LIST_3_2* functions_3_2();

}  // namespace sceau::pkcs11
