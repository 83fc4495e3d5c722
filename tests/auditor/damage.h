// Changes to a stored ledger, as somebody with the file, and sometimes with the log's key, could make them.
#pragma once

#include <sqlite3.h>

#include <filesystem>
#include <string>

#include "sceau/base/bytes.h"

namespace sceau::test {

class StoredLedger {
 public:
  explicit StoredLedger(const std::filesystem::path& path);
  ~StoredLedger();
  StoredLedger(const StoredLedger&) = delete;
  StoredLedger& operator=(const StoredLedger&) = delete;

  void run(const std::string& sql);
  // The one value that the query gives.
  Bytes bytes(const std::string& sql);
  // Changes one byte of the value in `column` of the rows of `table` that `where` names.
  void flip(const std::string& table, const std::string& column, const std::string& where, std::size_t at);
  void set(const std::string& table, const std::string& column, const std::string& where, const Bytes& value,
           bool text = false);

 private:
  sqlite3* database_ = nullptr;
};

}  // namespace sceau::test
