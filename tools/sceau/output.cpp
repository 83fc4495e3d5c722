#include "output.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>

#include "acts.h"

namespace sceau::tool {
namespace {

constexpr const char* kClearLine = "\r\x1b[K";

std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;  // UTF-8 continuation bytes take no room
  }));
}

}  // namespace

Output::Output() : terminal_(::isatty(STDOUT_FILENO) == 1), error_terminal_(::isatty(STDERR_FILENO) == 1) {
  const char* no_colour = std::getenv("NO_COLOR");  // NOLINT(concurrency-mt-unsafe): nothing sets it
  colour_ = no_colour == nullptr || *no_colour == '\0';
}

void Output::result(const statement::Value& value, const std::string& text) const {
  done();
  if (json_) {
    std::cout << statement::to_canonical(value) << '\n' << std::flush;
  } else if (!text.empty()) {
    std::cout << text << (text.ends_with('\n') ? "" : "\n") << std::flush;
  }
}

void Output::line(const std::string& text) const {
  done();
  if (!json_) std::cout << text << '\n' << std::flush;
}

void Output::note(const std::string& text) const {
  done();
  std::cerr << text << '\n';
}

void Output::warning(const std::string& text) const {
  done();
  const std::string word = error_terminal_ && colour_ ? "\x1b[33mwarning:\x1b[0m " : "warning: ";
  std::cerr << "sceau: " << word << text << '\n';
}

void Output::error(const Error& error) const {
  done();
  const auto text = with_commands(shown(error.message));
  std::cerr << (error_terminal_ && colour_ ? "\x1b[31msceau:\x1b[0m " : "sceau: ") << text << '\n';
}

void Output::step(const std::string& what) const {
  if (error_terminal_) std::cerr << kClearLine << what << " …" << std::flush;
}

void Output::done() const {
  if (error_terminal_) std::cerr << kClearLine << std::flush;
}

std::string Output::good(const std::string& text) const {
  return terminal_ && colour_ ? "\x1b[32m" + text + "\x1b[0m" : text;
}
std::string Output::bad(const std::string& text) const {
  return terminal_ && colour_ ? "\x1b[31m" + text + "\x1b[0m" : text;
}

std::string table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t column = 0; column < row.size(); ++column) {
      widths[column] = std::max(widths[column], width(row[column]));
    }
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t column = 0; column < row.size(); ++column) {
      line += row[column];
      if (column + 1 < row.size()) line.append(widths[column] + 2 - width(row[column]), ' ');
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

std::string counted(std::uint64_t number, const std::string& one) {
  const auto text = std::to_string(number) + " " + one;
  if (number == 1) return text;
  const bool vowel_before =
      one.size() > 1 && std::string("aeiou").find(one[one.size() - 2]) != std::string::npos;
  return one.ends_with('y') && !vowel_before ? text.substr(0, text.size() - 1) + "ies" : text + "s";
}

std::string shown(std::string_view text) {
  std::string safe(text);
  for (auto& character : safe) {
    const auto byte = static_cast<unsigned char>(character);
    if (byte < 0x20 || byte == 0x7F) character = '?';
  }
  return safe;
}

}  // namespace sceau::tool
