// Functions that a loaded library has itself.
#pragma once

namespace sceau::token {

// A function of that name which lies in the library that dlopen() gave this handle for. dlsym() also finds
// those of the libraries it needs: one that merely uses a PKCS#11 module is none. Null: it has none.
void* own_function(void* library, const char* name);

}  // namespace sceau::token
