#include "copy_in.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "copy_lines.h"
#include "sceau/source/catalogue.h"
#include "sceau/statement/value.h"
#include "tables.h"
#include "translator.h"
#include "tree.h"

namespace sceau::connect {
namespace {

std::string at_line(std::size_t line) { return "COPY, line " + std::to_string(line) + ": "; }

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// A number as PostgreSQL reads one, in the one form that is signed. Nothing: none, or one without a value
// that can be stored (infinity, NaN).
template <typename Number>
std::optional<std::string> number_of(std::string_view text, bool& too_large) {
  text = without_blanks(text);
  if (text.size() > 1 && text.front() == '+' && text[1] != '-') text.remove_prefix(1);
  Number value{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  too_large = problem == std::errc::result_out_of_range;
  if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if constexpr (std::is_floating_point_v<Number>) {
    if (!std::isfinite(value)) return std::nullopt;
  }
  std::array<char, 400> out{};
  const auto written = std::to_chars(out.data(), out.data() + out.size(), value);
  return std::string(out.data(), written.ptr);
}

std::optional<Problem> number_literal(const std::string& text, const Column& column, const std::string& where,
                                      std::string& out) {
  bool too_large = false;
  const auto number =
      column.type == kInt8 ? number_of<std::int64_t>(text, too_large) : number_of<double>(text, too_large);
  const std::string type(type_name(column.type));
  if (too_large)
    return Problem{"22003", where + "value \"" + text + "\" is out of range for type " + type, {}};
  if (!number) {
    return Problem{"22P02", where + "invalid input syntax for type " + type + ": \"" + text + "\"",
                   "Column \"" + column.name + "\" takes numbers; \\N (in CSV: nothing) is NULL."};
  }
  out = *number;
  return std::nullopt;
}

std::optional<Problem> text_literal(const std::string& text, const Column& column, const std::string& where,
                                    std::string& out) {
  if (text.find('\0') != std::string::npos)
    return Problem{"22021", where + "invalid byte sequence for encoding \"UTF8\": 0x00", {}};
  if (auto fine = statement::check_text(text); !fine) {
    const bool bytes = fine.error().message.find("UTF-8") != std::string::npos;
    return Problem{bytes ? "22021" : "0A000",
                   where + "column \"" + column.name + "\": " + fine.error().message,
                   "Each row becomes part of a signed statement, whose texts a person must be able to read."};
  }
  out = text_quoted(text);
  return std::nullopt;
}

// Bytes as canonical JSON carries them.
std::size_t carried(std::string_view text) {
  return text.size() + static_cast<std::size_t>(std::count_if(text.begin(), text.end(),
                                                              [](char c) { return c == '"' || c == '\\'; }));
}

}  // namespace

std::optional<Problem> CopyIn::take(std::string_view data) {
  if (data_.size() + data.size() > kMostCopied) {
    data_.clear();
    return Problem{
        "54000", "COPY takes " + std::to_string(kMostCopied) + " bytes, and more came",
        "Nothing was put in. Every row is signed: small tables alone are brought in so. What the warehouse "
        "holds is chosen by INSERT … SELECT; larger reference tables are its administrators' to load."};
  }
  data_.append(data);
  return std::nullopt;
}

std::optional<Problem> CopyIn::end(std::vector<CopiedPart>& parts) {
  CopyLines lines(format_, data_);
  std::vector<Value> fields;
  bool more = true;
  bool header = format_.header;
  for (;;) {
    if (auto wrong = lines.next(fields, more)) return wrong;
    if (!more) break;
    if (std::exchange(header, false)) continue;
    if (auto wrong = row(lines.line(), fields)) return wrong;
  }
  parts = std::move(parts_);
  return std::nullopt;
}

std::optional<Problem> CopyIn::row(std::size_t line, const std::vector<Value>& fields) {
  if (fields.size() < columns_.size())
    return Problem{
        "22P04", at_line(line) + "missing data for column \"" + columns_[fields.size()].name + "\"", {}};
  if (fields.size() > columns_.size())
    return Problem{"22P04", at_line(line) + "extra data after last expected column", {}};
  std::string values = "(";
  for (std::size_t i = 0; i < fields.size(); ++i) {
    std::string literal = "NULL";
    if (fields[i]) {
      auto wrong = is_number(columns_[i].type)
                       ? number_literal(*fields[i], columns_[i], at_line(line), literal)
                       : text_literal(*fields[i], columns_[i], at_line(line), literal);
      if (wrong) return wrong;
    }
    values.append(i == 0 ? "" : ", ").append(literal);
  }
  return add(line, values + ")");
}

// To the last INSERT, or to a new one where it is full.
std::optional<Problem> CopyIn::add(std::size_t line, const std::string& values) {
  const std::size_t size = carried(values) + 2;
  if (parts_.empty() || held_ + size > kLongestInsert) {
    std::string sql = "INSERT INTO ";
    sql.append(name_quoted(table_)).append(" (");
    for (std::size_t i = 0; i < columns_.size(); ++i)
      sql.append(i == 0 ? "" : ", ").append(name_quoted(columns_[i].name));
    sql += ") VALUES ";
    held_ = carried(sql);
    if (held_ + size > kLongestInsert) {
      return Problem{"54000",
                     at_line(line) + "a row of " + std::to_string(size) +
                         " bytes, where a signed statement takes " + std::to_string(kLongestInsert) +
                         " with the names of its columns",
                     "Nothing was put in. Shorten the texts, or part the columns between two tables."};
    }
    parts_.push_back({std::move(sql), rows_ + 1, 0});
  }
  CopiedPart& part = parts_.back();
  part.sql.append(part.count == 0 ? "" : ", ").append(values);
  held_ += size;
  ++part.count;
  ++rows_;
  return std::nullopt;
}

std::optional<Problem> copied_columns(const Table& table, const PgQuery__CopyStmt& statement,
                                      std::vector<Column>& columns) {
  if (!table.workspace) {
    return Problem{"42501", "\"" + table.name + "\" is a table of the warehouse, which nobody changes here",
                   "CREATE TABLE makes one of your own; COPY … FROM STDIN fills it."};
  }
  columns.clear();
  for (std::size_t i = 0; i < statement.n_attlist; ++i) {
    const std::string name(string_of(statement.attlist[i]));
    const auto same = [&](const Column& one) { return source::same_name(one.name, name); };
    const auto found = std::find_if(table.columns.begin(), table.columns.end(), same);
    if (found == table.columns.end())
      return Problem{
          "42703", "column \"" + name + "\" of relation \"" + table.name + "\" does not exist", {}};
    if (std::any_of(columns.begin(), columns.end(), same))
      return Problem{"42701", "column \"" + name + "\" specified more than once", {}};
    columns.push_back(*found);
  }
  if (statement.n_attlist == 0) columns = table.columns;
  if (columns.empty() || columns.size() > kMostCopiedColumns)
    return Problem{"54011", "COPY takes from 1 to " + std::to_string(kMostCopiedColumns) + " columns", {}};
  return std::nullopt;
}

}  // namespace sceau::connect
