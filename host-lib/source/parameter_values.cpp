// The values of a statement's parameters, each checked against its column's type. No message shows one.
#include <algorithm>
#include <charconv>

#include "characters.h"
#include "sceau/source/source.h"

namespace sceau::source {
namespace {

constexpr std::size_t longest_number = 40;    // characters
constexpr std::size_t longest_value = 1024U;  // bytes, as in a request's schema

bool is_whole(std::string_view text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  return read.ec == std::errc() && read.ptr == end;
}

// [-] digits [. digits]
bool is_decimal(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const std::size_t point = std::min(text.find('.'), text.size());
  const auto all_digits = [](std::string_view part) {
    return !part.empty() && std::all_of(part.begin(), part.end(), [](char c) { return is_digit(c); });
  };
  return text.size() <= longest_number && all_digits(text.substr(0, point)) &&
         (point == text.size() || all_digits(text.substr(point + 1)));
}

bool is_plain(std::string_view text) {
  return text.size() <= longest_value && std::none_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7F;
         });
}

}  // namespace

Status CheckedSql::bind(std::vector<std::string> values) {
  if (values.size() != types_.size()) {
    return Error{ErrorKind::refused, "reading the parameters: there are " + std::to_string(values.size()) +
                                         ", and the SQL names " + std::to_string(types_.size()) +
                                         ": send one for each of $1, $2, …"};
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool fits = types_[i] == Type::text      ? is_plain(values[i])
                      : types_[i] == Type::integer ? is_whole(values[i])
                                                   : is_decimal(values[i]);
    if (fits) continue;
    return Error{ErrorKind::refused, "reading the parameters: $" + std::to_string(i + 1) + " is no " +
                                         (types_[i] == Type::text      ? "plain text"
                                          : types_[i] == Type::integer ? "whole number"
                                                                       : "number") +
                                         ", as the column is that it is compared with: correct it"};
  }
  values_ = std::move(values);
  return {};
}

}  // namespace sceau::source
