#include "sceau/token/own_function.h"

#include <dlfcn.h>
#include <link.h>

namespace sceau::token {

void* own_function(void* library, const char* name) {
  void* const function = dlsym(library, name);
  link_map* opened = nullptr;
  void* owner = nullptr;
  Dl_info where{};
  if (function == nullptr || dlinfo(library, RTLD_DI_LINKMAP, &opened) != 0 ||
      dladdr1(function, &where, &owner, RTLD_DL_LINKMAP) == 0)
    return nullptr;
  return owner == opened ? function : nullptr;
}

}  // namespace sceau::token
