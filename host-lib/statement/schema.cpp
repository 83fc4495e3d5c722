#include "sceau/statement/schema.h"

#include <algorithm>

#include "sceau/base/clock.h"
#include "sceau/base/digest.h"
#include "sceau/base/uuid.h"

namespace sceau::statement {

namespace {

Error wrong(const std::string& path, const std::string& what) {
  return {ErrorKind::invalid, path + " " + what};
}

std::string range(const Field& field) {
  return std::to_string(field.minimum) + " to " + std::to_string(field.maximum);
}

bool within(const Field& field, std::size_t size) {
  const auto value = static_cast<std::int64_t>(size);
  return value >= field.minimum && value <= field.maximum;
}

bool is_choice(const Field& field, const std::string& text) {
  return std::find(field.choices.begin(), field.choices.end(), text) != field.choices.end();
}

std::string join(std::span<const std::string_view> words) {
  std::string text;
  for (const auto word : words) text += (text.empty() ? "" : ", ") + std::string(word);
  return text;
}

Status check_text_field(const Field& field, const std::string& text, const std::string& path) {
  switch (field.kind) {
    case FieldKind::text:
      if (!within(field, text.size())) return wrong(path, "must have " + range(field) + " bytes");
      return {};
    case FieldKind::id:
      if (is_choice(field, text) || is_registry_id(text)) return {};
      return wrong(path, "must be a registry id: a-z, 0-9, then also . _ -, at most 64 characters");
    case FieldKind::digest:
      if (!digest_from_hex(text)) return wrong(path, "must be 64 lower-case hexadecimal characters");
      return {};
    case FieldKind::time:
      if (!from_rfc3339(text)) return wrong(path, "must be a time such as 2026-11-22T09:30:00Z");
      return {};
    case FieldKind::uuid:
      if (!is_uuid_v7(text)) return wrong(path, "must be a UUID of version 7");
      return {};
    case FieldKind::choice:
      if (!is_choice(field, text)) return wrong(path, "must be one of: " + join(field.choices));
      return {};
    default:
      if (!within(field, text.size()))
        return wrong(path, "must have " + range(field) + " characters of base64");
      if (!from_base64(text)) return wrong(path, "must be base64 with padding");
      return {};
  }
}

Status check_field(const Field& field, const Value& value, const std::string& path);

Status check_members(std::span<const Field> fields, const Value& value,
                     const std::string& path) {  // NOLINT(misc-no-recursion): as deep as the table
  if (!value.is_object()) return wrong(path, "must be an object");
  for (const auto& [key, member] : value.as_object()) {
    std::string here = path;
    here.append(".").append(key);
    const auto found = std::find_if(fields.begin(), fields.end(),
                                    [&name = key](const Field& field) { return field.name == name; });
    if (found == fields.end()) return wrong(here, "is a field that nobody defined: remove it");
    if (auto fine = check_field(*found, member, here); !fine) return fine;
  }
  for (const Field& field : fields) {
    if (field.required && !value.contains(field.name)) {
      return wrong(path + "." + std::string(field.name), "is missing: add it");
    }
  }
  return {};
}

Status check_list(const Field& field, const Value& value,
                  const std::string& path) {  // NOLINT(misc-no-recursion)
  if (!value.is_array()) return wrong(path, "must be a list");
  const Array& items = value.as_array();
  if (!within(field, items.size())) return wrong(path, "must have " + range(field) + " items");
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (auto fine = check_field(field.fields[0], items[i], path + "[" + std::to_string(i) + "]"); !fine)
      return fine;
  }
  return {};
}

Status check_field(const Field& field, const Value& value,
                   const std::string& path) {  // NOLINT(misc-no-recursion)
  switch (field.kind) {
    case FieldKind::object:
      return check_members(field.fields, value, path);
    case FieldKind::list:
      return check_list(field, value, path);
    case FieldKind::boolean:
      if (!value.is_bool()) return wrong(path, "must be true or false");
      return {};
    case FieldKind::integer:
      if (!value.is_int() || value.as_int() < field.minimum || value.as_int() > field.maximum) {
        return wrong(path, "must be an integer, " + range(field));
      }
      return {};
    default:
      if (!value.is_text()) return wrong(path, "must be a text");
      return check_text_field(field, value.as_text(), path);
  }
}

}  // namespace

std::string_view retention_name(Retention retention) {
  switch (retention) {
    case Retention::registry:
      return "registry";
    case Retention::access:
      return "access";
    case Retention::extraction:
      return "extraction";
    default:
      return "summary";
  }
}

const TypeInfo* find_type(std::string_view name) {
  const auto types = all_types();
  const auto found = std::lower_bound(types.begin(), types.end(), name,
                                      [](const TypeInfo& type, std::string_view n) { return type.name < n; });
  return found == types.end() || found->name != name ? nullptr : &*found;
}

Status validate(const TypeInfo& type, const Value& body) { return check_members(type.fields, body, "body"); }

Status validate(std::string_view type, const Value& body) {
  const TypeInfo* info = find_type(type);
  if (info == nullptr)
    return Error{ErrorKind::invalid, "type \"" + std::string(type) + "\" is not a known act"};
  return validate(*info, body);
}

bool tokens_read(std::string_view type, const Value& body) {
  const TypeInfo* info = find_type(type);
  return info != nullptr && check_members(info->token_fields, body, "body").ok();
}

bool is_registry_id(std::string_view text) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  if (text.empty() || text.size() > 64 || !plain(text[0])) return false;
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return plain(c) || c == '.' || c == '_' || c == '-'; });
}

}  // namespace sceau::statement
