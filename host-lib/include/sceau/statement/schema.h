// The table of statement types: for each act its fields and how long its opening is kept.
//
// One file, host-lib/statement/schema.json, is the source; the build generates this table and the
// firmware's from it. Adding an act is adding a row there. Unknown fields are refused, never ignored.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "sceau/base/result.h"
#include "sceau/statement/value.h"

namespace sceau::statement {

// How long an opening is kept; policy's retention_days gives each class its number of days.
enum class Retention { registry, access, extraction, summary };
std::string_view retention_name(Retention retention);

enum class FieldKind {
  text,     // minimum..maximum bytes
  id,       // registry id: [a-z0-9][a-z0-9._-]{0,63}
  digest,   // 64 lower-case hexadecimal characters
  time,     // RFC 3339, UTC, whole seconds
  uuid,     // UUIDv7
  choice,   // one of `choices`
  base64,   // padded, canonical; minimum..maximum encoded characters
  integer,  // minimum..maximum
  boolean,
  list,    // minimum..maximum items, each as `fields[0]` says
  object,  // members as `fields` say
};

struct Field {
  std::string_view name;
  FieldKind kind;
  bool required;
  std::int64_t minimum;
  std::int64_t maximum;
  std::span<const std::string_view> choices;
  std::span<const Field> fields;
};

struct TypeInfo {
  std::string_view name;   // "extraction.request"
  std::string_view title;  // the act in a few words, for people
  Retention retention;
  std::span<const Field> fields;
  std::span<const Field> token_fields;  // as tokens know them: without those that gates alone sign
};

// Every type, ordered by name.
std::span<const TypeInfo> all_types();
// Null for a type nobody defined.
const TypeInfo* find_type(std::string_view name);

// Whether `body` is a body of that type. Fails with invalid and the path of the offending field:
// "body.output.format is "xml": must be one of csv".
Status validate(const TypeInfo& type, const Value& body);
Status validate(std::string_view type, const Value& body);

// Whether tokens read a statement of that type with this valid body: its fields are all theirs. A body with
// one of those that the schema calls body_of_gate is for gates alone, and every token refuses it.
bool tokens_read(std::string_view type, const Value& body);

// [a-z0-9][a-z0-9._-]{0,63}
bool is_registry_id(std::string_view text);

}  // namespace sceau::statement
