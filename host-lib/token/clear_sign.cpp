// The way of a statement through a clear-sign token, and its journal.
#include <algorithm>
#include <array>

#include "commands.h"
#include "sceau/token/clear_card.h"
#include "tlv.h"

#include "clear_hold.h"

namespace sceau::token {
}  // namespace sceau::token
