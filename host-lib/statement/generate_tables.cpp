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
  std::vector<Field> fields;
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

// Writes arrays children first, so that each can name those before it. The firmware's rows are as small as
// they can be: flash is short there.
class Writer {
 public:
  Writer(std::string storage, bool small) : storage_(std::move(storage)), small_(small) {}

  std::string fields(const std::vector<Field>& all) {
    if (all.empty()) return "{}";
    std::string rows;
    for (const Field& field : all) rows += "    " + row(field) + ",\n";
    return array("Field", "{\n" + rows + "}");
  }

  [[nodiscard]] std::string text() const { return out_.str(); }

 private:
  std::string row(const Field& field) {
    if (small_) return small_row(field);
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

  std::string small_row(const Field& field) {
    std::string choices = "nullptr";
    if (!field.choices.empty()) {
      std::string words;
      for (const auto& choice : field.choices) words += quoted(choice) + ", ";
      choices = array("std::string_view", "{" + words + "}");
    }
    const std::string limits =
        array("Limits", "{{" + std::to_string(field.minimum) + ", " + std::to_string(field.maximum) + "}}");
    const std::string inner = field.fields.empty() ? "nullptr" : fields(field.fields);
    if (field.choices.size() > 255 || field.fields.size() > 255) fail(field.name, "has more parts than 255");
    return '{' + quoted(field.name) + ", " + limits + ", " + choices + ", " + inner +
           ", FieldKind::" + field.kind + ", " + (field.required ? "true" : "false") + ", " +
           std::to_string(field.choices.size()) + ", " + std::to_string(field.fields.size()) + '}';
  }

  // What is there already is named again: shapes come many times.
  std::string array(const std::string& type, const std::string& content) {
    const auto [known, is_new] = names_.try_emplace(content, "part_" + std::to_string(names_.size()));
    const std::string& name = known->second;
    if (!is_new) return name;
    out_ << storage_ << ' ' << type << ' ' << name << "[] = " << content << ";\n";
    return name;
  }

  std::string storage_;
  bool small_;
  std::map<std::string, std::string> names_;  // by content
  std::ostringstream out_;
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
            ", " + writer.fields(type.fields) + "},\n";
  }
  return rows;
}

void write_host(const std::vector<Type>& types, const std::string& path) {
  Writer writer("constexpr", false);
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
  std::int64_t minimum;  // bytes of a text, items of a list, characters of base64, value of an integer
  std::int64_t maximum;
};

// A list has one field without a name: its items. An id with choices takes those words too. Fields are
// ordered by name, as canonical JSON orders them.
struct Field {
  std::string_view name;
  const Limits* limits;
  const std::string_view* first_choice;
  const Field* first_field;
  FieldKind kind;
  bool required;
  std::uint8_t choice_count;
  std::uint8_t field_count;

  constexpr std::int64_t minimum() const { return limits->minimum; }
  constexpr std::int64_t maximum() const { return limits->maximum; }
  constexpr std::span<const std::string_view> choices() const { return {first_choice, choice_count}; }
  constexpr std::span<const Field> fields() const { return {first_field, field_count}; }
};

struct Type {
  std::string_view name;
  std::string_view title;
  std::span<const Field> fields;
};

)";

void write_firmware(const std::vector<Type>& types, const std::string& path) {
  Writer writer("inline constexpr", true);
  std::string rows;
  for (const Type& type : types)
    rows +=
        "    {" + quoted(type.name) + ", " + quoted(type.title) + ", " + writer.fields(type.fields) + "},\n";
  std::ofstream out(path, std::ios::trunc);
  out << firmware_head << writer.text() << "\n// Ordered by name.\ninline constexpr Type types[] = {\n"
      << rows << "};\n\n}  // namespace sceau::statement_table\n";
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
