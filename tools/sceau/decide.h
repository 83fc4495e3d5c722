// `sceau pending`, `approve`, `refuse` and `release`: a second person's signature on somebody else's request,
// or on what came of it.
#pragma once

#include <string>

#include "workplace.h"

namespace sceau::tool {

Status list_pending(Workplace& place, const std::string& token, bool all);

enum class Decision { approve, refuse, release };

struct DecideOptions {
  std::string id, token, reason;
  Decision decision = Decision::approve;
  bool yes = false;
};
// Shows the request, verifies here that its evidence is good, asks, signs.
Status decide(Workplace& place, const DecideOptions& options);

}  // namespace sceau::tool
