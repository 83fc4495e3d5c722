#include "sqlite.h"

namespace sceau::ledger {
namespace {

constexpr int kBusyMilliseconds = 5000;

// What to do about a failure, and whether it may go away.
struct Advice {
  ErrorKind kind;
  const char* text;
};

Advice advice_for(int result) {
  switch (result & 0xFF) {
    case SQLITE_FULL:
      return {ErrorKind::unavailable, "free space on its disk and try again"};
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return {ErrorKind::unavailable, "check its disk, its folder and their permissions, and try again"};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {ErrorKind::unavailable, "another process holds it: try again"};
    case SQLITE_NOMEM:
      return {ErrorKind::unavailable, "memory is out: try again later"};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_MISMATCH:
      return {ErrorKind::corrupt, "restore the ledger from a backup"};
    case SQLITE_ERROR:  // a table or column that is not there
      return {ErrorKind::corrupt, "this is not a ledger, or not one of this version"};
    case SQLITE_TOOBIG:
      return {ErrorKind::invalid, "what is stored at once must be smaller"};
    case SQLITE_CONSTRAINT:
      return {ErrorKind::corrupt, "a row that must not be there is: check the ledger"};
    default:
      return {ErrorKind::internal, "report this"};
  }
}

}  // namespace

Error sqlite_error(sqlite3* database, int result) {
  const Advice advice = advice_for(result);
  std::string message = "SQLite: ";
  message += database != nullptr && sqlite3_errcode(database) == (result & 0xFF) ? sqlite3_errmsg(database)
                                                                                 : sqlite3_errstr(result);
  return {advice.kind, message + ": " + advice.text};
}

SqliteQuery::~SqliteQuery() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

SqliteQuery::SqliteQuery(SqliteQuery&& other) noexcept
    : database_(other.database_), statement_(other.statement_), result_(other.result_), next_(other.next_) {
  other.statement_ = nullptr;
}

SqliteQuery& SqliteQuery::bind(std::uint64_t value) {
  if (result_ != SQLITE_OK) return *this;
  result_ = value > INT64_MAX ? sqlite3_bind_null(statement_, next_++)
                              : sqlite3_bind_int64(statement_, next_++, static_cast<sqlite3_int64>(value));
  return *this;
}

SqliteQuery& SqliteQuery::bind(ByteView bytes) {
  if (result_ != SQLITE_OK) return *this;
  // A null pointer would bind NULL instead of no bytes.
  result_ = bytes.empty()
                ? sqlite3_bind_zeroblob(statement_, next_++, 0)
                : sqlite3_bind_blob64(statement_, next_++, bytes.data(), bytes.size(), SQLITE_STATIC);
  return *this;
}

SqliteQuery& SqliteQuery::bind_text(std::string_view text) {
  if (result_ == SQLITE_OK) {
    result_ = sqlite3_bind_text64(statement_, next_++, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  return *this;
}

Result<bool> SqliteQuery::step() {
  if (result_ != SQLITE_OK && result_ != SQLITE_ROW) return sqlite_error(database_, result_);
  result_ = sqlite3_step(statement_);
  if (result_ == SQLITE_ROW) return true;
  if (result_ == SQLITE_DONE) return false;
  return sqlite_error(database_, result_);
}

Status SqliteQuery::run() {
  for (;;) {
    auto more = step();
    if (!more) return more.error();
    if (!*more) return {};
  }
}

bool SqliteQuery::is_null(int column) { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

std::uint64_t SqliteQuery::number(int column) {
  return static_cast<std::uint64_t>(sqlite3_column_int64(statement_, column));
}

Bytes SqliteQuery::blob(int column) {
  const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
  const int size = sqlite3_column_bytes(statement_, column);
  return data == nullptr ? Bytes{} : Bytes(data, data + size);
}

std::string SqliteQuery::text(int column) {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  const int size = sqlite3_column_bytes(statement_, column);
  return data == nullptr ? std::string() : std::string(data, static_cast<std::size_t>(size));
}

Result<std::unique_ptr<SqliteConnection>> SqliteConnection::open(const std::string& name, int flags,
                                                                 const std::string& vfs) {
  sqlite3* database = nullptr;
  const int result = sqlite3_open_v2(name.c_str(), &database, flags | SQLITE_OPEN_NOMUTEX,
                                     vfs.empty() ? nullptr : vfs.c_str());
  std::unique_ptr<SqliteConnection> connection(new SqliteConnection(database));
  if (result != SQLITE_OK) return sqlite_error(database, result);
  sqlite3_extended_result_codes(database, 1);
  sqlite3_busy_timeout(database, kBusyMilliseconds);
  return connection;
}

SqliteConnection::~SqliteConnection() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close(database_);
}

SqliteQuery SqliteConnection::query(const char* sql) {
  sqlite3_stmt*& statement = statements_[sql];
  int result = SQLITE_OK;
  if (statement == nullptr) {
    result = sqlite3_prepare_v3(database_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  }
  return {database_, statement, result};
}

Status SqliteConnection::expect_version(std::uint64_t version) {
  auto stored = query("PRAGMA user_version");
  auto row = stored.step();
  if (!row) return row.error();
  if (*row && stored.number(0) == version) return {};
  return Error{ErrorKind::corrupt, "this is not a ledger, or not one of this version: its format is " +
                                       std::to_string(stored.number(0)) + ", not " + std::to_string(version)};
}

Status SqliteConnection::execute(const char* sql) {
  const int result = sqlite3_exec(database_, sql, nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) return sqlite_error(database_, result);
  return {};
}

}  // namespace sceau::ledger
