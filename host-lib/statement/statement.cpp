#include "sceau/statement/statement.h"

#include <algorithm>
#include <array>

#include "sceau/base/uuid.h"
#include "sceau/statement/schema.h"

namespace sceau::statement {

namespace {

constexpr std::string_view context = "reading a statement";
constexpr std::size_t max_realm = 200;
constexpr std::array<std::string_view, 9> names = {"after", "at",    "body", "by",   "id",
                                                   "realm", "sceau", "type", "until"};

Error wrong(const std::string& what) { return {ErrorKind::invalid, std::string(context) + ": " + what}; }

Status check_names(const Value& value) {
  if (!value.is_object()) return wrong("it is not a JSON object");
  for (const auto& [key, member] : value.as_object()) {
    if (std::find(names.begin(), names.end(), key) == names.end()) {
      return wrong("\"" + key + "\" is a field that nobody defined: remove it");
    }
  }
  const auto version = int_field(value, "sceau");
  if (!version) return version.error().within(std::string(context));
  if (*version != 1) return wrong("\"sceau\" must be 1, the only version");
  return {};
}

Result<After> read_after(const Value& value) {
  const auto object = object_field(value, "after");
  if (!object) return object.error();
  for (const auto& [key, member] : (*object)->as_object()) {
    if (key != "size" && key != "root")
      return Error{ErrorKind::invalid, "\"after." + key + "\" is a field that nobody defined: remove it"};
  }
  const auto size = int_field(**object, "size");
  if (!size) return size.error();
  if (*size < 0) return Error{ErrorKind::invalid, "\"after.size\" must not be negative"};
  const auto root = digest_field(**object, "root");
  if (!root) return root.error();
  return After{static_cast<std::uint64_t>(*size), *root};
}

// What canonical form and types cannot say.
Status check_rules(const Statement& s) {
  const TypeInfo* type = find_type(s.type);
  if (type == nullptr) return wrong("type \"" + s.type + "\" is not a known act");
  if (s.realm.empty() || s.realm.size() > max_realm) return wrong("\"realm\" must have 1 to 200 bytes");
  if (!is_uuid_v7(s.id)) return wrong("\"id\" must be a UUID of version 7");
  if (!is_registry_id(s.by)) return wrong("\"by\" must be a registry id");
  if (s.at >= s.until) return wrong("\"until\" must be later than \"at\"");
  if (auto fine = validate(*type, s.body); !fine) return fine.error().within(std::string(context));
  return {};
}

Value to_value(const Statement& s) {
  return Object{{"sceau", 1},
                {"type", s.type},
                {"realm", s.realm},
                {"id", s.id},
                {"by", s.by},
                {"at", to_rfc3339(s.at)},
                {"until", to_rfc3339(s.until)},
                {"after", Object{{"size", s.after.size}, {"root", s.after.root}}},
                {"body", s.body}};
}

Result<Statement> from_value(const Value& value) {
  if (auto fine = check_names(value); !fine) return fine.error();
  const auto type = text_field(value, "type");
  const auto realm = text_field(value, "realm");
  const auto id = text_field(value, "id");
  const auto by = text_field(value, "by");
  for (const auto* text : {&type, &realm, &id, &by}) {
    if (!*text) return text->error().within(std::string(context));
  }
  const auto at = time_field(value, "at");
  const auto until = time_field(value, "until");
  for (const auto* time : {&at, &until}) {
    if (!*time) return time->error().within(std::string(context));
  }
  const auto after = read_after(value);
  if (!after) return after.error().within(std::string(context));
  const auto body = object_field(value, "body");
  if (!body) return body.error().within(std::string(context));
  return Statement{*type, *realm, *id, *by, *at, *until, *after, **body};
}

}  // namespace

After after_nothing() { return {0, sha256(ByteView{})}; }

Result<Statement> read_statement(ByteView canonical_bytes) {
  const auto value = parse_canonical(canonical_bytes);
  if (!value) return value.error().within(std::string(context));
  auto statement = from_value(*value);
  if (!statement) return statement;
  if (auto fine = check_rules(*statement); !fine) return fine.error();
  return statement;
}

Result<Bytes> write_statement(const Statement& statement) {
  Bytes bytes = to_canonical_bytes(to_value(statement));
  const auto again = read_statement(bytes);
  if (!again) return again.error().within("writing a statement");
  return bytes;
}

Digest digest(ByteView statement_bytes) { return sha256(statement_bytes); }

}  // namespace sceau::statement
