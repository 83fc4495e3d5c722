#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <climits>
#include <cstdlib>

#include "sceau/source/source.h"

#include "sceau/base/handle.h"
#include "sqlite_authorizer.h"

namespace sceau::source {
namespace {

constexpr int cache_kibibytes = 8192;           // of pages, a connection; sorting spills to temporary files
constexpr int longest_value = 1 << 20;          // bytes of one value or row
constexpr int operations_between_looks = 4096;  // of SQLite's machine, between two looks at the clock

using Database = Handle<sqlite3, sqlite3_close_v2>;
using Statement = Handle<sqlite3_stmt, sqlite3_finalize>;

// Time and stop, looked at from within SQLite's machine.
struct Watch {
  std::chrono::steady_clock::time_point end;
  std::stop_token stop;
  bool out_of_time = false;
};

int look(void* context) {
  auto& watch = *static_cast<Watch*>(context);
  watch.out_of_time = watch.out_of_time || std::chrono::steady_clock::now() > watch.end;
  return watch.out_of_time || watch.stop.stop_requested() ? 1 : 0;
}

// The text is ours alone: SQLite's own messages can hold values.
Error failure(int code, const Watch& watch) {
  switch (code & 0xFF) {
    case SQLITE_INTERRUPT:
      if (watch.stop.stop_requested()) return {ErrorKind::unavailable, "running the SQL: it was stopped"};
      return {ErrorKind::refused,
              "running the SQL: it took longer than policy allows: narrow it, or split it by month"};
    case SQLITE_NOMEM:
    case SQLITE_FULL:
    case SQLITE_TOOBIG:
      return {ErrorKind::refused,
              "running the SQL: it needs more memory or disk than it may have: narrow it"};
    case SQLITE_AUTH:
      return {ErrorKind::refused,
              "running the SQL: the database refused what the gate had admitted: tell the administrator"};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {ErrorKind::unavailable, "running the SQL: the database is being written to: ask again later"};
    case SQLITE_ERROR:
      return {
          ErrorKind::refused,
          "running the SQL: the database could not compute it: check types and tables against the catalogue"};
    default:
      return {ErrorKind::unavailable, "running the SQL: the database cannot be read (SQLite code " +
                                          std::to_string(code) + "): tell the administrator"};
  }
}

class SqliteRows final : public Rows {
 public:
  SqliteRows(Statement statement, const Watch& watch)
      : statement_(std::move(statement)),
        watch_(watch),
        cells_(static_cast<std::size_t>(sqlite3_column_count(statement_.get()))) {}

  Result<bool> next() override {
    const int code = sqlite3_step(statement_.get());
    if (code == SQLITE_DONE) return false;
    if (code != SQLITE_ROW) return failure(code, watch_);
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      if (!take(cells_[i], static_cast<int>(i))) {
        return Error{ErrorKind::refused, "running the SQL: result column " + std::to_string(i + 1) +
                                             " holds binary data, which cannot leave: leave it out"};
      }
    }
    return true;
  }
  [[nodiscard]] std::span<const Cell> cells() const override { return cells_; }

 private:
  bool take(Cell& cell, int column) {
    sqlite3_stmt* const row = statement_.get();
    cell.text = {};
    switch (sqlite3_column_type(row, column)) {
      case SQLITE_INTEGER:
        cell.kind = Cell::Kind::integer;
        cell.integer = sqlite3_column_int64(row, column);
        return true;
      case SQLITE_FLOAT:
        cell.kind = Cell::Kind::real;
        cell.real = sqlite3_column_double(row, column);
        return true;
      case SQLITE_TEXT:
        cell.kind = Cell::Kind::text;
        cell.text = {reinterpret_cast<const char*>(sqlite3_column_text(row, column)),
                     static_cast<std::size_t>(sqlite3_column_bytes(row, column))};
        return true;
      case SQLITE_NULL:
        cell.kind = Cell::Kind::null;
        return true;
      default:
        return false;
    }
  }

  Statement statement_;
  const Watch& watch_;
  std::vector<Cell> cells_;
};

// Each value as what its column holds.
Status bind_values(sqlite3_stmt* statement, const CheckedSql& sql) {
  for (std::size_t i = 0; i < sql.types().size(); ++i) {
    const int at = sqlite3_bind_parameter_index(statement, ("$" + std::to_string(i + 1)).c_str());
    const std::string& value = i < sql.values().size() ? sql.values()[i] : std::string();
    int code = SQLITE_RANGE;
    if (sql.types()[i] == Type::text) {
      code = sqlite3_bind_text(statement, at, value.data(), static_cast<int>(value.size()), SQLITE_TRANSIENT);
    } else if (sql.types()[i] == Type::integer) {
      code = sqlite3_bind_int64(statement, at, std::strtoll(value.c_str(), nullptr, 10));
    } else {
      code = sqlite3_bind_double(statement, at, std::strtod(value.c_str(), nullptr));
    }
    if (code != SQLITE_OK || i >= sql.values().size())
      return Error{ErrorKind::internal, "running the SQL: a parameter has no value: tell the administrator"};
  }
  return {};
}

class SqliteSnapshot final : public Snapshot {
 public:
  explicit SqliteSnapshot(Database database) : database_(std::move(database)) {}

