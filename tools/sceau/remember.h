// Writes down, in the home, the gate that this user speaks to.
#pragma once

#include "workplace.h"

namespace sceau::tool {

// HOME/client.toml and a copy of the certificate beside it. refused in a gate's own home, which needs none.
Status remember_gate(Workplace& place);

}  // namespace sceau::tool
