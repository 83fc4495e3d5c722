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

class LineWriter {
 public:
  explicit LineWriter(LineSink& sink) : sink_(sink) {}

  // Words of our own, ASCII; single spaces separate them.
  void put(std::string_view words);
  void put_number(std::uint64_t number);
  // A text from a statement, as it stands between its quotes there.
  void put_text(ByteView raw);
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

  void put_character(std::uint32_t code_point, ByteView utf8);
  void put_hex(std::uint32_t number);
  void put_byte(char c) { put_glyph(ByteView(reinterpret_cast<const std::uint8_t*>(&c), 1)); }
  void put_glyph(ByteView utf8);
  void end_word();
  void append(ByteView utf8, std::size_t columns);
  void new_line();

  LineSink& sink_;
  std::array<std::uint8_t, kLineBytes> line_{};
  std::size_t line_size_ = 0;
  std::size_t column_ = 0;
  std::array<std::uint8_t, 3 * kWord> word_{};
  std::size_t word_size_ = 0;
  std::size_t word_columns_ = 0;
  bool space_before_ = false;  // the word, when it does not begin a line
  bool goes_on_ = false;       // the word is the rest of one that was broken
};

}  // namespace sceau::firmware::statement
