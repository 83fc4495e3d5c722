// COPY … FROM STDIN: what a client sends becomes rows, and the rows INSERTs that fit into signed statements.
//
// Nothing is given on before all has come and every value was looked at: a mistake in the last line leaves
// the table as it was. The formats are PostgreSQL's `text` and `csv`
// (https://www.postgresql.org/docs/15/sql-copy.html).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "copy_format.h"
#include "replies.h"

namespace sceau::connect {

struct Table;

inline constexpr std::size_t kMostCopied = 1U << 20U;  // bytes of one COPY
inline constexpr std::size_t kLongestInsert =
    12000;  // bytes of one INSERT: a signed statement has 16,384 in all
inline constexpr std::size_t kMostCopiedColumns = 300;

// One INSERT, and which rows are in it.
struct CopiedPart {
  std::string sql;
  std::size_t first = 0, count = 0;  // the first is 1
};

class CopyIn {
 public:
  // Columns in the order in which values come, with the types of the table.
  CopyIn(std::string table, std::vector<Column> columns, CopyFormat format)
      : table_(std::move(table)), columns_(std::move(columns)), format_(std::move(format)) {}

  [[nodiscard]] const std::string& table() const { return table_; }
  [[nodiscard]] std::size_t width() const { return columns_.size(); }
  // 54000: more than is taken.
  std::optional<Problem> take(std::string_view data);
  // After the last of it: its rows, in INSERTs. 22P04: lines that are none, or have other fields than
  // columns. 22P02, 22003: values that their columns do not take. 22021: bytes that are no text of UTF-8.
  // 0A000: characters that a signed statement does not hold. 54000: a row that does not fit into one.
  std::optional<Problem> end(std::vector<CopiedPart>& parts);

 private:
  std::optional<Problem> row(std::size_t line, const std::vector<Value>& fields);
  std::optional<Problem> add(std::size_t line, const std::string& values);

  std::string table_;
  std::vector<Column> columns_;
  CopyFormat format_;
  std::string data_;
  std::vector<CopiedPart> parts_;
  std::size_t rows_ = 0, held_ = 0;  // held: bytes of the last part as a statement carries them
};

// Whom COPY names: a table of the agent's own, and the columns in the order of their values. 42P01, 42703,
// 42701, 42501.
std::optional<Problem> copied_columns(const Table& table, const PgQuery__CopyStmt& statement,
                                      std::vector<Column>& columns);

}  // namespace sceau::connect
