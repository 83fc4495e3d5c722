#include "tables.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

namespace sceau::tables {
namespace {

using Json = nlohmann::ordered_json;  // members in the order of the schema

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

}  // namespace

[[noreturn]] void fail(const std::string& where, const std::string& what) {
  throw std::runtime_error(where + ": " + what);
}

std::string quoted(const std::string& text) { return '"' + text + '"'; }

std::vector<Type> read_types(std::istream& text) {
  const Json schema = Json::parse(text);
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

std::vector<Field> envelope() {
  const Json none = Json::object();
  const Json members =
      Json::parse(R"({"after": {"root": "digest", "size": "int 0..9007199254740992"}, "at": "time",
      "body": {}, "by": "id", "id": "uuid", "realm": "text 1..200", "sceau": "int 1..1", "type": "text 1..64",
      "until": "time"})");
  return Reader(Json{{"shapes", none}}).field("", members).fields;
}

}  // namespace sceau::tables
