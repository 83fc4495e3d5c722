#include "sceau/release/csv.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace sceau::release {
namespace {

// True for bytes that make a field need quotes: as the sqlite3 shell decides it.
constexpr std::array<bool, 256> special_bytes() {
  std::array<bool, 256> table{};
  for (std::size_t i = 0; i <= 0x20; ++i) table.at(i) = true;
  for (const unsigned char c : {'"', ',', '\''}) table.at(c) = true;
  for (std::size_t i = 0x7F; i < 0x100; ++i) table.at(i) = true;
  return table;
}
constexpr std::array<bool, 256> special = special_bytes();

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Whether a database's spelling of a real number is the one that would be made here, the shortest: digits, a
// point, digits, no zero that says nothing, not so small that an exponent is shorter, and no more digits than
// every double keeps.
bool is_shortest(std::string_view text) {
  constexpr std::size_t kept_digits = 15;
  if (text.starts_with('-')) text.remove_prefix(1);
  const std::size_t point = text.find('.');
  if (point == std::string_view::npos || point == 0 || point + 1 == text.size() ||
      text.size() > kept_digits + 1 || text.back() == '0')
    return false;
  if (text[0] == '0' && (point != 1 || text[2] == '0')) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return is_digit(c) || c == '.'; }) &&
         text.find('.', point + 1) == std::string_view::npos;
}

}  // namespace

void CsvWriter::begin_field() {
  if (!first_) buffer_ += ',';
  first_ = false;
}

void CsvWriter::header(std::span<const std::string> names) {
  for (const std::string& name : names) text_field(name);
  end_row();
}

void CsvWriter::bare_field(std::string_view text) {
  begin_field();
  buffer_ += text;
}

void CsvWriter::text_field(std::string_view text) {
  begin_field();
  const bool quoted = text.empty() || std::any_of(text.begin(), text.end(), [](char c) {
                        return special[static_cast<unsigned char>(c)];
                      });
  if (!quoted) {
    buffer_ += text;
    return;
  }
  buffer_ += '"';
  for (const char c : text) {
    if (c == '"') buffer_ += '"';
    buffer_ += c;
  }
  buffer_ += '"';
}

void CsvWriter::field(const source::Cell& cell) {
  std::array<char, 40> digits{};
  switch (cell.kind) {
    case source::Cell::Kind::null:
      return begin_field();
    case source::Cell::Kind::text:
      return text_field(cell.text);
    case source::Cell::Kind::integer: {
      // -0 is a real's.
      if (!cell.text.empty() && cell.text[0] != '-') return bare_field(cell.text);
      const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), cell.integer).ptr;
      return bare_field({digits.data(), static_cast<std::size_t>(end - digits.data())});
    }
    case source::Cell::Kind::real: {
      if (is_shortest(cell.text)) return bare_field(cell.text);
      const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), cell.real).ptr;
      const std::string_view text(digits.data(), static_cast<std::size_t>(end - digits.data()));
      bare_field(text);
      if (std::isfinite(cell.real) && text.find_first_of(".e") == std::string_view::npos) buffer_ += ".0";
      return;
    }
  }
}

void CsvWriter::end_row() {
  buffer_ += "\r\n";
  first_ = true;
}

}  // namespace sceau::release
