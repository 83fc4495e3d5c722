#include "damage.h"

#include <cstdio>
#include <cstdlib>

namespace sceau::test {
namespace {

void require(bool good, sqlite3* database, const std::string& sql) {
  if (good) return;
  std::fprintf(stderr, "damaging a ledger: %s: %s\n", sql.c_str(), sqlite3_errmsg(database));
  std::abort();
}

}  // namespace

StoredLedger::StoredLedger(const std::filesystem::path& path) {
  require(sqlite3_open(path.c_str(), &database_) == SQLITE_OK, database_, "open");
}

StoredLedger::~StoredLedger() { sqlite3_close(database_); }

void StoredLedger::run(const std::string& sql) {
  require(sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK, database_, sql);
  require(sqlite3_changes(database_) > 0, database_, sql + " changed nothing");
}

Bytes StoredLedger::bytes(const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  require(sqlite3_prepare_v2(database_, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK, database_, sql);
  require(sqlite3_step(statement) == SQLITE_ROW, database_, sql);
  const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement, 0));
  Bytes value(data, data + sqlite3_column_bytes(statement, 0));
  sqlite3_finalize(statement);
  return value;
}

void StoredLedger::set(const std::string& table, const std::string& column, const std::string& where,
                       const Bytes& value, bool text) {
  const std::string sql = "UPDATE " + table + " SET " + column + " = ? WHERE " + where;
  sqlite3_stmt* statement = nullptr;
  require(sqlite3_prepare_v2(database_, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK, database_, sql);
  const int size = static_cast<int>(value.size());
  if (text) {
    sqlite3_bind_text(statement, 1, reinterpret_cast<const char*>(value.data()), size, SQLITE_TRANSIENT);
  } else {
    sqlite3_bind_blob(statement, 1, value.data(), size, SQLITE_TRANSIENT);
  }
  require(sqlite3_step(statement) == SQLITE_DONE && sqlite3_changes(database_) > 0, database_, sql);
  sqlite3_finalize(statement);
}

void StoredLedger::flip(const std::string& table, const std::string& column, const std::string& where,
                        std::size_t at) {
  Bytes value = bytes("SELECT " + column + " FROM " + table + " WHERE " + where);
  value.at(at) ^= 1U;
  set(table, column, where, value, column == "note");
}

}  // namespace sceau::test
