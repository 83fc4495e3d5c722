#include "lists.h"

#include <array>
#include <cstring>
#include <string_view>

#include "api.h"

#define SCEAU_ALWAYS(since, name, parameters, arguments) SCEAU_ENTRY_##since(name)
#define SCEAU_GENERAL SCEAU_ALWAYS
#define SCEAU_SLOT SCEAU_ALWAYS
#define SCEAU_SESSION SCEAU_ALWAYS
#define SCEAU_ABSENT SCEAU_ALWAYS
#define SCEAU_NEVER SCEAU_ALWAYS

namespace sceau::pkcs11 {
namespace {

constexpr CK_VERSION k240{2, 40};
constexpr CK_VERSION k300{3, 0};
constexpr CK_VERSION k320{3, 2};

// PKCS#11 gives these away as pointers to non-const: callers are trusted not to write.
CK_FUNCTION_LIST list_2_40{
    k240,
#define SCEAU_ENTRY_2_40(name) C_##name,
#define SCEAU_ENTRY_3_0(name)
#define SCEAU_ENTRY_3_2(name)
#include "functions.inc"
#undef SCEAU_ENTRY_3_0
};

CK_FUNCTION_LIST_3_0 list_3_0{
    k300,
#define SCEAU_ENTRY_3_0(name) C_##name,
#include "functions.inc"
#undef SCEAU_ENTRY_3_2
};

CK_FUNCTION_LIST_3_2 list_3_2{
    k320,
#define SCEAU_ENTRY_3_2(name) C_##name,
#include "functions.inc"
};

char interface_name[] = "PKCS 11";  // NOLINT: the structure wants a char*
// The child of a fork has to initialise for itself, so CKF_INTERFACE_FORK_SAFE stays off.
// 3.0's stands first: who asks for no version gets the one that C_GetInfo tells.
std::array<CK_INTERFACE, 3> interfaces{CK_INTERFACE{interface_name, &list_3_0, 0},
                                       CK_INTERFACE{interface_name, &list_3_2, 0},
                                       CK_INTERFACE{interface_name, &list_2_40, 0}};

CK_VERSION version_of(const CK_INTERFACE& interface) {
  CK_VERSION version{};
  std::memcpy(&version, interface.pFunctionList, sizeof version);
  return version;
}

bool fits(const CK_INTERFACE& interface, const CK_BYTE* name, const CK_VERSION* version, CK_FLAGS flags) {
  if (name != nullptr && std::string_view(reinterpret_cast<const char*>(name)) != interface_name)
    return false;
  const CK_VERSION own = version_of(interface);
  if (version != nullptr && (version->major != own.major || version->minor != own.minor)) return false;
  return (interface.flags & flags) == flags;
}

}  // namespace

CK_FUNCTION_LIST* functions_2_40() { return &list_2_40; }
CK_FUNCTION_LIST_3_0* functions_3_0() { return &list_3_0; }
CK_FUNCTION_LIST_3_2* functions_3_2() { return &list_3_2; }

namespace api {

Status GetFunctionList(CK_FUNCTION_LIST** function_list) {
  if (function_list == nullptr) return Failure{CKR_ARGUMENTS_BAD};
  *function_list = &list_2_40;
  return {};
}

Status GetInterfaceList(CK_INTERFACE* interfaces_list, CK_ULONG* count) {
  return give(std::span<const CK_INTERFACE>(interfaces), interfaces_list, count);
}

Status GetInterface(CK_BYTE* interface_name_asked, CK_VERSION* version, CK_INTERFACE** interface_ptr,
                    CK_FLAGS flags) {
  if (interface_ptr == nullptr) return Failure{CKR_ARGUMENTS_BAD};
  for (CK_INTERFACE& interface : interfaces) {
    if (!fits(interface, interface_name_asked, version, flags)) continue;
    *interface_ptr = &interface;
    return {};
  }
  return Failure{CKR_FUNCTION_FAILED};
}

}  // namespace api
}  // namespace sceau::pkcs11
