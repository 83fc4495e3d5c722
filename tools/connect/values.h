// Values of the types that clients are told of, in text and in binary.
//
// Binary forms: bool 1 byte, int2/int4/oid/int8 big-endian, float4/float8 IEEE 754 big-endian, texts as they
// are.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sceau/base/result.h"
#include "wire.h"

namespace sceau::connect {

// Object identifiers of PostgreSQL's own types (pg_type.dat).
enum TypeOid : std::uint32_t {
  kUnspecified = 0,
  kBool = 16,
  kBytea = 17,
  kChar = 18,
  kName = 19,
  kInt8 = 20,
  kInt2 = 21,
  kInt2Vector = 22,
  kInt4 = 23,
  kRegproc = 24,
  kText = 25,
  kOid = 26,
  kOidVector = 30,
  kJson = 114,
  kFloat4 = 700,
  kFloat8 = 701,
  kUnknown = 705,
  kTextArray = 1009,
  kBpchar = 1042,
  kVarchar = 1043,
  kDate = 1082,
  kTimestamp = 1114,
  kTimestamptz = 1184,
  kNumeric = 1700,
  kRegclass = 2205,
  kRegtype = 2206,
};

struct Column {
  std::string name;
  std::uint32_t type = kText;
};

// pg_type.typlen: bytes, or -1.
int size_of(std::uint32_t type);
// "bigint", as format_type() says it; empty for a type that is not known here.
std::string_view type_name(std::uint32_t type);
// "int8", as pg_type.typname.
std::string_view internal_name(std::uint32_t type);
// The type of that name ("int8", "bigint", "pg_catalog.int8"); 0 for none.
std::uint32_t type_of(std::string_view name);

bool is_number(std::uint32_t type);

// A value's text, from what a client bound. invalid: a length or type that has no such form.
Result<Value> text_of(const Value& bound, std::uint32_t type, bool binary);
// What goes into a row, from its text. invalid: a type without binary form here, or a value that does not
// fit into it.
Result<Value> encoded(const Value& text, std::uint32_t type, bool binary);

// A value as a literal of SQL, in the place of a parameter: numbers bare, texts quoted.
std::string literal(const Value& text, std::uint32_t type);
std::string text_quoted(std::string_view text);
// "-12", "1.5e3": what may stand bare.
bool looks_like_number(std::string_view text);

}  // namespace sceau::connect
