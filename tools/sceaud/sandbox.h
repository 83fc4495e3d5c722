// Gives up what the gate never needs, once it listens: a defect in it then reaches less.
#pragma once

#include "sceau/base/result.h"

namespace sceau::sceaud {

// No core dumps and no debugger; no new privileges; and, through seccomp, no program started, no process
// traced, no namespace, module, mount or clock changed, no socket but TCP and Unix ones. Holds for every
// thread. unavailable when the kernel refuses.
Status enter_sandbox();

}  // namespace sceau::sceaud
