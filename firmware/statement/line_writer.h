// Breaks what the token shows into lines of its display.
//
// A *field* is a label, a colon and a value. It begins at the left edge; its further lines begin with two
// spaces, where a space of the value is left out, or with a space and a backslash, where a word goes on. So
// nothing in a value can begin a line as a label does, and every space is seen: a second space in a row, or
// one at the start or the end of a text, is written \s. A character that is_shown_as_itself() refuses is
// written \u{…} by its number in hexadecimal; the escapes \\ and \" stand as in the statement.
//
// host-lib/statement/lines.cpp follows the same rules, written anew; tests compare the two.
#pragma once

#include "core/bytes.h"

namespace sceau::firmware::statement {

inline constexpr std::size_t kLineColumns = 40;
// Of a line: a character of the display takes at most three bytes.
inline constexpr std::size_t kLineBytes = 3 * kLineColumns;

class LineSink {
 public:
  virtual void line(std::string_view text) = 0;

 protected:
  ~LineSink() = default;
};

// Printable ASCII but the space: one byte, one column, shown as it is.
constexpr bool is_plain(std::uint8_t c) { return c > ' ' && c < 0x7F; }

class LineWriter {
 public:
  explicit LineWriter(LineSink& sink) : sink_(&sink) {}

  // Where lines go from now on.
  void set_sink(LineSink& sink) { sink_ = &sink; }

  // Each lets at most one line go to the sink, and returns whether it did. What was given is taken all the
  // same, so that a caller may stop there and go on later.
  bool put_glyph(ByteView utf8);  // one column; not a space
  bool put_byte(char c) { return put_glyph(ByteView(reinterpret_cast<const std::uint8_t*>(&c), 1)); }
  bool put_space();
  // Takes plain bytes from `at` on, up to one that is not, the end, or a line; moves `at` behind them.
  bool put_plain(ByteView text, std::size_t& at);
  // The two steps that end a field.
  bool end_word();
  bool end_line();

  // Words of our own, ASCII; single spaces separate them.
  void put(std::string_view words);
  void put_number(std::uint64_t number);
  // Ends the field.
  void end();
  // One field of our own words.
  void field(std::string_view label, std::string_view value) {
    put(label);
    put(": ");
    put(value);
    end();
  }

 private:
  static constexpr std::size_t kIndent = 2;
  static constexpr std::size_t kWord = kLineColumns - kIndent;  // columns of a word that is not broken

  void begin_word();

  // The line under way, then the word under way with the space before it; the word is part of the line once
  // it has ended and fits.
  std::array<std::uint8_t, 3 * (kLineColumns + 1 + kWord)> bytes_{};
  LineSink* sink_;
  std::uint16_t line_size_ = 0;
  std::uint16_t word_from_ = 0;
  std::uint16_t size_ = 0;  // with the word
  std::uint8_t column_ = 0;
  std::uint8_t word_columns_ = 0;
  bool space_before_ = false;  // the word, when it does not begin a line
  bool goes_on_ = false;       // the word is the rest of one that was broken
};

// As text, in decimal; views into the object.
class Decimal {
 public:
  explicit Decimal(std::uint64_t number);
  std::string_view view() const { return {digits_.data() + first_, digits_.size() - first_}; }

 private:
  std::array<char, 20> digits_{};
  std::size_t first_ = 20;
};

}  // namespace sceau::firmware::statement
