// PKCS#11 3.2's own functions and its list, which no header of Debian's has: both made from functions.inc.
#pragma once

#include "cryptoki.h"

#define SCEAU_THEN(...) __VA_OPT__(, ) __VA_ARGS__
#define SCEAU_ALWAYS(since, name, parameters, arguments)
#define SCEAU_GENERAL SCEAU_ALWAYS
#define SCEAU_SLOT SCEAU_ALWAYS
#define SCEAU_DECLARE_2_40(name, parameters)
#define SCEAU_DECLARE_3_0(name, parameters)
#define SCEAU_DECLARE_3_2(name, parameters) CK_RV C_##name(CK_SESSION_HANDLE handle SCEAU_THEN parameters);
#define SCEAU_SESSION(since, name, parameters, arguments) SCEAU_DECLARE_##since(name, parameters)
#define SCEAU_ABSENT SCEAU_SESSION
#define SCEAU_NEVER SCEAU_SESSION

// NOLINTBEGIN(readability-identifier-naming): PKCS#11's names
extern "C" {
#include "functions.inc"
}
#undef SCEAU_ALWAYS
#undef SCEAU_SESSION

#define SCEAU_ALWAYS(since, name, parameters, arguments) decltype(&::C_##name) C_##name;
#define SCEAU_SESSION SCEAU_ALWAYS
struct CK_FUNCTION_LIST_3_2 {
  CK_VERSION version;
#include "functions.inc"
};
// NOLINTEND(readability-identifier-naming)

#undef SCEAU_ALWAYS
#undef SCEAU_GENERAL
#undef SCEAU_SLOT
#undef SCEAU_SESSION
#undef SCEAU_ABSENT
#undef SCEAU_NEVER
#undef SCEAU_DECLARE_2_40
#undef SCEAU_DECLARE_3_0
#undef SCEAU_DECLARE_3_2
