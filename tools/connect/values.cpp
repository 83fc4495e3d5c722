#include "values.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>

#include "sceau/base/clock.h"

namespace sceau::connect {
namespace {

struct KnownType {
  std::uint32_t oid;
  int size;
  std::string_view name, internal;
};
constexpr std::array kTypes{
    KnownType{kBool, 1, "boolean", "bool"},
    KnownType{kBytea, -1, "bytea", "bytea"},
    KnownType{kChar, 1, "\"char\"", "char"},
    KnownType{kName, 64, "name", "name"},
    KnownType{kInt8, 8, "bigint", "int8"},
    KnownType{kInt2, 2, "smallint", "int2"},
    KnownType{kInt2Vector, -1, "int2vector", "int2vector"},
    KnownType{kInt4, 4, "integer", "int4"},
    KnownType{kRegproc, 4, "regproc", "regproc"},
    KnownType{kText, -1, "text", "text"},
    KnownType{kOid, 4, "oid", "oid"},
    KnownType{kOidVector, -1, "oidvector", "oidvector"},
    KnownType{kJson, -1, "json", "json"},
    KnownType{kFloat4, 4, "real", "float4"},
    KnownType{kFloat8, 8, "double precision", "float8"},
    KnownType{kUnknown, -2, "unknown", "unknown"},
    KnownType{kTextArray, -1, "text[]", "_text"},
    KnownType{kBpchar, -1, "character", "bpchar"},
    KnownType{kVarchar, -1, "character varying", "varchar"},
    KnownType{kDate, 4, "date", "date"},
    KnownType{kTimestamp, 8, "timestamp without time zone", "timestamp"},
    KnownType{kTimestamptz, 8, "timestamp with time zone", "timestamptz"},
    KnownType{kNumeric, -1, "numeric", "numeric"},
    KnownType{kRegclass, 4, "regclass", "regclass"},
    KnownType{kRegtype, 4, "regtype", "regtype"},
};

const KnownType* find_type(std::uint32_t oid) {
  const auto* found =
      std::find_if(kTypes.begin(), kTypes.end(), [&](const auto& one) { return one.oid == oid; });
  return found == kTypes.end() ? nullptr : &*found;
}

Error no_form(std::uint32_t type) {
  const auto name = type_name(type);
  return {ErrorKind::invalid, "type " + (name.empty() ? std::to_string(type) : std::string(name)) +
                                  " is not sent in binary here: ask for text"};
}

std::string big_endian_bytes(std::uint64_t value, unsigned bytes) {
  std::string out;
  for (unsigned i = bytes; i-- > 0;) out += static_cast<char>(value >> (8U * i) & 0xFFU);
  return out;
}

std::uint64_t number_in(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = value << 8U | static_cast<unsigned char>(byte);
  return value;
}

template <typename Number>
std::string shortest(Number value) {
  std::array<char, 64> text{};
  const auto [end, problem] = std::to_chars(text.data(), text.data() + text.size(), value);
  return problem == std::errc{} ? std::string(text.data(), end) : std::string();
}

bool is_integer(std::uint32_t type) {
  return type == kInt2 || type == kInt4 || type == kInt8 || type == kOid || type == kRegclass ||
         type == kRegtype || type == kRegproc;
}

bool is_textual(std::uint32_t type) {
  return type == kText || type == kVarchar || type == kBpchar || type == kName || type == kUnknown ||
         type == kUnspecified || type == kChar || type == kJson;
}

std::string integer_text(std::string_view bytes, std::uint32_t type) {
  const auto value = number_in(bytes);
  if (type == kInt2) return shortest(static_cast<std::int16_t>(value));
  if (type == kInt4) return shortest(static_cast<std::int32_t>(value));
  return type == kInt8 ? shortest(static_cast<std::int64_t>(value)) : shortest(value);
}

// What is cut off would be another number.
bool fits(std::int64_t value, std::uint32_t type) {
  if (type == kInt8) return true;
  if (type == kInt4) return value >= INT32_MIN && value <= INT32_MAX;
  if (type == kInt2) return value >= INT16_MIN && value <= INT16_MAX;
  return value >= 0 && value <= UINT32_MAX;
}

Result<Value> encoded_number(const std::string& text, std::uint32_t type) {
  const auto size = static_cast<unsigned>(size_of(type));
  if (is_integer(type)) {
    std::int64_t value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc{} || end != text.data() + text.size() || !fits(value, type))
      return no_form(type);
    return Value(big_endian_bytes(static_cast<std::uint64_t>(value), size));
  }
  double value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size()) return no_form(type);
  if (type == kFloat4)
    return Value(big_endian_bytes(std::bit_cast<std::uint32_t>(static_cast<float>(value)), 4));
  return Value(big_endian_bytes(std::bit_cast<std::uint64_t>(value), 8));
}

