// The ledger's rows in one SQLite file: WAL, synchronous=FULL, pages of 8 KiB.
#pragma once

#include <filesystem>

#include "store.h"

namespace sceau::ledger {

// PRAGMA user_version: rises when a table changes.
constexpr std::uint64_t kSqliteFormat = 1;

enum class SqliteOpening { create, existing };

// The writer, alone: unavailable when another process (or object) writes to this file. The lock is flock(2)
// on `<path>.lock`, held as long as the object lives, and given up by the system when the process dies.
Result<std::unique_ptr<Store>> open_sqlite_store(const std::filesystem::path& path, SqliteOpening opening,
                                                 const LedgerOptions& options);

// A reader; `snapshot` keeps what it sees as it was at this moment. not_found when there is no file.
Result<std::unique_ptr<StoreReader>> open_sqlite_reader(const std::filesystem::path& path, bool snapshot,
                                                        const LedgerOptions& options);

}  // namespace sceau::ledger
