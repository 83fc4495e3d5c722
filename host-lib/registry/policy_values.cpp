#include "policy_values.h"

namespace sceau::registry {

// Names in a file may hold anything; a refusal is one line.
std::string one_line(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  }
  return text;
}

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

void PolicyValues::fail(const toml::node& node, const std::string& what) {
  if (error_) return;
  error_ = Error{ErrorKind::invalid, "reading the policy, line " + std::to_string(node.source().begin.line) +
                                         ": " + one_line(what)};
}

std::int64_t PolicyValues::number(const toml::node& node, std::string_view what, std::int64_t least,
                                  std::int64_t most) {
  const auto* value = node.as_integer();
  if (value == nullptr) {
    fail(node, std::string(what) + " must be a whole number");
    return least;
  }
  if (value->get() < least || value->get() > most) {
    fail(node, std::string(what) + " is " + std::to_string(value->get()) + ": it must be " +
                   std::to_string(least) + " or more and " + std::to_string(most) + " or less");
  }
  return value->get();
}

std::string PolicyValues::text(const toml::node& node, std::string_view what) {
  const auto* value = node.as_string();
  if (value != nullptr && !value->get().empty()) return value->get();
  fail(node, std::string(what) + " must be a quoted text");
  return {};
}

std::vector<std::string> PolicyValues::texts(const toml::node& node, std::string_view what) {
  std::vector<std::string> list;
  const auto* items = node.as_array();
  if (items == nullptr || items->empty()) {
    fail(node, std::string(what) + " must be a list of quoted texts, and not an empty one");
    return list;
  }
  list.reserve(items->size());
  for (const auto& item : *items) {
    std::string one = text(item, what);
    if (holds(list, one)) fail(item, std::string(what) + " names " + quoted(one) + " twice");
    list.push_back(std::move(one));
  }
  return list;
}

const toml::table* PolicyValues::table(const toml::node& node, std::string_view what) {
  const auto* found = node.as_table();
  if (found == nullptr) fail(node, std::string(what) + " must be a table, [" + std::string(what) + "]");
  return found;
}

}  // namespace sceau::registry
