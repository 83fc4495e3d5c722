// Statements of kind `work`: what makes, fills and drops tables of an agent's workspace inside the source.
//
// read_work() reads one of
//   CREATE [TEMPORARY] TABLE [IF NOT EXISTS] t AS SELECT …
//   CREATE [TEMPORARY] TABLE [IF NOT EXISTS] t (column type, …)
//   INSERT INTO t [(columns)] SELECT … | VALUES … [ON CONFLICT DO NOTHING, which is left out]
//   CREATE [OR REPLACE] VIEW v AS SELECT …        DROP VIEW [IF EXISTS] v, …
//   SELECT … INTO t FROM …          CREATE TABLE t (LIKE other)
//   UPDATE t SET column = value, … [FROM …] [WHERE …]; one value may be an aggregate over rows tied to t's
//   DELETE FROM t [USING …] [WHERE …]        TRUNCATE t        DROP TABLE [IF EXISTS] t, …
//   ALTER TABLE t ADD COLUMN …, DROP COLUMN …, ALTER COLUMN … SET DEFAULT …    RENAME TO …    RENAME COLUMN …
//   TO … CREATE INDEX ON t (columns)        [VACUUM] ANALYZE [t]        DROP INDEX, COMMENT ON, BEGIN,
//   COMMIT: nothing is done
// WITH may stand before INSERT, UPDATE and DELETE.
// with the same allow-list as read_select(). `t` is named alone or after `work.`; it is always a table of the
// workspace, never one of the catalogue. RETURNING and everything that answers anything is refused, and
// constraints and keys are left out: an answer or a failure that depends on data would tell of it. DEFAULT is
// a constant, which INSERT names like any other.
//
// print_work() writes it as the one text that the database gets: columns are `text` or `numeric` whatever
// they are computed from, so that no value fails to go in. A whole number that CREATE TABLE AS names
// directly, of the catalogue or of a column that kept its type, keeps its type until anything more goes in:
// `widen` comes before that.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sceau/base/result.h"
#include "sceau/source/query.h"

namespace sceau::source {

// The schema that stands for the workspace in SQL.
inline constexpr std::string_view workspace_name = "work";

struct WorkStatement {
  enum class Kind : std::uint8_t {
    make,           // CREATE TABLE t AS select
    declare,        // CREATE TABLE t (columns)
    insert,         // INSERT INTO t (into) select
    insert_values,  // INSERT INTO t (into) VALUES rows
    drop,
    update,  // UPDATE t SET into = outputs: `select` reads t, then what FROM names; its WHERE is what changes
    remove,  // DELETE FROM t: `select` reads t, then what USING names; its WHERE is what goes; all, without
    alter,   // ADD COLUMN columns, DROP COLUMN into
    rename,  // the table, or its one column of `into`, to `renamed`
    widen,   // the columns `into` become numeric: no statement of the author's: see keeps_type()
    index,   // of the columns `into`
    view,    // CREATE VIEW t AS select: kept beside the database, and read anew wherever it is named
    analyse,  // `table` empty: of nothing
    nothing,  // what IF [NOT] EXISTS leaves to do
  };
  Kind kind = Kind::nothing;
  int number = 1;  // of the script's statements
  std::string table;
  bool temporary = false;                       // written as such; it is kept like any other
  std::vector<std::string> others;              // DROP and TRUNCATE: further tables
  std::shared_ptr<const WorkStatement> before;  // update: another one that is done first
  std::string renamed;
  bool replaces = false;             // view: CREATE OR REPLACE
  bool unique = false;               // index: written as such; it is made as any other
  bool constrained = false;          // constraints were written; none is made
  std::vector<std::string> notices;  // what else was left out
  std::vector<Column>
      columns;  // declare, alter: names, types, and labels of the catalogue's columns of those names
  std::optional<Select> select;
  std::vector<int> into;                      // positions of the table's columns
  std::vector<std::vector<Expression>> rows;  // constants
  // alter: what columns get where INSERT says nothing; nothing: NULL.
  std::vector<std::pair<int, std::optional<std::string>>> defaults;
};

// Reads exactly one statement; `catalogue` has the workspace's tables as they are before it, and outlives the
// tree. Fails with invalid (not SQL) or refused (not allowed, not followed).
Result<WorkStatement> read_work(std::string_view sql, const Catalogue& catalogue);

// One step of a script as the database gets it, and what it touches.
class CheckedWork {
 public:
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] int number() const { return number_; }
  // What it reads, planned before it runs; empty for what reads nothing.
  [[nodiscard]] bool reads() const { return select_.has_value(); }
  // The SELECT inside it, as print() gives it by itself.
  [[nodiscard]] const std::optional<CheckedSql>& select() const { return select_; }
  // Of what reads: tables of the catalogue.
  [[nodiscard]] const std::set<std::string>& tables() const { return select_->tables(); }
  // Tables of the workspace.
  [[nodiscard]] const std::set<std::string>& workspace() const { return workspace_; }

 private:
  friend Result<CheckedWork> print_work(const WorkStatement& work, const Catalogue& catalogue,
                                        const std::string& schema);
  CheckedWork(int number, std::string text, std::optional<CheckedSql> select, std::set<std::string> workspace)
      : number_(number),
        text_(std::move(text)),
        select_(std::move(select)),
        workspace_(std::move(workspace)) {}
  int number_;
  std::string text_;
  std::optional<CheckedSql> select_;
  std::set<std::string> workspace_;
};

// Whether CREATE TABLE AS stores result `at` (from 0) in the type that it has (Column::narrow).
bool keeps_type(const Select& select, std::size_t at);

// `catalogue` as for read_work(); `schema` is the workspace's own in the database. PostgreSQL's words. Fails
// with internal when the text reads differently the second time; refused: it needs nothing done.
Result<CheckedWork> print_work(const WorkStatement& work, const Catalogue& catalogue,
                               const std::string& schema);

}  // namespace sceau::source