// "2026-11-23", "2026-11-23 02:00:00", the latter with "+00" behind it: days or microseconds since 2000.
Result<Value> encoded_time(std::string text, std::uint32_t type) {
  constexpr Time begin = 946684800;  // 2000-01-01T00:00:00Z
  if (type == kDate) text += " 00:00:00";
  if (type == kTimestamptz && text.ends_with("+00")) text.resize(text.size() - 3);
  if (text.size() > 10 && text[10] == ' ') text[10] = 'T';
  const auto time = from_rfc3339(text + "Z");
  if (!time) return no_form(type);
  const Time since = *time - begin;
  const Time units = type == kDate ? since / 86400 : since * 1'000'000;
  return Value(big_endian_bytes(static_cast<std::uint64_t>(units), static_cast<unsigned>(size_of(type))));
}

}  // namespace

int size_of(std::uint32_t type) {
  const auto* found = find_type(type);
  return found == nullptr ? -1 : found->size;
}

std::string_view type_name(std::uint32_t type) {
  const auto* found = find_type(type);
  return found == nullptr ? std::string_view() : found->name;
}

std::string_view internal_name(std::uint32_t type) {
  const auto* found = find_type(type);
  return found == nullptr ? std::string_view() : found->internal;
}

std::uint32_t type_of(std::string_view name) {
  if (name.starts_with("pg_catalog.")) name.remove_prefix(11);
  for (const auto& one : kTypes) {
    if (name == one.internal || name == one.name) return one.oid;
  }
  if (name == "int") return kInt4;
  return 0;
}

bool is_number(std::uint32_t type) {
  return is_integer(type) || type == kFloat4 || type == kFloat8 || type == kNumeric;
}

bool looks_like_number(std::string_view text) {
  if (text.empty() || text.size() > 40) return false;
  double value = 0;
  const char first = text.front() == '-' && text.size() > 1 ? text[1] : text.front();
  if (first < '0' || first > '9') return false;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  return problem == std::errc{} && end == text.data() + text.size();
}

Result<Value> text_of(const Value& bound, std::uint32_t type, bool binary) {
  if (!bound || !binary) return bound;
  const auto size = size_of(type);
  if (is_textual(type) && type != kChar) return bound;
  if (type == kChar) return bound;
  if (size > 0 && bound->size() != static_cast<std::size_t>(size))
    return Error{ErrorKind::invalid, "a bound value of type " + std::string(type_name(type)) + " has " +
                                         std::to_string(bound->size()) + " bytes"};
  if (type == kBool) return Value(bound->front() != 0 ? "t" : "f");
  if (is_integer(type)) return Value(integer_text(*bound, type));
  if (type == kFloat4)
    return Value(shortest(std::bit_cast<float>(static_cast<std::uint32_t>(number_in(*bound)))));
  if (type == kFloat8) return Value(shortest(std::bit_cast<double>(number_in(*bound))));
  return no_form(type);
}

Result<Value> encoded(const Value& text, std::uint32_t type, bool binary) {
  if (!text || !binary || is_textual(type)) return text;
  if (type == kBool) return Value(std::string(1, *text == "t" || *text == "true" ? '\1' : '\0'));
  if (is_integer(type) || type == kFloat4 || type == kFloat8) return encoded_number(*text, type);
  if (type == kDate || type == kTimestamp || type == kTimestamptz) return encoded_time(*text, type);
  return no_form(type);
}

std::string text_quoted(std::string_view text) {
  std::string out = "'";
  for (const char character : text) out.append(character == '\'' ? 2 : 1, character);
  return out + "'";
}

std::string literal(const Value& text, std::uint32_t type) {
  if (!text) return "NULL";
  if (type == kBool) return text->starts_with('t') || *text == "1" ? "TRUE" : "FALSE";
  if (!is_number(type) || !looks_like_number(*text)) return text_quoted(*text);
  return text->starts_with('-') ? "(" + *text + ")" : *text;
}

}  // namespace sceau::connect
