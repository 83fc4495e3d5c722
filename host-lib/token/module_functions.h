// What module.h keeps out of public headers.
#pragma once

#include "cryptoki.h"
#include "sceau/token/module.h"

namespace sceau::token {

struct Module::Functions {
  CK_FUNCTION_LIST list;  // a copy: what the module does to its own list later has no effect here
};

}  // namespace sceau::token
