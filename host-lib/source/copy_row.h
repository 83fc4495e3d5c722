// One line of COPY's text format (PostgreSQL's manual, COPY, "Text Format") as typed cells.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sceau/source/source.h"

namespace sceau::source {

// What a column's values are read as: of its type in the database. Nothing: binary data and types that are no
// plain value, which cannot leave.
std::optional<Cell::Kind> cell_kind(unsigned type_oid);
// float4 and float8: sums of them lose digits, and fail when they grow too large.
bool is_floating_point(unsigned type_oid);

class CopyRow {
 public:
  explicit CopyRow(std::vector<Cell::Kind> kinds) : kinds_(std::move(kinds)), cells_(kinds_.size()) {}
  // False when the line has another number of fields, or one that is not of its kind. The line must outlive
  // the cells.
  bool read(std::string_view line);
  [[nodiscard]] std::span<const Cell> cells() const { return cells_; }

 private:
  bool take(std::size_t column, std::string_view field);
  std::string_view unescape(std::string_view field);

  std::vector<Cell::Kind> kinds_;
  std::vector<Cell> cells_;
  std::string unescaped_;  // of the fields that hold escapes; reserved before cells point into it
};

}  // namespace sceau::source
