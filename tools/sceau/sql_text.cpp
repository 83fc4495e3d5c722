#include "sql_text.h"

#include <filesystem>

#include "sceau/base/files.h"

namespace sceau::tool {
namespace {

bool is_blank(char character) {
  return character == ' ' || character == '\t' || character == '\n' || character == '\r' ||
         character == '\f' || character == '\v';
}

class Script {
 public:
  explicit Script(std::string_view text) : text_(text) {}

  Result<std::vector<std::string>> read() {
    while (at_ < text_.size()) {
      if (auto taken = take(); !taken) return taken.error();
    }
    end_statement();
    if (statements_.empty()) return Error{ErrorKind::invalid, "there is no SQL in it"};
    return std::move(statements_);
  }

 private:
  [[nodiscard]] bool follows(std::string_view mark) const { return text_.substr(at_).starts_with(mark); }

  Status take() {
    const char character = text_[at_];
    if (follows("--")) {
      const auto end = text_.find('\n', at_);
      at_ = end == std::string_view::npos ? text_.size() : end;
      space();
      return {};
    }
    if (follows("/*")) return skip_comment();
    if (character == '\'' || character == '"') return take_quoted(character);
    ++at_;
    if (character == ';') {
      end_statement();
    } else if (is_blank(character)) {
      space();
    } else {
      statement_ += character;
    }
    return {};
  }

  Status skip_comment() {
    int depth = 0;
    do {
      if (at_ >= text_.size()) return Error{ErrorKind::invalid, "a comment (/*) does not end"};
      if (follows("/*")) {
        ++depth;
        at_ += 2;
      } else if (follows("*/")) {
        --depth;
        at_ += 2;
      } else {
        ++at_;
      }
    } while (depth > 0);
    space();
    return {};
  }

  Status take_quoted(char quote) {
    statement_ += text_[at_++];
    for (;;) {
      if (at_ >= text_.size())
        return Error{ErrorKind::invalid, std::string("a quote (") + quote + ") does not end"};
      const char character = text_[at_++];
      if (static_cast<unsigned char>(character) < 0x20) {
        return Error{ErrorKind::invalid,
                     "quoted text holds a line end or another control character, which a "
                     "statement cannot carry"};
      }
      statement_ += character;
      if (character == quote) return {};  // a doubled quote begins quoted text again, at once
    }
  }

  void space() {
    if (!statement_.empty() && statement_.back() != ' ') statement_ += ' ';
  }

  void end_statement() {
    while (statement_.ends_with(' ')) statement_.pop_back();
    if (!statement_.empty()) statements_.push_back(statement_);
    statement_.clear();
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string statement_;
  std::vector<std::string> statements_;
};

}  // namespace

Result<std::vector<std::string>> read_script(std::string_view script) { return Script(script).read(); }

Result<std::vector<std::string>> read_sql(const std::string& argument) {
  std::error_code ignored;
  const bool names_file = argument.ends_with(".sql") || (argument.find(' ') == std::string::npos &&
                                                         std::filesystem::is_regular_file(argument, ignored));
  if (!names_file) return read_script(argument);
  auto bytes = read_file(argument, 1U << 20U);
  if (!bytes) return bytes.error();
  auto script = read_script(as_text(*bytes));
  if (!script) return script.error().within(argument);
  return script;
}

}  // namespace sceau::tool
