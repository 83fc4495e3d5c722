#include "tree.h"

#include <pg_query.h>

#include <algorithm>
#include <optional>

#include "sentence.h"

namespace sceau::connect {
namespace {

struct Parsed {
  explicit Parsed(const std::string& sql) : answer(pg_query_parse_protobuf(sql.c_str())) {}
  ~Parsed() { pg_query_free_protobuf_parse_result(answer); }
  Parsed(const Parsed&) = delete;
  Parsed& operator=(const Parsed&) = delete;
  PgQueryProtobufParseResult answer;
};

// libpg_query's parser and protobuf-c's reader recurse as deep as the text nests: counted before they see it.
constexpr std::size_t kMostTokens = 5000;
constexpr int kDeepest = 100;

struct Scanned {
  explicit Scanned(const std::string& sql) : answer(pg_query_scan(sql.c_str())) {}
  ~Scanned() { pg_query_free_scan_result(answer); }
  Scanned(const Scanned&) = delete;
  Scanned& operator=(const Scanned&) = delete;
  PgQueryScanResult answer;
};

Error not_sql(const PgQueryError& problem) {
  return {ErrorKind::invalid,
          std::string(problem.message) + ", at character " + std::to_string(problem.cursorpos)};
}

Status check_size(const std::string& sql) {
  const Scanned scanned(sql);
  if (scanned.answer.error != nullptr) return not_sql(*scanned.answer.error);
  const auto& bytes = scanned.answer.pbuf;
  auto* tokens =
      pg_query__scan_result__unpack(nullptr, bytes.len, reinterpret_cast<const std::uint8_t*>(bytes.data));
  if (tokens == nullptr) return Error{ErrorKind::internal, "the parser's tokens are unreadable"};
  const std::size_t count = tokens->n_tokens;
  int depth = 0;
  int deepest = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const char first = sql[static_cast<std::size_t>(tokens->tokens[i]->start)];
    depth += first == '(' || first == '[' ? 1 : first == ')' || first == ']' ? -1 : 0;
    deepest = std::max(deepest, depth);
  }
  pg_query__scan_result__free_unpacked(tokens, nullptr);
  if (count > kMostTokens || deepest > kDeepest)
    return Error{ErrorKind::invalid, "the SQL is too long or nests too deeply: part it"};
  return {};
}

template <typename Field>
const Field& field_at(const ProtobufCMessage& message, unsigned offset) {
  return *reinterpret_cast<const Field*>(reinterpret_cast<const char*>(&message) + offset);
}

}  // namespace

Result<Tree> parse(const std::string& sql) {
  if (sql.size() > kLongestSql)
    return Error{ErrorKind::invalid,
                 "the SQL is longer than " + std::to_string(kLongestSql) + " bytes: shorten it"};
  if (auto sized = check_size(sql); !sized) return sized.error();
  const Parsed parsed(sql);
  if (parsed.answer.error != nullptr) return not_sql(*parsed.answer.error);
  const auto& bytes = parsed.answer.parse_tree;
  auto* tree =
      pg_query__parse_result__unpack(nullptr, bytes.len, reinterpret_cast<const std::uint8_t*>(bytes.data));
  if (tree == nullptr) return Error{ErrorKind::invalid, "the SQL nests too deeply: write it with less"};
  return Tree(tree, [](const PgQuery__ParseResult* held) {
    pg_query__parse_result__free_unpacked(const_cast<PgQuery__ParseResult*>(held), nullptr);
  });
}

void walk(const ProtobufCMessage& message, const std::function<bool(const ProtobufCMessage&)>& visit) {
  if (!visit(message)) return;
  for (unsigned i = 0; i < message.descriptor->n_fields; ++i) {
    const ProtobufCFieldDescriptor& field = message.descriptor->fields[i];
    if (field.type != PROTOBUF_C_TYPE_MESSAGE) continue;
    if (field.label == PROTOBUF_C_LABEL_REPEATED) {
      const auto count = field_at<std::size_t>(message, field.quantifier_offset);
      const auto* const* parts = field_at<ProtobufCMessage**>(message, field.offset);
      for (std::size_t part = 0; part < count; ++part) walk(*parts[part], visit);
      continue;
    }
    const bool chosen = (field.flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0 ||
                        field_at<std::uint32_t>(message, field.quantifier_offset) == field.id;
    const auto* part = chosen ? field_at<const ProtobufCMessage*>(message, field.offset) : nullptr;
    if (part != nullptr) walk(*part, visit);
  }
}

std::string_view string_of(const Node* node) {
  if (node == nullptr || node->node_case != PG_QUERY__NODE__NODE_STRING) return {};
  return node->string->sval;
}

std::string last_name(std::size_t count, Node* const* names) {
  return count == 0 ? std::string() : std::string(string_of(names[count - 1]));
}

std::string dotted_name(std::size_t count, Node* const* names) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) text += '.';
    text.append(string_of(names[i]));
  }
  return text;
}

std::optional<std::string> constant_text(const Node* node) {
  if (node == nullptr) return std::nullopt;
  if (node->node_case == PG_QUERY__NODE__NODE_TYPE_CAST) return constant_text(node->type_cast->arg);
  if (node->node_case == PG_QUERY__NODE__NODE_STRING) return std::string(node->string->sval);
  if (node->node_case != PG_QUERY__NODE__NODE_A_CONST || node->a_const->isnull) return std::nullopt;
  const auto& constant = *node->a_const;
  switch (constant.val_case) {
    case PG_QUERY__A__CONST__VAL_IVAL:
      return std::to_string(constant.ival->ival);
    case PG_QUERY__A__CONST__VAL_FVAL:
      return std::string(constant.fval->fval);
    case PG_QUERY__A__CONST__VAL_BOOLVAL:
      return std::string(constant.boolval->boolval != 0 ? "true" : "false");
    case PG_QUERY__A__CONST__VAL_SVAL:
      return std::string(constant.sval->sval);
    default:
      return std::nullopt;
  }
}

}  // namespace sceau::connect
