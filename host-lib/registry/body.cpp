#include <cstdlib>

#include "rules.h"

namespace sceau::registry {

using statement::Value;

const std::string& text_of(const Value& object, std::string_view key) {
  static const std::string kNone;
  const Value* found = object.find(key);
  return found != nullptr && found->is_text() ? found->as_text() : kNone;
}

std::int64_t int_of(const Value& object, std::string_view key) {
  const Value* found = object.find(key);
  return found != nullptr && found->is_int() ? found->as_int() : 0;
}

bool flag_of(const Value& object, std::string_view key) {
  const Value* found = object.find(key);
  return found != nullptr && found->is_bool() && found->as_bool();
}

Time time_of(const Value& object, std::string_view key) {
  const auto time = from_rfc3339(text_of(object, key));
  return time ? *time : 0;
}

Digest digest_of(const Value& object, std::string_view key) {
  const auto digest = digest_from_hex(text_of(object, key));
  return digest ? *digest : Digest{};
}

const statement::Array& array_of(const Value& object, std::string_view key) {
  static const statement::Array kNone;
  const Value* found = object.find(key);
  return found != nullptr && found->is_array() ? found->as_array() : kNone;
}

std::vector<std::string> texts_of(const Value& object, std::string_view key) {
  std::vector<std::string> texts;
  for (const Value& item : array_of(object, key)) {
    if (item.is_text()) texts.push_back(item.as_text());
  }
  return texts;
}

Error refusal(std::string message) { return {ErrorKind::refused, std::move(message)}; }

}  // namespace sceau::registry
