// Locks the session when the card leaves.
#pragma once

#include <string>
#include <vector>

#include "workplace.h"

namespace sceau::tool {

struct WatchOptions {
  std::string token;                 // as everywhere: a reader or a serial; empty: the only one there is
  std::vector<std::string> command;  // default: loginctl lock-session
  bool once = false;                 // ends after the first time
};
// Runs until it is ended. A smart-card service that goes away counts as the card leaving: locked is the safe
// side. Each time the card is back, it watches again.
Status watch(Workplace& place, const WatchOptions& options);

}  // namespace sceau::tool
