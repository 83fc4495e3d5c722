#include "sceau/statement/value.h"

#include <algorithm>
#include <cstdio>

#include "text.h"

namespace sceau::statement {

namespace {

bool needs_escape(char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; }

void write_escaped(std::string& out, char c) {
  out += '\\';
  if (c == '"' || c == '\\') {
    out += c;
  } else if (const auto index = std::string_view("\b\f\n\r\t").find(c); index != std::string_view::npos) {
    out += "bfnrt"[index];
  } else {
    char digits[8];
    std::snprintf(digits, sizeof digits, "u%04x", static_cast<unsigned>(c));
    out += digits;
  }
}

void write_text(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const auto found = std::find_if(text.begin(), text.end(), needs_escape);
    const auto plain = static_cast<std::size_t>(found - text.begin());
    out.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    write_escaped(out, text.front());
    text.remove_prefix(1);
  }
  out += '"';
}

void write(std::string& out, const Value& value) {  // NOLINT(misc-no-recursion): as deep as the value
  if (value.is_bool()) {
    out += value.as_bool() ? "true" : "false";
  } else if (value.is_int()) {
    out += std::to_string(value.as_int());
  } else if (value.is_text()) {
    write_text(out, value.as_text());
  } else if (value.is_array()) {
    out += '[';
    for (const Value& item : value.as_array()) {
      if (&item != &value.as_array().front()) out += ',';
      write(out, item);
    }
    out += ']';
  } else {
    out += '{';
    bool first = true;
    for (const auto& [key, member] : value.as_object()) {
      if (!first) out += ',';
      first = false;
      write_text(out, key);
      out += ':';
      write(out, member);
    }
    out += '}';
  }
}

Status check_at(const Value& value, unsigned depth, unsigned max_depth) {  // NOLINT(misc-no-recursion)
  if (value.is_text()) return check_text(value.as_text());
  if (value.is_int() && (value.as_int() > max_integer || value.as_int() < -max_integer)) {
    return Error{ErrorKind::invalid, "the integer " + std::to_string(value.as_int()) + " is beyond 2^53"};
  }
  if (!value.is_array() && !value.is_object()) return {};
  if (depth > max_depth) return Error{ErrorKind::invalid, "nested deeper than " + std::to_string(max_depth)};
  if (value.is_array()) {
    for (const Value& item : value.as_array()) {
      if (auto fine = check_at(item, depth + 1, max_depth); !fine) return fine;
    }
    return {};
  }
  for (const auto& [key, member] : value.as_object()) {
    if (!is_printable_ascii(key)) return Error{ErrorKind::invalid, "a key that is not printable ASCII"};
    if (auto fine = check_at(member, depth + 1, max_depth); !fine) return fine;
  }
  return {};
}

}  // namespace

const Value* Value::find(std::string_view key) const {
  if (!is_object()) return nullptr;
  const auto found = as_object().find(key);
  return found == as_object().end() ? nullptr : &found->second;
}

std::string to_canonical(const Value& value) {
  std::string out;
  write(out, value);
  return out;
}

Bytes to_canonical_bytes(const Value& value) { return to_bytes(to_canonical(value)); }

Status check_value(const Value& value, unsigned max_depth) { return check_at(value, 0, max_depth); }

}  // namespace sceau::statement
