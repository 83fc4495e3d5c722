// What somebody could ask for, and what would speak against it: the rules that judge requests, asked before
// anything is signed. What only the signature shows (a certificate's path, a touch) and what the SQL itself
// says are not looked at here.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sceau/registry/state.h"

namespace sceau::registry {

struct Question {
  std::string person;
  // Empty: each project that she is assigned to, each source and kind that it covers.
  std::string project{}, source{}, kind{};
  std::int64_t max_rows = 1;  // that she would ask for
};

// One project, source and kind.
struct Prospect {
  std::string project, source, kind;
  std::vector<std::string> objections;     // one line each; empty: a request would be taken
  std::int64_t max_rows = 0;               // the most that may be asked for
  Time until = 0;                          // the first of her rights to it ends then
  KeyKind key = KeyKind::any;              // that signs it
  std::vector<std::string> tokens;         // hers that could sign it now, by serial number
  ApprovalRule approvals;                  // by policy
  std::int64_t missing = 0;                // approvals that it would wait for, after those given in advance
  std::vector<std::string> could_approve;  // people, now
};

struct Explanation {
  std::vector<std::string> objections;  // to whatever she asks
  std::vector<Prospect> prospects;      // ordered by project, then as the project lists them
};

}  // namespace sceau::registry
