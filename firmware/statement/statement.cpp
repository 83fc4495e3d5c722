#include "statement/statement.h"

namespace sceau::firmware::statement {

namespace {

constexpr Field kAfter[] = {{"root", FieldKind::digest, true, 0, 0, {}, {}},
                            {"size", FieldKind::integer, true, 0, kMaxInteger, {}, {}}};

// The envelope, ordered by name, around a body of that type.
using Envelope = std::array<Field, 9>;
Envelope envelope_of(const statement_table::Type& type) {
  return {{{"after", FieldKind::object, true, 0, 0, {}, kAfter},
           {"at", FieldKind::time, true, 0, 0, {}, {}},
           {"body", FieldKind::object, true, 0, 0, {}, type.fields},
           {"by", FieldKind::id, true, 0, 0, {}, {}},
           {"id", FieldKind::uuid, true, 0, 0, {}, {}},
           {"realm", FieldKind::text, true, 1, 200, {}, {}},
           {"sceau", FieldKind::integer, true, 1, 1, {}, {}},
           {"type", FieldKind::text, true, 1, 64, {}, {}},
           {"until", FieldKind::time, true, 0, 0, {}, {}}}};
}

const statement_table::Type* find_type(ByteView name) {
  for (const statement_table::Type& type : statement_table::types) {
    if (equal(name, as_bytes(type.name))) return &type;
  }
  return nullptr;
}

// The bytes between the quotes that open right before `at`; `at` is then behind them.
ByteView skip_text(ByteView bytes, std::size_t& at) {
  const std::size_t start = at;
  while (at < bytes.size() && bytes[at] != '"') at += bytes[at] == '\\' ? 2 : 1;
  const std::size_t end = at < bytes.size() ? at : bytes.size();
  at = end + 1;
  return bytes.subspan(start, end - start);
}

// The member "type" of the outermost object, which the body's fields depend on though it comes later. Says
// nothing about the bytes; the walk that follows does.
ByteView type_name(ByteView bytes) {
  int depth = 0;
  bool next = false;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::uint8_t c = bytes[at++];
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (c != '"') continue;
    const ByteView text = skip_text(bytes, at);
    if (next) return text;
    next = depth == 1 && equal(text, as_bytes("type")) && at < bytes.size() && bytes[at] == ':';
  }
  return {};
}

class EnvelopeReader final : public Visitor {
 public:
  explicit EnvelopeReader(Statement& statement) : statement_(statement) {}

  void scalar(Way way, const Field& field, const Scalar& value) override {
    if (way.size() != 1) return;
    if (field.name == "realm") statement_.realm = value.text;
    if (field.name == "by") statement_.by = value.text.raw;
    if (field.name == "at") statement_.at = value.text.raw;
    if (field.name == "until") statement_.until = value.text.raw;
    if (field.name == "type") type = value.text.raw;
  }
  void empty_list(Way, const Field&) override {}

  ByteView type;

 private:
  Statement& statement_;
};

class MemberReader final : public Visitor {
 public:
  explicit MemberReader(std::string_view name) : name_(name) {}

  void scalar(Way way, const Field& field, const Scalar& value) override {
    if (way.size() != 2 || way[0].field->name != "body" || field.name != name_) return;
    found = true;
    member = value.text.raw;
  }
  void empty_list(Way, const Field&) override {}

  bool found = false;
  ByteView member;

 private:
  std::string_view name_;
};

}  // namespace

Result<Statement> read_statement(ByteView bytes) {
  if (bytes.size() > kMaxStatement) return Status::kInvalid;
  Statement statement;
  statement.bytes = bytes;
  statement.type = find_type(type_name(bytes));
  if (statement.type == nullptr) return Status::kInvalid;
  EnvelopeReader reader(statement);
  Scanner scanner(bytes);
  if (!walk(scanner, envelope_of(*statement.type), reader) || !scanner.done()) return Status::kInvalid;
  if (!equal(reader.type, as_bytes(statement.type->name))) return Status::kInvalid;
  const Result<std::int64_t> from = read_time(statement.at);
  const Result<std::int64_t> until = read_time(statement.until);
  if (!from.ok() || !until.ok() || from.value() >= until.value()) return Status::kInvalid;
  statement.from_seconds = from.value();
  statement.until_seconds = until.value();
  return statement;
}

void visit(const Statement& statement, Visitor& visitor) {
  Scanner scanner(statement.bytes);
  const Envelope envelope = envelope_of(*statement.type);
  static_cast<void>(walk(scanner, envelope, visitor));  // it was walked before
}

Result<ByteView> body_member(const Statement& statement, std::string_view name) {
  MemberReader reader(name);
  visit(statement, reader);
  if (!reader.found) return Status::kNotFound;
  return reader.member;
}

}  // namespace sceau::firmware::statement
