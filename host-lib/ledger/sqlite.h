// One SQLite connection and its prepared statements, each with one owner, errors as values.
#pragma once

#include <sqlite3.h>

#include <filesystem>
#include <memory>
#include <string>
#include <unordered_map>

#include "sceau/base/bytes.h"
#include "sceau/base/result.h"

namespace sceau::ledger {

// A prepared statement in use: reset when it goes. Bind in order, step, read columns. The first failure is
// kept, and the next step() reports it.
class SqliteQuery {
 public:
  SqliteQuery(sqlite3* database, sqlite3_stmt* statement, int result)
      : database_(database), statement_(statement), result_(result) {}
  ~SqliteQuery();
  SqliteQuery(SqliteQuery&& other) noexcept;
  SqliteQuery& operator=(SqliteQuery&&) = delete;
  SqliteQuery(const SqliteQuery&) = delete;
  SqliteQuery& operator=(const SqliteQuery&) = delete;

  // SQLite's integers are signed: a number beyond 2^63 - 1 is bound as NULL, which matches nothing.
  SqliteQuery& bind(std::uint64_t value);
  // The bytes must live until the query is done.
  SqliteQuery& bind(ByteView bytes);
  SqliteQuery& bind_text(std::string_view text);

  // True when there is a row.
  Result<bool> step();
  // Runs to the end; for statements without rows.
  Status run();

  bool is_null(int column);
  std::uint64_t number(int column);
  Bytes blob(int column);
  std::string text(int column);

 private:
  sqlite3* database_;
  sqlite3_stmt* statement_;
  int result_;
  int next_ = 1;
};

class SqliteConnection {
 public:
  // `flags` as for sqlite3_open_v2; `vfs` empty for the default one.
  static Result<std::unique_ptr<SqliteConnection>> open(const std::string& name, int flags,
                                                        const std::string& vfs);
  ~SqliteConnection();
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;

  // `sql` must be a literal: statements are kept by its address.
  SqliteQuery query(const char* sql);
  // corrupt unless PRAGMA user_version is this.
  Status expect_version(std::uint64_t version);
  // Runs one or more statements without parameters, ignoring their rows.
  Status execute(const char* sql);

 private:
  explicit SqliteConnection(sqlite3* database) : database_(database) {}
  sqlite3* database_;
  std::unordered_map<const char*, sqlite3_stmt*> statements_;
};

// A failure of SQLite as an Error: what is wrong and what to do.
Error sqlite_error(sqlite3* database, int result);

}  // namespace sceau::ledger
