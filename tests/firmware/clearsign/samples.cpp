#include "samples.h"

#include <algorithm>

#include "sceau/base/digest.h"

namespace sceau::test {
namespace {

using statement::Field;
using statement::FieldKind;
using statement::Value;

Value sample_text(const Field& field, bool full) {
  std::string text = full ? "d'après l’étude \"α\" \\ 2026" : "x";
  const auto most = static_cast<std::size_t>(field.maximum);
  if (text.size() > most) text = std::string(most, 'x');
  while (static_cast<std::int64_t>(text.size()) < field.minimum) text += 'x';
  return text;
}

Value sample_value(const Field& field, bool full);  // NOLINT(misc-no-recursion): as deep as the table

Value sample_object(std::span<const Field> fields, bool full) {  // NOLINT(misc-no-recursion)
  statement::Object object;
  for (const Field& field : fields) {
    if (field.required || full) object.emplace(std::string(field.name), sample_value(field, full));
  }
  return object;
}

Value sample_list(const Field& field, bool full) {  // NOLINT(misc-no-recursion)
  statement::Array items;
  const std::int64_t wanted = full ? std::min<std::int64_t>(field.maximum, 2) : field.minimum;
  for (std::int64_t i = 0; i < wanted; ++i) items.push_back(sample_value(field.fields[0], full));
  return items;
}

Value sample_value(const Field& field, bool full) {  // NOLINT(misc-no-recursion)
  switch (field.kind) {
    case FieldKind::text:
      return sample_text(field, full);
    case FieldKind::id:
      return full ? "etude-42.a_b" : "a";
    case FieldKind::digest:
      return sha256(as_bytes(field.name));
    case FieldKind::time:
      return full ? "2027-02-28T23:59:59Z" : "2026-11-23T00:00:00Z";
    case FieldKind::uuid:
      return "01938d2c-7a10-7c3e-9f00-0242ac120002";
    case FieldKind::choice:
      return std::string(full ? field.choices.back() : field.choices.front());
    case FieldKind::base64:
      return full && field.maximum >= 124 ? to_base64(Bytes(91, 0x5A)) : std::string("AAAA");
    case FieldKind::integer:
      return full ? field.maximum : field.minimum;
    case FieldKind::boolean:
      return full;
    case FieldKind::list:
      return sample_list(field, full);
    default:
      return sample_object(field.fields, full);
  }
}

}  // namespace

Bytes sample_with(const std::string& type, Value body) {
  statement::Statement statement;
  statement.type = type;
  statement.realm = "sceau.example/snds";
  statement.id = "01938d2c-7a10-7c3e-9f00-0242ac120002";
  statement.by = "alice";
  statement.at = 1795339800;  // 2026-11-22T09:30:00Z
  statement.until = statement.at + 900;
  statement.after = {42, sha256(as_bytes("root"))};
  statement.body = std::move(body);
  auto bytes = statement::write_statement(statement);
  return bytes ? *bytes : Bytes();
}

Bytes sample(const statement::TypeInfo& type, bool full) {
  return sample_with(std::string(type.name), sample_object(type.token_fields, full));
}

Bytes evidence_by(const std::string& person) {
  return to_bytes(R"({"signatures":[{"bytes":"AAAA","kind":"cades","person":")" + person + R"("}]})");
}

Bytes decision_on(const Bytes& request, const Bytes& evidence, const std::string& type) {
  statement::Object body{{"evidence", sha256(evidence)}, {"request", sha256(request)}};
  if (type == "refusal") body.emplace("reason", "not justified");
  if (type == "export.release") {
    body.emplace("files", statement::Array{statement::Object{
                              {"bytes", 42}, {"name", "cohort.csv"}, {"sha256", sha256(as_bytes("rows"))}}});
  }
  return sample_with(type, std::move(body));
}

}  // namespace sceau::test
