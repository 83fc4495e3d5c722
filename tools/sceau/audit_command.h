// `sceau audit` and `sceau who`: everything derived again from raw entries, and what stands behind some
// bytes.
#pragma once

#include <string>

#include "workplace.h"

namespace sceau::tool {

struct AuditOptions {
  std::string where;    // a home, a ledger's file, or a gate's URL; empty: the home, else the gate
  std::string token;    // an auditor's, for a gate
  std::string genesis;  // digest of the genesis, known from elsewhere
  std::string log;      // the log's vkey, likewise
};

// Prints who did what, and what is wrong; corrupt when anything is.
Status audit(Workplace& place, const AuditOptions& options);

struct WhoOptions {
  std::string what;  // 64 hexadecimal characters, or a file
  std::string where, token;
};
// not_found when the ledger knows nothing of these bytes.
Status who(Workplace& place, const WhoOptions& options);

}  // namespace sceau::tool
