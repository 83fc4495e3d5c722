#include "copy_lines.h"

namespace sceau::connect {
namespace {

Problem bad(std::size_t line, const std::string& what) {
  return {"22P04", "COPY, line " + std::to_string(line) + ": " + what, {}};
}

int digit(char c, int base) {
  int value = -1;
  if (c >= '0' && c <= '9') value = c - '0';
  if (c >= 'a' && c <= 'f') value = c - 'a' + 10;
  if (c >= 'A' && c <= 'F') value = c - 'A' + 10;
  return value < base ? value : -1;
}

}  // namespace

// "\n" or "\r\n", or the end of all: taken.
bool CopyLines::line_ends() {
  if (at_end()) return true;
  const bool two = data_.substr(at_).starts_with("\r\n");
  if (!two && data_[at_] != '\n') return false;
  at_ += two ? 2 : 1;
  ++line_;
  return true;
}

bool CopyLines::data_ends() {
  const auto rest = data_.substr(at_);
  return rest.empty() || rest == "\\." || rest.starts_with("\\.\n") || rest.starts_with("\\.\r\n");
}

std::optional<Problem> CopyLines::next(std::vector<Value>& fields, bool& more) {
  fields.clear();
  begun_ = line_;
  more = !data_ends();
  while (more) {
    Field field;
    auto wrong = format_.csv ? csv_field(field) : text_field(field);
    if (wrong) return wrong;
    fields.push_back(field.is_null ? Value() : Value(std::move(field.text)));
    if (field.ended_line) break;
  }
  return std::nullopt;
}

// A field is NULL by what it is before its escapes are read.
std::optional<Problem> CopyLines::text_field(Field& field) {
  const std::size_t begin = at_;
  for (;;) {
    const std::size_t end = at_;
    field.ended_line = line_ends();
    const bool ends = field.ended_line || data_[at_] == format_.delimiter;
    if (ends) {
      if (!field.ended_line) ++at_;
      field.is_null = data_.substr(begin, end - begin) == format_.null;
      return std::nullopt;
    }
    const char character = data_[at_++];
    if (character == '\\') {
      if (auto wrong = escape(field.text)) return wrong;
    } else {
      field.text += character;
    }
  }
}

std::optional<Problem> CopyLines::escape(std::string& into) {
  if (at_end()) return bad(begun_, "a backslash with nothing behind it");
  const char character = data_[at_];
  constexpr std::string_view from = "bfnrtv";
  constexpr std::string_view to = "\b\f\n\r\t\v";
  if (digit(character, 8) >= 0) {
    octal(into);
    return std::nullopt;
  }
  ++at_;
  if (character == 'x') {
    hexadecimal(into);
    return std::nullopt;
  }
  if (character == '\n') ++line_;
  const auto known = from.find(character);
  into += known == std::string_view::npos ? character : to[known];
  return std::nullopt;
}

void CopyLines::octal(std::string& into) {
  unsigned value = 0;
  for (int i = 0; i < 3 && !at_end() && digit(data_[at_], 8) >= 0; ++i)
    value = value * 8U + static_cast<unsigned>(digit(data_[at_++], 8));
  into += static_cast<char>(value & 0xFFU);
}

// Without digits behind it, an x is an x.
void CopyLines::hexadecimal(std::string& into) {
  unsigned value = 0;
  int count = 0;
  for (; count < 2 && !at_end() && digit(data_[at_], 16) >= 0; ++count)
    value = value * 16U + static_cast<unsigned>(digit(data_[at_++], 16));
  into += count == 0 ? 'x' : static_cast<char>(value);
}

// A quote may begin and end anywhere in a field, as PostgreSQL reads it; what was quoted is never NULL.
std::optional<Problem> CopyLines::csv_field(Field& field) {
  bool quoted = false;
  bool inside = false;
  for (;;) {
    field.ended_line = !inside && line_ends();
    if (field.ended_line) break;
    if (at_end()) return bad(begun_, "unterminated CSV quoted field");
    const char character = data_[at_++];
    if (!inside && character == format_.delimiter) break;
    if (!inside && character == format_.quote) {
      quoted = inside = true;
      continue;
    }
    const bool pair = inside && character == format_.escape && !at_end() &&
                      (data_[at_] == format_.quote || data_[at_] == format_.escape);
    if (!pair && inside && character == format_.quote) {
      inside = false;
      continue;
    }
    if (character == '\n') ++line_;
    field.text += pair ? data_[at_++] : character;
  }
  field.is_null = !quoted && field.text == format_.null;
  return std::nullopt;
}

}  // namespace sceau::connect
