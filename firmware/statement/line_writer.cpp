#include "statement/line_writer.h"

namespace sceau::firmware::statement {

Decimal::Decimal(std::uint64_t number) {
  while (number > 0xFFFFFFFF) {  // division by ten of what fits a register is much cheaper
    digits_[--first_] = static_cast<char>('0' + number % 10);
    number /= 10;
  }
  auto small = static_cast<std::uint32_t>(number);
  do {
    digits_[--first_] = static_cast<char>('0' + small % 10);
    small /= 10;
  } while (small != 0);
}

void LineWriter::begin_word() {
  if (space_before_ && column_ != 0) bytes_[size_++] = ' ';
  word_from_ = size_;
}

bool LineWriter::put_glyph(ByteView utf8) {
  bool line = false;
  if (word_columns_ == kWord) {
    line = end_word();
    goes_on_ = true;
  }
  if (word_columns_ == 0) begin_word();
  for (const std::uint8_t byte : utf8) bytes_[size_++] = byte;
  ++word_columns_;
  return line;
}

bool LineWriter::put_space() {
  const bool line = end_word();
  space_before_ = true;
  return line;
}

bool LineWriter::put_plain(ByteView text, std::size_t& at) {
  const std::uint8_t* from = text.data() + at;
  const std::uint8_t* const end = text.data() + text.size();
  bool line = false;
  while (!line && from != end && is_plain(*from)) {
    if (word_columns_ == kWord) {
      line = end_word();
      goes_on_ = true;
    }
    if (word_columns_ == 0) begin_word();
    const std::size_t room = kWord - word_columns_;
    const std::uint8_t* const stop = static_cast<std::size_t>(end - from) < room ? end : from + room;
    const std::uint8_t* const first = from;
    std::uint8_t* to = bytes_.data() + size_;
    while (from != stop && is_plain(*from)) *to++ = *from++;
    const auto count = static_cast<std::size_t>(from - first);
    size_ = static_cast<std::uint16_t>(size_ + count);
    word_columns_ = static_cast<std::uint8_t>(word_columns_ + count);
  }
  at = static_cast<std::size_t>(from - text.data());
  return line;
}

// Puts the word on this line if it has room, else on the next.
bool LineWriter::end_word() {
  if (word_columns_ == 0) return false;
  const unsigned space = word_from_ - line_size_;
  const bool fits = column_ + space + word_columns_ <= kLineColumns;
  if (fits) {
    column_ = static_cast<std::uint8_t>(column_ + space + word_columns_);
  } else {
    sink_->line(as_text(ByteView(bytes_).first(line_size_)));
    const std::size_t word = size_ - word_from_;
    std::memmove(bytes_.data() + kIndent, bytes_.data() + word_from_, word);
    bytes_[0] = ' ';
    bytes_[1] = goes_on_ ? '\\' : ' ';
    size_ = static_cast<std::uint16_t>(kIndent + word);
    column_ = static_cast<std::uint8_t>(kIndent + word_columns_);
  }
  line_size_ = size_;
  word_columns_ = 0;
  space_before_ = false;
  goes_on_ = false;
  return !fits;
}

bool LineWriter::end_line() {
  space_before_ = false;
  if (column_ == 0) return false;
  sink_->line(as_text(ByteView(bytes_).first(line_size_)));
  line_size_ = 0;
  size_ = 0;
  column_ = 0;
  return true;
}

void LineWriter::put(std::string_view words) {
  for (const char c : words) {
    if (c == ' ') {
      static_cast<void>(put_space());
    } else {
      static_cast<void>(put_byte(c));
    }
  }
}

void LineWriter::put_number(std::uint64_t number) { put(Decimal(number).view()); }

void LineWriter::end() {
  static_cast<void>(end_word());
  static_cast<void>(end_line());
}

}  // namespace sceau::firmware::statement
