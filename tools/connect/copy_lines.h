// The lines of COPY … FROM STDIN, field by field.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "copy_format.h"
#include "replies.h"

namespace sceau::connect {

// Reads data from its beginning to the end, or to "\." alone on a line.
class CopyLines {
 public:
  // Data and format are borrowed.
  CopyLines(const CopyFormat& format, std::string_view data) : format_(format), data_(data) {}
  // The next line's fields; false: there are no more. 22P04: bytes that are no line of the format.
  std::optional<Problem> next(std::vector<Value>& fields, bool& more);
  // Of the line that was read last, from 1. Of several, where a value has line ends: the first.
  [[nodiscard]] std::size_t line() const { return begun_; }

 private:
  struct Field {
    std::string text;
    bool is_null = false, ended_line = false;
  };
  std::optional<Problem> text_field(Field& field);
  std::optional<Problem> csv_field(Field& field);
  std::optional<Problem> escape(std::string& into);
  void octal(std::string& into);
  void hexadecimal(std::string& into);
  bool line_ends();
  bool data_ends();
  [[nodiscard]] bool at_end() const { return at_ >= data_.size(); }

  const CopyFormat& format_;
  std::string_view data_;
  std::size_t at_ = 0, line_ = 1, begun_ = 1;
};

}  // namespace sceau::connect
