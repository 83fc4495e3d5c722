#include "statement/line_writer.h"

#include "statement/text.h"

namespace sceau::firmware::statement {

void LineWriter::put(std::string_view words) {
  for (const char c : words) {
    if (c == ' ') {
      end_word();
      space_before_ = true;
    } else {
      put_byte(c);
    }
  }
}

void LineWriter::put_number(std::uint64_t number) {
  std::array<char, 20> digits{};
  std::size_t first = digits.size();
  do {
    digits[--first] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number != 0);
  put({digits.data() + first, digits.size() - first});
}

void LineWriter::put_text(ByteView raw) {
  bool after_space = true;
  for (std::size_t at = 0; at < raw.size();) {
    if (raw[at] > ' ' && raw[at] < 0x7F) {  // nearly all there is, and shown as it is
      put_byte(static_cast<char>(raw[at++]));
      after_space = false;
      continue;
    }
    const CodePoint c = decode(raw.subspan(at));
    const bool last = at + c.size == raw.size();
    const bool space = c.value == ' ';
    if (!space) {
      put_character(c.value, raw.subspan(at, c.size));
    } else if (after_space || last) {
      put_byte('\\');
      put_byte('s');
    } else {
      put(" ");
    }
    after_space = space;
    at += c.size;
  }
}

void LineWriter::put_character(std::uint32_t code_point, ByteView utf8) {
  if (is_shown_as_itself(code_point)) {
    put_glyph(utf8);
    return;
  }
  for (const char c : std::string_view("\\u{")) put_byte(c);
  put_hex(code_point);
  put_byte('}');
}

void LineWriter::put_hex(std::uint32_t number) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  int shift = 20;
  while (shift > 0 && (number >> shift) == 0) shift -= 4;
  for (; shift >= 0; shift -= 4) put_byte(kDigits[(number >> shift) & 0x0F]);
}

void LineWriter::put_glyph(ByteView utf8) {
  if (word_columns_ == kWord) {
    end_word();
    goes_on_ = true;
  }
  for (const std::uint8_t byte : utf8) word_[word_size_++] = byte;
  ++word_columns_;
}

// Puts the word on this line if it has room, else on the next.
void LineWriter::end_word() {
  if (word_columns_ == 0) return;
  const std::size_t space = space_before_ && column_ != 0 ? 1 : 0;
  if (column_ + space + word_columns_ > kLineColumns) {
    new_line();
    append(as_bytes(goes_on_ ? " \\" : "  "), kIndent);
  } else if (space != 0) {
    append(as_bytes(" "), 1);
  }
  append(ByteView(word_).first(word_size_), word_columns_);
  word_size_ = 0;
  word_columns_ = 0;
  space_before_ = false;
  goes_on_ = false;
}

void LineWriter::append(ByteView utf8, std::size_t columns) {
  copy(utf8, ByteSpan(line_).subspan(line_size_));
  line_size_ += utf8.size();
  column_ += columns;
}

void LineWriter::new_line() {
  sink_.line(as_text(ByteView(line_).first(line_size_)));
  line_size_ = 0;
  column_ = 0;
}

void LineWriter::end() {
  end_word();
  if (column_ != 0) new_line();
  space_before_ = false;
}

}  // namespace sceau::firmware::statement
