// A database that the gate runs checked SQL on: one narrow interface, SQLite and PostgreSQL behind it.
//
// A source runs nothing but CheckedSql, which only this room's printer makes from a checked tree. The
// database is the second barrier: SQLite lists every column that a statement reads, PostgreSQL every
// relation, and a statement whose list differs from the tree's is refused. No error text of a database
// leaves this room: it could carry data.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "sceau/base/result.h"
#include "sceau/source/catalogue.h"

namespace sceau::source {

enum class Engine { sqlite, postgresql };
// "sqlite", "postgresql", as a source.add statement says it. Fails with invalid.
Result<Engine> engine_from(std::string_view text);

// One column that a statement reads, spelt as the catalogue spells it.
struct ColumnRead {
  std::string table;
  std::string column;
  bool operator==(const ColumnRead&) const = default;
  bool operator<(const ColumnRead& other) const {
    return std::tie(table, column) < std::tie(other.table, other.column);
  }
};

// A SELECT that was printed from a checked tree, and what that tree reads.
struct Select;

class CheckedSql {
 public:
  [[nodiscard]] Engine engine() const { return engine_; }
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] const std::set<ColumnRead>& reads() const { return reads_; }
  [[nodiscard]] const std::set<std::string>& tables() const { return tables_; }
  // Tables of a workspace that it reads, and the schema that they lie in.
  [[nodiscard]] const std::set<std::string>& workspace() const { return workspace_; }
  [[nodiscard]] const std::string& schema() const { return schema_; }
  // What $1, $2, … of the text stand for: the database gets them beside the text, never in it.
  [[nodiscard]] const std::vector<std::string>& values() const { return values_; }
  [[nodiscard]] const std::vector<Type>& types() const { return types_; }
  // One value for each parameter. refused, without showing the value: another number of them, or one that is
  // not of its column's type.
  Status bind(std::vector<std::string> values);

 private:
  friend Result<CheckedSql> print(const Select& select, const Catalogue& catalogue, Engine engine);
  CheckedSql(Engine engine, std::string text, std::set<ColumnRead> reads, std::set<std::string> tables)
      : engine_(engine), text_(std::move(text)), reads_(std::move(reads)), tables_(std::move(tables)) {}
  Engine engine_;
  std::string text_;
  std::set<ColumnRead> reads_;
  std::set<std::string> tables_;
  std::set<std::string> workspace_;
  std::string schema_;
  std::vector<Type> types_;
  std::vector<std::string> values_;
};

// One value of a row. `text` is valid until the next call of Rows::next(); of a number it is the database's
// own spelling, where equal numbers are equal texts, or empty.
struct Cell {
  enum class Kind : std::uint8_t { null, integer, real, text };
  Kind kind = Kind::null;
  std::int64_t integer = 0;
  double real = 0;
  std::string_view text;
};

struct Limits {
  std::chrono::milliseconds time{std::chrono::minutes(10)};  // from the opening of the snapshot
  std::stop_token stop;                                      // ends a running statement within milliseconds
};

// Rows as they come; nothing is kept.
class Rows {
 public:
  Rows() = default;
  virtual ~Rows() = default;
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;
  // True when cells() holds another row, false after the last. Fails with refused (time or memory
  // limit, a value that is a blob), unavailable (stopped by `stop`, or the database cannot be read).
  virtual Result<bool> next() = 0;
  [[nodiscard]] virtual std::span<const Cell> cells() const = 0;
};

// How many rows a statement would give, as far as the database tells before it runs for good.
struct ExpectedRows {
  std::uint64_t rows = 0;
  bool or_more = false;  // counting ended there
};

// One unchanging view of the data, on a connection of its own, for one thread. Several statements may
// be read side by side. Rows must be gone before their snapshot.
class Snapshot {
 public:
  Snapshot() = default;
  virtual ~Snapshot() = default;
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;
  // Fails with refused when the database reads another set of columns than the tree, or refuses.
  virtual Result<std::unique_ptr<Rows>> run(const CheckedSql& sql) = 0;
  // How many rows the statement would give. PostgreSQL's planner says what it expects by its statistics, and
  // nothing runs. SQLite's says nothing, so there the rows are counted: up to `enough`, and as long as the
  // snapshot's limits allow; nothing when the time was over before the first. Fails as run() does.
  virtual Result<std::optional<ExpectedRows>> expected_rows(const CheckedSql& sql, std::uint64_t enough) = 0;
};

class CheckedWork;  // work.h

// Where a script of kind work runs, and what names it.
struct Workspace {
  std::string schema;   // of the workspace, in the database; made when it is missing
  std::string request;  // one line that names the script for ever
};

// May be used by several threads at once.
class Source {
 public:
  Source() = default;
  virtual ~Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  // Fails with unavailable.
  virtual Result<std::unique_ptr<Snapshot>> snapshot(const Limits& limits) = 0;
  // That every table and column of the catalogue exists as a plain table. Fails with invalid, naming
  // the first that does not, or unavailable.
  virtual Status check(const Catalogue& catalogue) = 0;
  // Runs a script in one transaction, step by step, each compared with the database's own plan first. Before
  // it commits it calls `permit`, and what that refuses is undone. Fails as Rows do, naming the step, with
  // nothing changed, unless `permit` was called: then committed() says.
  virtual Status work(const std::vector<CheckedWork>& steps, const Workspace& place,
                      const std::function<Status()>& permit, const Limits& limits) = 0;
  // Whether that script was committed. What still runs is waited for. Fails with unavailable.
  virtual Result<bool> committed(const Workspace& place) = 0;
};

// A SQLite database file, read only: authorizer, defensive mode, no extensions, no ATTACH, bounded
// memory. The file is not held open between snapshots. Fails with not_found or invalid.
Result<std::unique_ptr<Source>> open_sqlite(const std::filesystem::path& file);

// A PostgreSQL database (14 or later, UTF8), as a role that may read the catalogue's tables and change
// nothing: every statement runs in one read-only transaction's snapshot, streams, and ends at its time. What
// the planner would read is compared with the tree before it runs.
//
// `place` is a connection string of libpq (section 34.1.1 of its manual) without a password, which belongs
// into a passfile; `schema` holds the catalogue's tables. It connects when a snapshot is asked for. Fails
// with invalid: a password, no connection string, or no schema's name.
//
// `workspace` is a role that cannot log in and that the gate's role is a member of, without inheriting from
// it. It may read the catalogue's tables, too, and make schemas; a workspace's tables are its own. Work, and
// what reads a workspace, runs as it. Empty: there is no work here.
struct PostgresqlPlace {
  std::string place;
  std::string schema = "public";
  std::string workspace{};
};
Result<std::unique_ptr<Source>> open_postgresql(const PostgresqlPlace& place);

// What a database's administrator runs, once a source, so that work is possible there: the workspace's role
// with no more rights than check() admits, and the gate's role `gate` a member of it.
std::string workspace_sql(const PostgresqlPlace& place, const std::string& gate, const Catalogue& catalogue);

}  // namespace sceau::source
