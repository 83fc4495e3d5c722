// `sceau audit` and `sceau who`: everything derived again from raw entries, and what stands behind some
// bytes.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "ledger_copy.h"
#include "sceau/gate/audit.h"
#include "workplace.h"

namespace sceau::tool {

struct AuditOptions {
  std::string where;    // a home, a ledger's file, or a gate's URL; empty: the home, else the gate
  std::string token;    // an auditor's, for a gate
  std::string genesis;  // digest of the genesis, known from elsewhere
  std::string log;      // the log's vkey, likewise
  std::string key{};    // a file: the auditor's private key, which opens requests with parameters
};

// A ledger to read: in a home here, or copied from a gate for as long as this lives.
struct LedgerFile {
  std::filesystem::path file;
  std::optional<TemporaryFolder> copy;
};
// As `where` and `token` of AuditOptions say. not_found, or as copy_ledger() fails.
Result<LedgerFile> find_ledger(Workplace& place, const std::string& where, const std::string& token);

// The ledger of that file, with the auditor's key where `key` names its file: PEM, not for others to read.
Result<std::unique_ptr<ledger::Ledger>> open_ledger(const std::filesystem::path& file,
                                                    const std::string& key);

// The audit of a ledger with what `options` and this user know of it; not printed.
Result<gate::AuditReport> audited(Workplace& place, const AuditOptions& options,
                                  const ledger::Ledger& ledger);

// Prints who did what, and what is wrong; corrupt when anything is.
Status audit(Workplace& place, const AuditOptions& options);

struct WhoOptions {
  std::string what;  // 64 hexadecimal characters, or a file
  std::string where, token;
  std::string key{};  // as of AuditOptions
};
// not_found when the ledger knows nothing of these bytes.
Status who(Workplace& place, const WhoOptions& options);

}  // namespace sceau::tool
