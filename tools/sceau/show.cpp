#include "show.h"

#include <map>
#include <sstream>

#include "output.h"
#include "sceau/statement/lines.h"
#include "sceau/statement/schema.h"

namespace sceau::tool {
namespace {

using statement::Value;

constexpr std::size_t kNameWidth = 12;

void add(std::vector<std::string>& lines, const std::string& name, const std::string& text) {
  std::string line = name;
  line.append(name.size() < kNameWidth ? kNameWidth - name.size() : 1, ' ');
  lines.push_back(line + shown(text));
}

void add_value(std::vector<std::string>& lines, const std::string& name, const Value& value) {
  if (value.is_text()) {
    add(lines, name, value.as_text());
  } else if (value.is_int()) {
    add(lines, name, std::to_string(value.as_int()));
  } else if (value.is_bool()) {
    add(lines, name, value.as_bool() ? "yes" : "no");
  } else if (value.is_array()) {
    for (const auto& item : value.as_array()) add_value(lines, name, item);
  } else {
    for (const auto& [inner, member] : value.as_object()) {
      std::string whole = name;
      add_value(lines, whole.append(".").append(inner), member);
    }
  }
}

// What a person decides on comes first, in this order; the rest of a request follows.
const std::vector<std::pair<std::string, std::string>>& request_order() {
  static const std::vector<std::pair<std::string, std::string>> order = {
      {"project", "project"}, {"purpose", "purpose"},  {"source", "source"},       {"kind", "kind"},
      {"sql", "sql"},         {"max_rows", "at most"}, {"decide_by", "decide by"}, {"session", "session"}};
  return order;
}

void add_request(std::vector<std::string>& lines, const Value& body) {
  for (const auto& [field, name] : request_order()) {
    const Value* value = body.find(field);
    if (value == nullptr) continue;
    if (field == "max_rows") {
      add(lines, name, counted(static_cast<std::uint64_t>(value->as_int()), "row"));
    } else {
      add_value(lines, name, *value);
    }
  }
  if (const Value* parameters = body.find("parameters")) {
    int number = 0;
    for (const auto& item : parameters->as_array())
      add(lines, "$" + std::to_string(++number), item.as_text());
  }
  if (const Value* output = body.find("output")) {
    if (auto name = statement::text_field(*output, "name")) add(lines, "file", *name);
  }
}

}  // namespace

std::vector<std::string> shown_lines(const statement::Statement& act) {
  std::vector<std::string> lines;
  const auto* type = statement::find_type(act.type);
  add(lines, "act",
      (type == nullptr ? std::string() : std::string(type->title) + " ") + "(" + act.type + ")");
  add(lines, "realm", act.realm);
  add(lines, "by", act.by);
  if (act.type == "extraction.request") {
    add_request(lines, act.body);
  } else {
    for (const auto& [name, value] : act.body.as_object()) add_value(lines, name, value);
  }
  add(lines, "until", to_rfc3339(act.until));
  return lines;
}

std::string shown_text(const statement::Statement& act) {
  std::string text;
  for (const auto& line : tool::shown_lines(act)) text += "  " + line + "\n";
  return text;
}

std::string short_id(const Digest& digest) { return to_hex(digest).substr(0, 12); }

std::string token_text(const statement::Statement& act) {
  std::string text, line;
  std::istringstream lines(statement::shown_lines(act));
  while (std::getline(lines, line)) {
    // How many signatures there would be with one's own is said of what one signs.
    if (!line.starts_with("signatures: ")) text.append("  ").append(line).append("\n");
  }
  return text;
}

}  // namespace sceau::tool
