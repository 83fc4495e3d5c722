#include "sceau/statement/lines.h"

#include <algorithm>
#include <cstdio>

#include "sceau/statement/schema.h"

namespace sceau::statement {
namespace {

constexpr std::size_t columns = 40;
constexpr std::size_t indent = 2;

char32_t decode(std::string_view& text) {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t size = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  char32_t value = size == 1 ? first : first & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i)
    value = (value << 6U) | (static_cast<unsigned char>(text[i]) & 0x3FU);
  text.remove_prefix(size);
  return value;
}

bool shown_as_itself(char32_t c) {
  constexpr std::u32string_view others = U"\u00A7\u00AB\u00B0\u00BB\u0152\u0153\u0178\u20AC";
  if (c < 0x7F) return true;
  if (c >= 0xC0 && c <= 0xFF) return c != 0xD7 && c != 0xF7;
  return others.find(c) != std::u32string_view::npos;
}

// Words of at most one line, from what a field says; a word is a list of characters.
class Lines {
 public:
  // A field, spaces between words; `text` is what is to be seen, character by character.
  void add(const std::string& text) {
    std::string line;
    std::size_t used = 0;
    bool first = true;
    std::string_view rest = text;
    while (!rest.empty()) {
      const std::size_t space = rest.find(' ');
      const std::string_view word = rest.substr(0, space);
      rest.remove_prefix(space == std::string_view::npos ? rest.size() : space + 1);
      add_word(word, first, line, used);
      first = false;
    }
    if (!line.empty()) out_ += line + '\n';
  }
  [[nodiscard]] const std::string& text() const { return out_; }

 private:
  // Long words go on from line to line, marked.
  void add_word(std::string_view word, bool first, std::string& line, std::size_t& used) {
    bool broken = false;
    while (!word.empty()) {
      std::string_view rest = word;
      std::size_t size = 0;
      while (!rest.empty() && size < columns - indent) {
        decode(rest);
        ++size;
      }
      const std::string_view piece = word.substr(0, word.size() - rest.size());
      const bool space = !broken && !first && used != 0;
      if (used + (space ? 1 : 0) + size > columns) {
        out_ += line + '\n';
        line = broken ? " \\" : "  ";
        used = indent;
      } else if (space) {
        line += ' ';
        ++used;
      }
      line += piece;
      used += size;
      word = rest;
      broken = true;
    }
  }

  std::string out_;
};

// A text in quotes, with everything escaped that could be taken for something else.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  bool after_space = true;
  while (!text.empty()) {
    const std::string_view before = text;
    const char32_t c = decode(text);
    if (c == ' ') {
      out += after_space || text.empty() ? "\\s" : " ";
    } else if (c == '"' || c == '\\') {
      out += '\\';
      out += static_cast<char>(c);
    } else if (shown_as_itself(c)) {
      out += before.substr(0, before.size() - text.size());
    } else {
      char number[16];
      std::snprintf(number, sizeof number, "\\u{%X}", static_cast<unsigned>(c));
      out += number;
    }
    after_space = c == ' ';
  }
  return out + '"';
}

std::string groups(std::string_view hexadecimal) {
  constexpr std::size_t group = 16;
  std::string out;
  for (std::size_t at = 0; at < hexadecimal.size(); at += group) {
    out.append(at == 0 ? "" : " ").append(hexadecimal.substr(at, group));
  }
  return out;
}

std::string scalar(const Field& field, const Value& value) {
  if (value.is_bool()) return value.as_bool() ? "yes" : "no";
  if (value.is_int()) return std::to_string(value.as_int());
  const std::string& text = value.as_text();
  if (field.kind == FieldKind::text) return quoted(text);
  if (field.kind == FieldKind::digest) return groups(text);
  if (field.kind == FieldKind::base64) {
    return std::to_string(text.size()) + " characters, SHA-256 " +
           groups(to_hex(sha256(as_bytes(text))).substr(0, 32));
  }
  return text.empty() ? "none" : text;
}

std::string words(std::string_view name) {
  std::string out(name);
  std::replace(out.begin(), out.end(), '_', ' ');
  return out;
}

void add_value(const Field& field, const Value& value, const std::string& label, Lines& lines);

void add_members(std::span<const Field> fields, const Value& object, const std::string& prefix,
                 Lines& lines) {  // NOLINT(misc-no-recursion): as deep as the table
  for (const auto& [key, member] : object.as_object()) {
    const auto found =
        std::find_if(fields.begin(), fields.end(), [&name = key](const Field& f) { return f.name == name; });
    if (found != fields.end()) add_value(*found, member, prefix + words(key), lines);
  }
}

void add_value(const Field& field, const Value& value, const std::string& label,
               Lines& lines) {  // NOLINT(misc-no-recursion)
  if (value.is_object()) {
    add_members(field.fields, value, label + " ", lines);
  } else if (!value.is_array()) {
    lines.add(label + ": " + scalar(field, value));
  } else if (value.as_array().empty()) {
    lines.add(label + ": none");
  } else {
    std::size_t number = 0;
    for (const Value& item : value.as_array()) {
      add_value(field.fields[0], item, label + " " + std::to_string(++number), lines);
    }
  }
}

void add_statement(const Statement& statement, bool decision, Lines& lines) {
  const TypeInfo* type = find_type(statement.type);
  if (type == nullptr) return;
  lines.add(std::string(type->title));
  lines.add("by: " + statement.by);
  lines.add("ledger: " + quoted(statement.realm));
  lines.add("from: " + to_rfc3339(statement.at));
  lines.add("until: " + to_rfc3339(statement.until));
  Value body = statement.body;
  if (decision) {
    body.as_object().erase("request");
    body.as_object().erase("evidence");
  }
  add_members(type->fields, body, "", lines);
}

}  // namespace

std::string shown_lines(const Statement& statement, const Statement* request) {
  Lines lines;
  add_statement(statement, request != nullptr, lines);
  if (request != nullptr) {
    lines.add("-- the request: --");
    add_statement(*request, false, lines);
  }
  lines.add(request == nullptr ? "signatures: 1 with yours" : "signatures: 2 with yours");
  return lines.text();
}

Digest shown_digest(const Statement& statement, const Statement* request) {
  return sha256(as_bytes(shown_lines(statement, request)));
}

}  // namespace sceau::statement
