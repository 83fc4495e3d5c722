// Rows as CSV (RFC 4180): a header line, fields parted by commas, every line ended by CR LF.
//
// A field is quoted when it is a text that holds a comma, a quote, CR, LF, another control character, a
// space or is empty; quotes inside are doubled; NULL is an empty field without quotes. Numbers are never
// quoted; a real is the shortest text that reads back as the same number, with ".0" when it has no other
// point or exponent. Texts that a spreadsheet would take for a formula are not altered: the digest is of
// the data.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sceau/base/bytes.h"
#include "sceau/source/source.h"

namespace sceau::release {

// Appends fields to a buffer that its owner empties.
class CsvWriter {
 public:
  void header(std::span<const std::string> names);
  void field(const source::Cell& cell);
  void text_field(std::string_view text);
  // A text known to need no quotes.
  void bare_field(std::string_view text);
  void end_row();

  [[nodiscard]] ByteView buffered() const { return as_bytes(buffer_); }
  [[nodiscard]] std::size_t size() const { return buffer_.size(); }
  void clear() { buffer_.clear(); }

 private:
  void begin_field();
  std::string buffer_;
  bool first_ = true;
};

}  // namespace sceau::release
