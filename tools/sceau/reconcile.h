// `sceau reconcile`: PostgreSQL's own log held against the ledger.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "workplace.h"

namespace sceau::tool {

struct ReconcileOptions {
  std::string where;  // as of AuditOptions
  std::string token, genesis, vkey, key;
  std::string source;                  // its registry id
  std::vector<std::string> logs;       // files, folders
  std::string role, schema, database;  // empty: as the home's sceau.toml has them
  std::string from, until;             // RFC 3339; empty: all that the log has
  std::int64_t skew = 2;               // seconds
  std::vector<std::string> known;      // relations that show nothing of the tables
  std::vector<std::string> probes;
  bool literals = false;
};

// Prints every read without a statement; corrupt when anything is not explained, or the ledger is damaged.
Status reconcile(Workplace& place, const ReconcileOptions& options);

}  // namespace sceau::tool
