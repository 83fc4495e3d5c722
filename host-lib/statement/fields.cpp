// Typed access to the members of values that came from outside.
#include "sceau/statement/value.h"

namespace sceau::statement {

namespace {

Error wrong(std::string_view key, std::string_view expected) {
  return {ErrorKind::invalid, "field \"" + std::string(key) + "\" must be " + std::string(expected)};
}

Result<const Value*> member(const Value& object, std::string_view key, bool (Value::*is)() const,
                            std::string_view expected) {
  const Value* found = object.find(key);
  if (found == nullptr) return Error{ErrorKind::invalid, "field \"" + std::string(key) + "\" is missing"};
  if (!(found->*is)()) return wrong(key, expected);
  return found;
}

}  // namespace

Result<std::string> text_field(const Value& object, std::string_view key) {
  const auto found = member(object, key, &Value::is_text, "a text");
  if (!found) return found.error();
  return (*found)->as_text();
}

Result<std::int64_t> int_field(const Value& object, std::string_view key) {
  const auto found = member(object, key, &Value::is_int, "an integer");
  if (!found) return found.error();
  return (*found)->as_int();
}

Result<bool> bool_field(const Value& object, std::string_view key) {
  const auto found = member(object, key, &Value::is_bool, "true or false");
  if (!found) return found.error();
  return (*found)->as_bool();
}

Result<const Value*> object_field(const Value& object, std::string_view key) {
  return member(object, key, &Value::is_object, "an object");
}

Result<const Value*> array_field(const Value& object, std::string_view key) {
  return member(object, key, &Value::is_array, "a list");
}

Result<Digest> digest_field(const Value& object, std::string_view key) {
  const auto text = text_field(object, key);
  if (!text) return text.error();
  auto digest = digest_from_hex(*text);
  if (!digest) return wrong(key, "64 lower-case hexadecimal characters");
  return digest;
}

Result<Bytes> base64_field(const Value& object, std::string_view key) {
  const auto text = text_field(object, key);
  if (!text) return text.error();
  auto bytes = from_base64(*text);
  if (!bytes) return wrong(key, "base64 with padding");
  return bytes;
}

Result<Time> time_field(const Value& object, std::string_view key) {
  const auto text = text_field(object, key);
  if (!text) return text.error();
  auto time = from_rfc3339(*text);
  if (!time) return wrong(key, "a time such as 2026-11-22T09:30:00Z");
  return time;
}

Result<std::vector<std::string>> texts_field(const Value& object, std::string_view key) {
  const auto found = array_field(object, key);
  if (!found) return found.error();
  std::vector<std::string> items;
  for (const Value& item : (*found)->as_array()) {
    if (!item.is_text()) return wrong(key, "a list of texts");
    items.push_back(item.as_text());
  }
  return items;
}

Result<std::vector<Digest>> digests_field(const Value& object, std::string_view key) {
  const auto items = texts_field(object, key);
  if (!items) return items.error();
  std::vector<Digest> all;
  for (const std::string& item : *items) {
    const auto digest = digest_from_hex(item);
    if (!digest) return wrong(key, "a list of digests in 64 lower-case hexadecimal characters");
    all.push_back(*digest);
  }
  return all;
}

Array texts(const std::vector<std::string>& items) { return {items.begin(), items.end()}; }

Array digests(const std::vector<Digest>& items) { return {items.begin(), items.end()}; }

}  // namespace sceau::statement
