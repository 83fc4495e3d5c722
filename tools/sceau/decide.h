// `sceau pending`, `approve` and `refuse`: a second person's signature on somebody else's request.
#pragma once

#include <string>

#include "workplace.h"

namespace sceau::tool {

Status list_pending(Workplace& place, const std::string& token, bool all);

struct DecideOptions {
  std::string id, token, reason;
  bool approve = true, yes = false;
};
// Shows the request, verifies here that its evidence is good, asks, signs.
Status decide(Workplace& place, const DecideOptions& options);

}  // namespace sceau::tool
