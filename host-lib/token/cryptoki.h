// PKCS#11 as pkcs11-helper's headers give it (OASIS PKCS#11 3.0), and what every call of a module's function
// shares: a function that the module left out counts as one it does not support.
#pragma once

#include <pkcs11-helper-1.0/pkcs11.h>

#include <string>

#include "sceau/base/result.h"

namespace sceau::token::cryptoki {

template <typename Function, typename... Arguments>
CK_RV call(Function function, Arguments... arguments) {
  return function == nullptr ? CKR_FUNCTION_NOT_SUPPORTED : function(arguments...);
}

// "CKR_DEVICE_REMOVED", or the number of a code that has no name here.
std::string code_text(CK_RV code);

// A failure as a person reads it: `doing` names the token or module, `code` decides kind and advice.
Error failure(const std::string& doing, CK_RV code);

}  // namespace sceau::token::cryptoki
