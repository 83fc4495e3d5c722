#include "statement/statement.h"

namespace sceau::firmware::statement {

namespace {

const statement_table::Type* find_type(ByteView name) {
  for (const statement_table::Type& type : statement_table::types) {
    if (equal(name, as_bytes(type.name()))) return &type;
  }
  return nullptr;
}

// The member "type" of the envelope, which the body's fields depend on though it comes later. It is the last
// but one, and the last is as long in every statement. Says nothing about the bytes; the walk does.
ByteView type_name(ByteView bytes) {
  constexpr std::string_view kBehind = "\",\"until\":\"";
  constexpr std::size_t kLast = kBehind.size() + 20 + 2;  // a time, a quote, a brace
  if (bytes.size() < kLast) return {};
  const std::size_t end = bytes.size() - kLast;
  if (!equal(bytes.subspan(end, kBehind.size()), as_bytes(kBehind))) return {};
  std::size_t begin = end;
  while (begin > 0 && bytes[begin - 1] != '"') --begin;
  return bytes.subspan(begin, end - begin);
}

class EnvelopeReader final : public Visitor {
 public:
  explicit EnvelopeReader(Statement& statement) : statement_(statement) {}

  void scalar(Way way, const Field& field, const Scalar& value) override {
    if (way.size() != 1) return;
    if (field.name() == "realm") statement_.realm = value.text;
    if (field.name() == "by") statement_.by = value.text.raw;
    if (field.name() == "at") statement_.at = value.text.raw;
    if (field.name() == "until") statement_.until = value.text.raw;
    if (field.name() == "type") type = value.text.raw;
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
    if (way.size() != 2 || way[0].field->name() != "body" || field.name() != name_) return;
    found = true;
    member = value;
  }
  void empty_list(Way, const Field&) override {}

  bool found = false;
  Scalar member;

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
  Walker walker = walk(statement);
  while (walker.going()) {
    if (!walker.step(reader)) return Status::kInvalid;
  }
  if (!walker.done()) return Status::kInvalid;
  if (!equal(reader.type, as_bytes(statement.type->name()))) return Status::kInvalid;
  const Result<std::int64_t> from = read_time(statement.at);
  const Result<std::int64_t> until = read_time(statement.until);
  if (!from.ok() || !until.ok() || from.value() >= until.value()) return Status::kInvalid;
  statement.from_seconds = from.value();
  statement.until_seconds = until.value();
  return statement;
}

Walker walk(const Statement& statement) {
  return {statement.bytes, statement_table::envelope(), statement.type->fields()};
}

Result<Scalar> body_scalar(const Statement& statement, std::string_view name) {
  MemberReader reader(name);
  Walker walker = walk(statement);
  while (walker.going() && !reader.found) static_cast<void>(walker.step(reader));
  if (!reader.found) return Status::kNotFound;
  return reader.member;
}

Result<ByteView> body_member(const Statement& statement, std::string_view name) {
  const Result<Scalar> member = body_scalar(statement, name);
  return member.ok() ? Result<ByteView>(member.value().text.raw) : member.status();
}

}  // namespace sceau::firmware::statement
