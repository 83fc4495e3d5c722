#include "parse_tree.h"

#include <pg_query.h>

#include <algorithm>
#include <cstdint>
#include <new>

#include "sceau/source/query.h"

namespace sceau::source {
namespace {

// Owns what one call of libpg_query answered.
template <typename Answer, void (*release)(Answer)>
struct Owned {
  explicit Owned(Answer given) : answer(given) {}
  ~Owned() { release(answer); }
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  Answer answer;
};
using Parsed = Owned<PgQueryProtobufParseResult, pg_query_free_protobuf_parse_result>;
using Scanned = Owned<PgQueryScanResult, pg_query_free_scan_result>;
using Split = Owned<PgQuerySplitResult, pg_query_free_split_result>;

Error not_sql(const PgQueryError& problem) {
  return {ErrorKind::invalid, "reading the SQL: " + std::string(problem.message) + ", at character " +
                                  std::to_string(problem.cursorpos) + ": correct it and sign again"};
}

// Counts before the recursive parser sees the text: its own recursion has no other bound.
Status check_size(const std::string& sql) {
  if (sql.size() > longest_sql) {
    return Error{ErrorKind::refused,
                 "reading the SQL: it is longer than " + std::to_string(longest_sql) + " bytes: shorten it"};
  }
  const bool plain = std::none_of(sql.begin(), sql.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\n' && c != '\t' && c != '\r') || byte == 0x7F;
  });
  if (!plain) return Error{ErrorKind::invalid, "reading the SQL: it has control characters: remove them"};
  if (sql.size() <= most_tokens) return {};  // a token has a byte at least
  const Scanned scanned(pg_query_scan(sql.c_str()));
  if (scanned.answer.error != nullptr) return not_sql(*scanned.answer.error);
  const auto& bytes = scanned.answer.pbuf;
  auto* tokens =
      pg_query__scan_result__unpack(nullptr, bytes.len, reinterpret_cast<const std::uint8_t*>(bytes.data));
  if (tokens == nullptr)
    return Error{ErrorKind::internal, "reading the SQL: the parser's tokens are unreadable"};
  const std::size_t count = tokens->n_tokens;
  pg_query__scan_result__free_unpacked(tokens, nullptr);
  if (count > most_tokens) {
    return Error{ErrorKind::refused, "reading the SQL: it has more than " + std::to_string(most_tokens) +
                                         " words and signs: shorten it"};
  }
  return {};
}

template <typename Value>
const Value& at(const ProtobufCMessage& message, unsigned offset) {
  return *reinterpret_cast<const Value*>(reinterpret_cast<const char*>(&message) + offset);
}

bool is_set(const ProtobufCMessage& message, const ProtobufCFieldDescriptor& field) {
  if (field.label == PROTOBUF_C_LABEL_REPEATED) return at<std::size_t>(message, field.quantifier_offset) != 0;
  if ((field.flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0) {
    return at<std::uint32_t>(message, field.quantifier_offset) == field.id;
  }
  switch (field.type) {
    case PROTOBUF_C_TYPE_MESSAGE:
      return at<const void*>(message, field.offset) != nullptr;
    case PROTOBUF_C_TYPE_STRING: {
      const char* text = at<const char*>(message, field.offset);
      return text != nullptr && *text != '\0';
    }
    case PROTOBUF_C_TYPE_BOOL:
      return at<protobuf_c_boolean>(message, field.offset) != 0;
    case PROTOBUF_C_TYPE_ENUM:
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_UINT32:
      return at<std::uint32_t>(message, field.offset) != 0;
    default:
      return true;
  }
}

}  // namespace

ParseTree::ParseTree(std::string_view packed)
    : arena_(std::make_unique<std::pmr::monotonic_buffer_resource>()) {
  ProtobufCAllocator allocator{
      [](void* arena, std::size_t size) -> void* {
        try {
          return static_cast<std::pmr::monotonic_buffer_resource*>(arena)->allocate(size);
        } catch (const std::bad_alloc&) {
          return nullptr;  // no exception may pass through C
        }
      },
      [](void*, void*) {}, arena_.get()};
  tree_.reset(pg_query__parse_result__unpack(&allocator, packed.size(),
                                             reinterpret_cast<const std::uint8_t*>(packed.data())));
}

Result<ParseTree> parse(const std::string& sql) {
  if (auto sized = check_size(sql); !sized) return sized.error();
  const Parsed parsed(pg_query_parse_protobuf(sql.c_str()));
  if (parsed.answer.error != nullptr) return not_sql(*parsed.answer.error);
  ParseTree tree({parsed.answer.parse_tree.data, parsed.answer.parse_tree.len});
  if (!tree) return Error{ErrorKind::internal, "reading the SQL: the parser's tree is unreadable"};
  return tree;
}

Status check_statement(const std::string& sql) {
  if (auto sized = check_size(sql); !sized) return sized;
  const Split split(pg_query_split_with_parser(sql.c_str()));
  if (split.answer.error != nullptr) return not_sql(*split.answer.error);
  if (split.answer.n_stmts == 1) return {};
  return Error{ErrorKind::internal,
               "the SQL that would run is not one statement: write the request more simply"};
}

std::string unknown_field(const ProtobufCMessage& message, std::initializer_list<std::string_view> known) {
  for (unsigned i = 0; i < message.descriptor->n_fields; ++i) {
    const ProtobufCFieldDescriptor& field = message.descriptor->fields[i];
    const std::string_view name = field.name;
    if (name == "location" || std::find(known.begin(), known.end(), name) != known.end()) continue;
    if (is_set(message, field)) return std::string(name);
  }
  // Fields of a newer parser than these headers are kept apart by protobuf-c.
  return message.n_unknown_fields == 0 ? std::string() : std::string("a field newer than this gate");
}

std::string_view node_name(const Node& node) {
  const ProtobufCFieldDescriptor* field =
      protobuf_c_message_descriptor_get_field(node.base.descriptor, static_cast<unsigned>(node.node_case));
  return field == nullptr ? std::string_view("an empty node") : std::string_view(field->name);
}

}  // namespace sceau::source
