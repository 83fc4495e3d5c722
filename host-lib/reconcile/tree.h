// Ways through libpg_query's parse tree: what stands below a message, and what a node is.
#pragma once

#include <pg_query/pg_query.pb-c.h>

#include <cstdint>
#include <string>

namespace sceau::reconcile {

template <typename Value>
const Value& at(const ProtobufCMessage& message, unsigned offset) {
  return *reinterpret_cast<const Value*>(reinterpret_cast<const char*>(&message) + offset);
}

// Messages below this one, as the field holds them.
template <typename Visit>
void below(const ProtobufCMessage& message, const ProtobufCFieldDescriptor& field, const Visit& visit) {
  if (field.type != PROTOBUF_C_TYPE_MESSAGE) return;
  if (field.label == PROTOBUF_C_LABEL_REPEATED) {
    const auto count = at<std::size_t>(message, field.quantifier_offset);
    const auto* items = at<const ProtobufCMessage* const*>(message, field.offset);
    for (std::size_t i = 0; i < count; ++i) visit(*items[i]);
    return;
  }
  if ((field.flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 &&
      at<std::uint32_t>(message, field.quantifier_offset) != field.id)
    return;
  const auto* one = at<const ProtobufCMessage*>(message, field.offset);
  if (one != nullptr) visit(*one);
}

template <typename Message>
const Message* as(const ProtobufCMessage& message, const ProtobufCMessageDescriptor& descriptor) {
  return message.descriptor == &descriptor ? reinterpret_cast<const Message*>(&message) : nullptr;
}

inline std::string text_of(const PgQuery__Node* node) {
  if (node == nullptr || node->node_case != PG_QUERY__NODE__NODE_STRING) return {};
  return node->string->sval;
}

// A constant's text; empty for what is none.
inline std::string constant_of(const PgQuery__Node* node) {
  if (node == nullptr || node->node_case != PG_QUERY__NODE__NODE_A_CONST ||
      node->a_const->val_case != PG_QUERY__A__CONST__VAL_SVAL)
    return {};
  return node->a_const->sval->sval;
}

}  // namespace sceau::reconcile
