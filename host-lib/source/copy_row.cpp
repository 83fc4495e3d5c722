#include "copy_row.h"

#include <array>
#include <charconv>
#include <limits>

namespace sceau::source {
namespace {

// Types by their OIDs, which PostgreSQL never changes (src/include/catalog/pg_type.dat).
constexpr std::array<unsigned, 3> integers{20, 21, 23};       // int8, int2, int4
constexpr std::array<unsigned, 2> floating_points{700, 701};  // float4, float8
constexpr unsigned numeric = 1700;
// text, varchar, bpchar, date, time, timestamp, timestamptz, uuid, unknown
constexpr std::array<unsigned, 9> texts{25, 1043, 1042, 1082, 1083, 1114, 1184, 2950, 705};

template <std::size_t size>
bool holds(const std::array<unsigned, size>& all, unsigned one) {
  for (const unsigned each : all) {
    if (each == one) return true;
  }
  return false;
}

template <typename Number>
bool parse(std::string_view text, Number& into) {
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, into);
  return read.ec == std::errc() && read.ptr == end;
}

// A numeric can be larger or smaller than any double: then it is infinite, or 0, and never a failure.
bool parse_real(std::string_view text, double& into) {
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, into);
  if (read.ec == std::errc::result_out_of_range) {
    const std::size_t sign = text.starts_with('-') ? 1 : 0;
    const bool huge = text.substr(sign).find('.') > 300;
    into = huge ? std::numeric_limits<double>::infinity() : 0;
    if (sign == 1) into = -into;
    return true;
  }
  return read.ec == std::errc() && read.ptr == end;
}

char unescaped(char letter) {
  switch (letter) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'v':
      return '\v';
    default:
      return letter;
  }
}

}  // namespace

std::optional<Cell::Kind> cell_kind(unsigned type_oid) {
  if (holds(integers, type_oid)) return Cell::Kind::integer;
  if (is_floating_point(type_oid) || type_oid == numeric) return Cell::Kind::real;
  if (holds(texts, type_oid)) return Cell::Kind::text;
  return std::nullopt;
}

bool is_floating_point(unsigned type_oid) { return holds(floating_points, type_oid); }

bool CopyRow::read(std::string_view line) {
  unescaped_.clear();
  unescaped_.reserve(line.size());
  for (std::size_t column = 0; column < cells_.size(); ++column) {
    const std::size_t end = line.find('\t');
    const bool last = column + 1 == cells_.size();
    if (last != (end == std::string_view::npos)) return false;
    if (!take(column, line.substr(0, end))) return false;
    if (!last) line.remove_prefix(end + 1);
  }
  return true;
}

std::string_view CopyRow::unescape(std::string_view field) {
  if (field.find('\\') == std::string_view::npos) return field;
  const std::size_t begin = unescaped_.size();
  for (std::size_t i = 0; i < field.size(); ++i) {
    const bool escape = field[i] == '\\' && i + 1 < field.size();
    unescaped_ += escape ? unescaped(field[++i]) : field[i];
  }
  return std::string_view(unescaped_).substr(begin);
}

bool CopyRow::take(std::size_t column, std::string_view field) {
  Cell& cell = cells_[column];
  cell.kind = field == "\\N" ? Cell::Kind::null : kinds_[column];
  switch (cell.kind) {
    case Cell::Kind::null:
      return true;
    case Cell::Kind::text:
      cell.text = unescape(field);
      return true;
    case Cell::Kind::integer:
      cell.text = field;
      return parse(field, cell.integer);
    case Cell::Kind::real:
      cell.text = field;
      // A numeric that is a whole number stays one: SQLite's sums do, too.
      if (field.find_first_not_of("-0123456789") == std::string_view::npos && parse(field, cell.integer)) {
        cell.kind = Cell::Kind::integer;
        return true;
      }
      return parse_real(field, cell.real);
  }
  return false;
}

}  // namespace sceau::source
