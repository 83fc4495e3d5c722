// A JSON value of the restricted kind that statements are made of, and its one spelling.
//
// Invariants: integers lie within +-2^53; texts are UTF-8 in Unicode form NFC, without control characters
// (U+0000..1F, U+007F..9F), bidirectional controls (U+061C, U+200E/F, U+202A..E, U+2066..9), surrogates or
// noncharacters; keys are printable ASCII; there are no floats and no null. A Value made by code may break
// these; is_canonical_text() and write_statement() say so. Rule: RFC 8785 (JCS) over RFC 7493 (I-JSON),
// narrowed so that a microcontroller can read it.
#pragma once

#include <concepts>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sceau/base/bytes.h"
#include "sceau/base/clock.h"
#include "sceau/base/digest.h"
#include "sceau/base/result.h"

namespace sceau::statement {

class Value;
using Array = std::vector<Value>;
using Object = std::map<std::string, Value, std::less<>>;

class Value {
 public:
  Value() : Value(Object{}) {}
  // NOLINTBEGIN(google-explicit-constructor)
  Value(bool value) : content_(value) {}
  template <std::integral Integer>
  requires(!std::same_as<Integer, bool> && !std::same_as<Integer, char>) Value(Integer value)
      : content_(static_cast<std::int64_t>(value)) {}
  Value(std::string text) : content_(std::move(text)) {}
  Value(std::string_view text) : content_(std::string(text)) {}
  Value(const char* text) : content_(std::string(text)) {}
  Value(Array items) : content_(std::move(items)) {}
  Value(Object members) : content_(std::move(members)) {}
  // A digest is carried as its 64 lower-case hexadecimal characters.
  Value(const Digest& digest) : content_(to_hex(digest)) {}
  // NOLINTEND(google-explicit-constructor)

  [[nodiscard]] bool is_bool() const { return std::holds_alternative<bool>(content_); }
  [[nodiscard]] bool is_int() const { return std::holds_alternative<std::int64_t>(content_); }
  [[nodiscard]] bool is_text() const { return std::holds_alternative<std::string>(content_); }
  [[nodiscard]] bool is_array() const { return std::holds_alternative<Array>(content_); }
  [[nodiscard]] bool is_object() const { return std::holds_alternative<Object>(content_); }

  // Reading a value as what it is not is a defect and ends the process.
  [[nodiscard]] bool as_bool() const { return get<bool>(); }
  [[nodiscard]] std::int64_t as_int() const { return get<std::int64_t>(); }
  [[nodiscard]] const std::string& as_text() const& { return get<std::string>(); }
  [[nodiscard]] const Array& as_array() const& { return get<Array>(); }
  [[nodiscard]] const Object& as_object() const& { return get<Object>(); }
  [[nodiscard]] Array& as_array() & { return const_cast<Array&>(get<Array>()); }
  [[nodiscard]] Object& as_object() & { return const_cast<Object&>(get<Object>()); }

  // Of a passing value: its content, not a view of what is about to end.
  [[nodiscard]] std::string as_text() && { return get<std::string>(); }
  [[nodiscard]] Array as_array() && { return get<Array>(); }
  [[nodiscard]] Object as_object() && { return get<Object>(); }

  // The member of that name; null when there is none or this is no object.
  [[nodiscard]] const Value* find(std::string_view key) const;
  [[nodiscard]] bool contains(std::string_view key) const { return find(key) != nullptr; }

  bool operator==(const Value&) const = default;

 private:
  template <typename T>
  const T& get() const {
    const T* content = std::get_if<T>(&content_);
    if (content == nullptr) std::abort();
    return *content;
  }
  std::variant<bool, std::int64_t, std::string, Array, Object> content_;
};

// How much a reader takes. `depth` counts the arrays and objects inside the outermost one: {"a":[]} is 1.
struct Limits {
  std::size_t bytes = 16384;
  unsigned depth = 6;
};
inline constexpr std::int64_t max_integer = std::int64_t{1} << 53;

// Reads canonical bytes and refuses every other spelling of the same value: what was read is written
// again and must be the same bytes. Fails with invalid, naming what broke which rule and at which byte.
Result<Value> parse_canonical(ByteView bytes, Limits limits = {});

// The same strictness for what travels around statements (HTTP bodies, receipts, evidence): up to
// `max_bytes`, depth 16, and texts may have line feeds, as signed notes and proofs do.
Result<Value> parse_wire(ByteView bytes, std::size_t max_bytes);

// The canonical text. Keys sorted, no white space, only '"' and '\' escaped (control characters, which a
// statement cannot hold, as RFC 8785 section 3.2.2.2 says).
std::string to_canonical(const Value& value);
Bytes to_canonical_bytes(const Value& value);

// Whether a text may stand in a statement; the failure says which character may not and where.
Status check_text(std::string_view text);

// check_text over every text and key, integers within range, depth within limits.
Status check_value(const Value& value, unsigned max_depth = Limits{}.depth);

// Typed access for input from outside: fails with invalid, naming the field and what it should be.
Result<std::string> text_field(const Value& object, std::string_view key);
Result<std::int64_t> int_field(const Value& object, std::string_view key);
Result<bool> bool_field(const Value& object, std::string_view key);
Result<const Value*> object_field(const Value& object, std::string_view key);
Result<const Value*> array_field(const Value& object, std::string_view key);
Result<Digest> digest_field(const Value& object, std::string_view key);
Result<Bytes> base64_field(const Value& object, std::string_view key);
Result<Time> time_field(const Value& object, std::string_view key);
Result<std::vector<std::string>> texts_field(const Value& object, std::string_view key);
Result<std::vector<Digest>> digests_field(const Value& object, std::string_view key);

// Arrays of texts and of digests, for those who write.
Array texts(const std::vector<std::string>& items);
Array digests(const std::vector<Digest>& items);

}  // namespace sceau::statement
