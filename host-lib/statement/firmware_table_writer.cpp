#include "tables.h"

#include <algorithm>
#include <fstream>
#include <map>

namespace sceau::tables {
namespace {

// Rows of different contents, each named by its number, which fits a byte.
class Rows {
 public:
  explicit Rows(std::string what) : what_(std::move(what)) {}

  std::size_t number(const std::string& content) {
    const auto [known, is_new] = numbers_.try_emplace(content, rows_.size());
    if (is_new) rows_.push_back(content);
    if (rows_.size() > 255) fail(what_, "there are more than 255 different ones");
    return known->second;
  }
  [[nodiscard]] const std::vector<std::string>& all() const { return rows_; }
  [[nodiscard]] std::string text() const {
    std::string text;
    for (const std::string& row : rows_) text.append("    ").append(row).append(",\n");
    return text;
  }

 private:
  std::string what_;
  std::map<std::string, std::size_t> numbers_;  // by content
  std::vector<std::string> rows_;
};

// The firmware's table. Its rows are as small as they can be, for flash is short there: what a field has
// beside its name it names by number.
class SmallWriter {
 public:
  SmallWriter() { number_of({}); }

  // The number of a list of fields.
  std::size_t number_of(const std::vector<Field>& all) {
    std::string rows;
    for (const Field& field : all) rows.append("    ").append(row(field)).append(",\n");
    return lists_.number(rows);
  }

  [[nodiscard]] std::string text() const {
    std::string fields;
    std::string rows;
    long begin = 0;
    for (const std::string& list : lists_.all()) {
      const auto count = std::count(list.begin(), list.end(), '\n');
      fields += list;
      rows.append("    {")
          .append(std::to_string(begin))
          .append(", ")
          .append(std::to_string(count))
          .append("},\n");
      begin += count;
    }
    return "inline constexpr Limits limits[] = {\n" + limits_.text() + "};\n" +
           "// Each list ends with a null pointer.\ninline constexpr const char* words[] = {\n    "
           "nullptr,\n" +
           words_ + "};\ninline constexpr Field all_fields[] = {\n" + fields +
           "};\ninline constexpr FieldList lists[] = {\n" + rows +
           "};\nconstexpr std::span<const Field> list_of(std::size_t number) {\n"
           "  return {all_fields + lists[number].first, lists[number].size};\n}\n";
  }

 private:
  std::string row(const Field& field) {
    const std::size_t limits = limits_.number(limits_of(field));
    const std::size_t inner = number_of(field.fields);
    return '{' + quoted(field.name) + ", FieldKind::" + field.kind + ", " + std::to_string(limits) + ", " +
           std::to_string(words(field)) + ", " + std::to_string(field.required ? inner : inner + kOptional) +
           '}';
  }

  // The minimum, and the maximum's two words.
  static std::string limits_of(const Field& field) {
    constexpr std::int64_t kWord = std::int64_t{1} << 32;
    if (field.minimum < 0 || field.minimum >= kWord || field.maximum < 0) {
      fail(field.name, "has a limit that the firmware has no form for");
    }
    return '{' + std::to_string(field.minimum) + ", " + std::to_string(field.maximum % kWord) + "U, " +
           std::to_string(field.maximum / kWord) + '}';
  }

  // Where the field's choices begin among all words; 0: it has none.
  std::size_t words(const Field& field) {
    if (field.choices.empty()) return 0;
    std::string list;
    for (const std::string& choice : field.choices) list.append("    ").append(quoted(choice)).append(",\n");
    list += "    nullptr,\n";
    const auto [known, is_new] = places_.try_emplace(list, next_word_);
    if (is_new) {
      words_ += list;
      next_word_ += field.choices.size() + 1;
    }
    if (next_word_ > 256) fail(field.name, "all fields together have more than 255 choices");
    return known->second;
  }

  static constexpr std::size_t kOptional = 128;
  Rows limits_{"limits"};
  Rows lists_{"lists of fields"};
  std::string words_;
  std::size_t next_word_ = 1;
  std::map<std::string, std::size_t> places_;  // by content
};

constexpr const char* firmware_head =
    R"(// Generated from schema.json: the statement types as the firmware knows them. Freestanding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace sceau::statement_table {

enum class FieldKind : std::uint8_t {
  text, id, digest, time, uuid, choice, base64, integer, boolean, list, object
};

struct Limits {
  std::uint32_t minimum;  // bytes of a text, items of a list, characters of base64, value of an integer
  std::uint32_t maximum_low;
  std::uint32_t maximum_high;
};

// Words up to a null pointer.
struct Words {
  struct End {};
  struct Iterator {
    const char* const* at;
    constexpr std::string_view operator*() const { return *at; }
    constexpr Iterator& operator++() {
      ++at;
      return *this;
    }
    constexpr bool operator!=(End) const { return *at != nullptr; }
  };
  const char* const* first;
  constexpr Iterator begin() const { return {first}; }
  constexpr End end() const { return {}; }
};

// A list has one field without a name: its items. An id with choices takes those words too. Fields are
// ordered by name, as canonical JSON orders them.
struct Field {
  const char* text;  // its name
  FieldKind kind;
  std::uint8_t limit;   // of limits
  std::uint8_t choice;  // the first one's place among words; 0: there is none
  std::uint8_t list;    // of lists, what it has inside; 128 more: it may be left out

  constexpr std::string_view name() const { return text; }
  constexpr bool required() const { return list < 128; }
  constexpr std::int64_t minimum() const;
  constexpr std::int64_t maximum() const;
  constexpr std::span<const Field> fields() const;
  constexpr Words choices() const;
};

struct FieldList {
  std::uint16_t first;  // of all_fields
  std::uint8_t size;
};

struct Type {
  const char* text;  // its name
  const char* shown_as;
  std::uint8_t list;  // of lists

  constexpr std::string_view name() const { return text; }
  constexpr std::string_view title() const { return shown_as; }
  constexpr std::span<const Field> fields() const;
};

)";

constexpr const char* firmware_foot = R"(
constexpr std::int64_t Field::minimum() const { return limits[limit].minimum; }
constexpr std::int64_t Field::maximum() const {
  return std::int64_t{limits[limit].maximum_high} << 32U | limits[limit].maximum_low;
}
constexpr std::span<const Field> Field::fields() const { return list_of(list & 127U); }
constexpr std::span<const Field> Type::fields() const { return list_of(list); }
constexpr Words Field::choices() const { return {&words[choice]}; }

}  // namespace sceau::statement_table
)";

}  // namespace

void write_firmware(const std::vector<Type>& types, const std::string& path) {
  SmallWriter writer;
  std::string rows;
  for (const Type& type : types) {
    rows.append("    {").append(quoted(type.name)).append(", ").append(quoted(type.title)).append(", ");
    rows.append(std::to_string(writer.number_of(type.fields))).append("},\n");
  }
  const std::size_t envelope_list = writer.number_of(envelope());
  std::ofstream out(path, std::ios::trunc);
  out << firmware_head << writer.text() << "\n// Ordered by name.\ninline constexpr Type types[] = {\n"
      << rows << "};\nconstexpr std::span<const Field> envelope() { return list_of(" << envelope_list
      << "); }\n"
      << firmware_foot;
  if (!out.flush()) fail(path, "cannot be written");
}

}  // namespace sceau::tables