  // Settings first, then the authorizer, then the transaction: nothing runs unwatched after that.
  Status begin(const Limits& limits);
  Result<std::unique_ptr<Rows>> run(const CheckedSql& sql) override;
  Result<std::optional<ExpectedRows>> expected_rows(const CheckedSql& sql, std::uint64_t enough) override;

 private:
  Status harden();
  Status agree(const CheckedSql& sql) const;
  // A statement that agrees with the tree, its values bound.
  Result<Statement> prepare(const CheckedSql& sql);

  Seen seen_;
  Watch watch_;
  Database database_;
};

Status SqliteSnapshot::harden() {
  sqlite3* const db = database_.get();
  constexpr std::array<std::pair<int, int>, 8> switches = {{{SQLITE_DBCONFIG_DEFENSIVE, 1},
                                                            {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
                                                            {SQLITE_DBCONFIG_DQS_DML, 0},
                                                            {SQLITE_DBCONFIG_DQS_DDL, 0},
                                                            {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
                                                            {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
                                                            {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
                                                            {SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0}}};
  for (const auto& [option, value] : switches) {
    if (sqlite3_db_config(db, option, value, nullptr) != SQLITE_OK) {
      return Error{ErrorKind::internal, "opening the source: SQLite refuses a protective setting"};
    }
  }
  constexpr std::array<std::pair<int, int>, 9> bounds = {{{SQLITE_LIMIT_ATTACHED, 0},
                                                          {SQLITE_LIMIT_LENGTH, longest_value},
                                                          {SQLITE_LIMIT_SQL_LENGTH, longest_value},
                                                          {SQLITE_LIMIT_COLUMN, 2000},
                                                          {SQLITE_LIMIT_EXPR_DEPTH, 500},
                                                          {SQLITE_LIMIT_COMPOUND_SELECT, 100},
                                                          {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 100},
                                                          {SQLITE_LIMIT_TRIGGER_DEPTH, 0},
                                                          {SQLITE_LIMIT_WORKER_THREADS, 0}}};
  for (const auto& [bound, value] : bounds) sqlite3_limit(db, bound, value);
  const std::string pragmas =
      "PRAGMA case_sensitive_like = ON; PRAGMA temp_store = FILE; PRAGMA query_only = ON;"
      "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA cache_size = -" +
      std::to_string(cache_kibibytes) + ";";
  const int code = sqlite3_exec(db, pragmas.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return failure(code, watch_);
  return {};
}

Status SqliteSnapshot::begin(const Limits& limits) {
  watch_.end = std::chrono::steady_clock::now() + limits.time;
  watch_.stop = limits.stop;
  sqlite3_busy_timeout(database_.get(), 2000);
  if (auto hardened = harden(); !hardened) return hardened;
  const int code = sqlite3_exec(database_.get(), "BEGIN", nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return failure(code, watch_);
  sqlite3_progress_handler(database_.get(), operations_between_looks, look, &watch_);
  if (sqlite3_set_authorizer(database_.get(), authorize_reading, &seen_) != SQLITE_OK) {
    return Error{ErrorKind::internal, "opening the source: SQLite refuses an authorizer"};
  }
  return {};
}

Status SqliteSnapshot::agree(const CheckedSql& sql) const {
  if (seen_.reads == sql.reads()) return {};
  for (const ColumnRead& read : seen_.reads) {
    if (!sql.reads().contains(read)) {
      return Error{ErrorKind::refused, "running the SQL: the database would read " + read.table + "." +
                                           read.column +
                                           ", which the checked tree does not: tell the administrator"};
    }
  }
  return Error{ErrorKind::refused,
               "running the SQL: the database would read fewer columns than the checked tree: is the "
               "catalogue's spelling the database's?"};
}

Result<Statement> SqliteSnapshot::prepare(const CheckedSql& sql) {
  seen_ = {};
  sqlite3_stmt* prepared = nullptr;
  const char* tail = nullptr;
  const std::string& text = sql.text();
  const int code =
      sqlite3_prepare_v2(database_.get(), text.c_str(), static_cast<int>(text.size()) + 1, &prepared, &tail);
  Statement statement(prepared);
  if (code != SQLITE_OK && !seen_.refused.empty()) {
    return Error{ErrorKind::refused, "running the SQL: the database's second barrier refused " +
                                         seen_.refused +
                                         ", which the gate had admitted: tell the administrator"};
  }
  if (code != SQLITE_OK) return failure(code, watch_);
  if (statement == nullptr || *tail != '\0' || sqlite3_stmt_readonly(prepared) == 0 ||
      sqlite3_stmt_isexplain(prepared) != 0) {
    return Error{ErrorKind::refused, "running the SQL: it is not one reading statement"};
  }
  if (auto agreed = agree(sql); !agreed) return agreed.error();
  if (auto bound = bind_values(prepared, sql); !bound) return bound.error();
  return statement;
}

Result<std::unique_ptr<Rows>> SqliteSnapshot::run(const CheckedSql& sql) {
  auto statement = prepare(sql);
  if (!statement) return statement.error();
  return std::unique_ptr<Rows>(std::make_unique<SqliteRows>(std::move(*statement), watch_));
}

Result<std::optional<ExpectedRows>> SqliteSnapshot::expected_rows(const CheckedSql& sql,
                                                                  std::uint64_t enough) {
  auto statement = prepare(sql);
  if (!statement) return statement.error();
  ExpectedRows expected;
  int code = SQLITE_ROW;
  while (expected.rows < enough && (code = sqlite3_step(statement->get())) == SQLITE_ROW) ++expected.rows;
  expected.or_more = code != SQLITE_DONE;
  if (code == SQLITE_ROW || code == SQLITE_DONE) return std::optional(expected);
  if (!watch_.out_of_time) return failure(code, watch_);
  return expected.rows == 0 ? std::optional<ExpectedRows>() : std::optional(expected);
}

class SqliteSource final : public Source {
 public:
  explicit SqliteSource(std::filesystem::path file) : file_(std::move(file)) {}

  Result<std::unique_ptr<Snapshot>> snapshot(const Limits& limits) override {
    auto database = open();
    if (!database) return database.error();
    auto snapshot = std::make_unique<SqliteSnapshot>(std::move(*database));
    if (auto begun = snapshot->begin(limits); !begun) return begun.error();
    return std::unique_ptr<Snapshot>(std::move(snapshot));
  }
  Status check(const Catalogue& catalogue) override;
  Status work(const std::vector<CheckedWork>& /*steps*/, const Workspace& /*place*/,
              const std::function<Status()>& /*permit*/, const Limits& /*limits*/) override {
    return Error{ErrorKind::refused, "running the script: a SQLite file is read only and has no workspace"};
  }
  Result<bool> committed(const Workspace& /*place*/) override { return false; }

  // Fails with not_found or unavailable.
  [[nodiscard]] Result<Database> open() const;

 private:
  std::filesystem::path file_;
};

Result<Database> SqliteSource::open() const {
  sqlite3* opened = nullptr;
  // Absolute, so that no name can be taken for a URI.
  const int code =
      sqlite3_open_v2(std::filesystem::absolute(file_).c_str(), &opened,
                      SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, nullptr);
  Database database(opened);
  if (code != SQLITE_OK) {
    return Error{ErrorKind::unavailable,
                 "opening the source " + file_.string() + ": it cannot be read: check its path and rights"};
  }
  return database;
}

// A computed column would read others behind the authorizer's back.
Status check_column(sqlite3* database, const Table& table, const Column& column) {
  sqlite3_stmt* prepared = nullptr;
  sqlite3_prepare_v2(database, "SELECT hidden FROM pragma_table_xinfo(?1) WHERE name = ?2", -1, &prepared,
                     nullptr);
  const Statement statement(prepared);
  sqlite3_bind_text(prepared, 1, table.name.c_str(), -1, SQLITE_STATIC);
  sqlite3_bind_text(prepared, 2, column.name.c_str(), -1, SQLITE_STATIC);
  const bool found = sqlite3_step(prepared) == SQLITE_ROW;
  if (found && sqlite3_column_int(prepared, 0) == 0) return {};
  return Error{ErrorKind::invalid,
               "checking the source: column " + table.name + "." + column.name + " of the catalogue is " +
                   (found ? "computed from others: leave it out of" : "not in the database: correct") +
                   " the catalogue"};
}

Status SqliteSource::check(const Catalogue& catalogue) {
  auto database = open();
  if (!database) return database.error();
  for (const Table& table : catalogue.tables()) {
    sqlite3_stmt* prepared = nullptr;
    const int code =
        sqlite3_prepare_v2(database->get(), "SELECT 1 FROM sqlite_schema WHERE name = ?1 AND type = 'table'",
                           -1, &prepared, nullptr);
    const Statement statement(prepared);
    if (code != SQLITE_OK) {
      return Error{ErrorKind::unavailable,
                   "checking the source " + file_.string() + ": it is not a SQLite database"};
    }
    sqlite3_bind_text(prepared, 1, table.name.c_str(), -1, SQLITE_STATIC);
    if (sqlite3_step(prepared) != SQLITE_ROW) {
      return Error{
          ErrorKind::invalid,
          "checking the source: table " + table.name +
              " of the catalogue is not a table of the database, spelt like that: correct the catalogue"};
    }
    for (const Column& column : table.columns) {
      if (auto found = check_column(database->get(), table, column); !found) return found;
    }
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Source>> open_sqlite(const std::filesystem::path& file) {
  std::error_code problem;
  if (!std::filesystem::is_regular_file(file, problem)) {
    return Error{ErrorKind::not_found,
                 "opening the source " + file.string() + ": there is no such file: check sceau.toml"};
  }
  auto source = std::make_unique<SqliteSource>(file);
  auto opened = source->open();
  if (!opened) return opened.error();
  return std::unique_ptr<Source>(std::move(source));
}

}  // namespace sceau::source
