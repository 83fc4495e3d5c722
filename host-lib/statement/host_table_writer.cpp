#include "tables.h"

#include <fstream>
#include <map>
#include <sstream>

namespace sceau::tables {
namespace {

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

std::string type_rows(const std::vector<Type>& types, Writer& writer) {
  std::string rows;
  for (const Type& type : types) {
    rows += "    {" + quoted(type.name) + ", " + quoted(type.title) + ", Retention::" + type.retention +
            ", " + writer.fields(type.host_fields) + ", " + writer.fields(type.fields) + "},\n";
  }
  return rows;
}

}  // namespace

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

}  // namespace sceau::tables
