// Writes the host's and the firmware's table of statement types from schema.json.
// Usage: sceau-generate-statement-tables SCHEMA HOST_CPP FIRMWARE_H
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using Json = nlohmann::ordered_json;

struct Field {
  std::string name;
  std::string kind;
  bool required = true;
  std::int64_t minimum = 0;
  std::int64_t maximum = 0;
  std::vector<std::string> choices;
  std::vector<Field> fields;
};

struct Type {
  std::string name;
  std::string title;
  std::string retention;
  std::vector<Field> fields;       // as tokens know them
  std::vector<Field> host_fields;  // as the host does: with those of body_of_gate
};

[[noreturn]] void fail(const std::string& where, const std::string& what) {
  throw std::runtime_error(where + ": " + what);
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::stringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

class Reader {
 public:
  explicit Reader(const Json& schema) : shapes_(schema.at("shapes")) {}

  [[nodiscard]] Field field(std::string name, const Json& spec) const {
    Field result;
    if (name.ends_with('?')) {
      result.required = false;
      name.pop_back();
    }
    result.name = name;
    if (spec.is_array()) return list(std::move(result), spec);
    if (spec.is_object()) return object(std::move(result), spec);
    const auto text = spec.get<std::string>();
    if (shapes_.contains(text)) return object(std::move(result), shapes_.at(text));
    return scalar(std::move(result), text);
  }

 private:
  [[nodiscard]] Field list(Field result, const Json& spec) const {
    if (spec.size() != 3) fail(result.name, "a list is [SPEC, minimum, maximum]");
    result.kind = "list";
    result.minimum = spec.at(1).get<std::int64_t>();
    result.maximum = spec.at(2).get<std::int64_t>();
    result.fields.push_back(field("", spec.at(0)));
    return result;
  }

  [[nodiscard]] Field object(Field result, const Json& members) const {
    result.kind = "object";
    for (const auto& [name, spec] : members.items()) result.fields.push_back(field(name, spec));
    std::sort(result.fields.begin(), result.fields.end(),
              [](const Field& a, const Field& b) { return a.name < b.name; });
    return result;
  }

  static Field scalar(Field result, const std::string& text) {
    const auto space = text.find(' ');
    const std::string word = text.substr(0, space);
    const std::string rest = space == std::string::npos ? "" : text.substr(space + 1);
    if (word == "id") {
      result.kind = "id";
      result.minimum = 1;
      result.maximum = 64;
      if (rest == "or empty") result.choices = {""};
      if (rest == "or *") result.choices = {"*"};
      if (!rest.empty() && result.choices.empty()) fail(result.name, "unknown id: " + text);
    } else if (word == "choice") {
      result.kind = "choice";
      result.choices = split(rest, '|');
      if (result.choices.empty()) fail(result.name, "a choice needs its words");
    } else if (word == "text" || word == "int" || word == "base64") {
      result.kind = word == "int" ? "integer" : word;
      const auto dots = rest.find("..");
      if (dots == std::string::npos) fail(result.name, "needs A..B: " + text);
      result.minimum = std::stoll(rest.substr(0, dots));
      result.maximum = std::stoll(rest.substr(dots + 2));
    } else if (rest.empty() && (word == "digest" || word == "time" || word == "uuid" || word == "bool")) {
      result.kind = word == "bool" ? "boolean" : word;
    } else {
      fail(result.name, "unknown specification: " + text);
    }
    return result;
  }

  const Json& shapes_;
};

std::string quoted(const std::string& text) { return '"' + text + '"'; }

// Writes arrays children first, so that each can name those before it. Arrays of equal content are one.
class Writer {
 public:
  std::string fields(const std::vector<Field>& all) {
    if (all.empty()) return "{}";
    std::string rows;
    for (const Field& field : all) rows += "    " + row(field) + ",\n";
    return array("Field", "{\n" + rows + "}");
  }

  [[nodiscard]] std::string text() const { return out_.str(); }

 private:
  std::string row(const Field& field) {
    std::string choices = "{}";
    if (!field.choices.empty()) {
      std::string words;
      for (const auto& choice : field.choices) words += quoted(choice) + ", ";
      choices = array("std::string_view", "{" + words + "}");
    }
    return '{' + quoted(field.name) + ", FieldKind::" + field.kind + ", " +
           (field.required ? "true" : "false") + ", " + std::to_string(field.minimum) + ", " +
           std::to_string(field.maximum) + ", " + choices + ", " + fields(field.fields) + '}';
  }

  // What is there already is named again: shapes come many times.
  std::string array(const std::string& type, const std::string& content) {
    const auto [known, is_new] = names_.try_emplace(content, "part_" + std::to_string(names_.size()));
    const std::string& name = known->second;
    if (!is_new) return name;
    out_ << "constexpr " << type << ' ' << name << "[] = " << content << ";\n";
    return name;
  }

  std::map<std::string, std::string> names_;  // by content
  std::ostringstream out_;
};

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

std::vector<Type> read_types(const Json& schema) {
  const Reader reader(schema);
  std::vector<Type> types;
  for (const Json& row : schema.at("types")) {
    Type type;
    type.name = row.at("type").get<std::string>();
    type.title = row.at("title").get<std::string>();
    type.retention = row.at("retention").get<std::string>();
    type.fields = reader.field("body", row.at("body")).fields;
    Json whole = row.at("body");
    if (row.contains("body_of_gate")) whole.update(row.at("body_of_gate"));
    type.host_fields = reader.field("body", whole).fields;
    types.push_back(std::move(type));
  }
  std::sort(types.begin(), types.end(), [](const Type& a, const Type& b) { return a.name < b.name; });
  for (std::size_t i = 1; i < types.size(); ++i) {
    if (types[i - 1].name == types[i].name) fail(types[i].name, "is there twice");
  }
  return types;
}

std::string type_rows(const std::vector<Type>& types, Writer& writer) {
  std::string rows;
  for (const Type& type : types) {
    rows += "    {" + quoted(type.name) + ", " + quoted(type.title) + ", Retention::" + type.retention +
            ", " + writer.fields(type.host_fields) + ", " + writer.fields(type.fields) + "},\n";
  }
  return rows;
}

void write_host(const std::vector<Type>& types, const std::string& path) {
  Writer writer;
  const std::string rows = type_rows(types, writer);
  std::ofstream out(path, std::ios::trunc);
  out << "// Generated from schema.json.\n#include \"sceau/statement/schema.h\"\n\n"
      << "namespace sceau::statement {\nnamespace {\n\n"
      << writer.text() << "\nconstexpr TypeInfo types[] = {\n"
      << rows << "};\n\n}  // namespace\n\n"
      << "std::span<const TypeInfo> all_types() { return types; }\n\n}  // namespace sceau::statement\n";
  if (!out.flush()) fail(path, "cannot be written");
}

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

// The members of every statement beside those of its type, which are in "body"
// (host-lib/statement/statement.cpp).
std::vector<Field> envelope() {
  const Json none = Json::object();
  const Json members =
      Json::parse(R"({"after": {"root": "digest", "size": "int 0..9007199254740992"}, "at": "time",
      "body": {}, "by": "id", "id": "uuid", "realm": "text 1..200", "sceau": "int 1..1", "type": "text 1..64",
      "until": "time"})");
  return Reader(Json{{"shapes", none}}).field("", members).fields;
}

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

}  // namespace

int main(int count, char** arguments) {
  if (count != 4) {
    std::fputs("usage: sceau-generate-statement-tables SCHEMA HOST_CPP FIRMWARE_H\n", stderr);
    return 2;
  }
  try {
    std::ifstream in(arguments[1]);
    const std::vector<Type> types = read_types(Json::parse(in));
    write_host(types, arguments[2]);
    write_firmware(types, arguments[3]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s: correct the schema\n", arguments[1], error.what());
    return 1;
  }
  return 0;
}
