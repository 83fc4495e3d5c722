#include "policy.h"

#include <charconv>

#include "output.h"

namespace sceau::tool {

using statement::Value;

Value default_policy(int recovery_k) {
  return statement::Object{
      {"after_age", 86400},
      {"approvals", 1},
      {"decide_within", 86400},
      {"dominance_percent", 85},
      {"minimum_people", 11},
      {"offline_seconds", 604800},
      {"recovery_k", recovery_k},
      {"request_window", 900},
      {"retention_days",
       statement::Object{{"access", 365}, {"extraction", 1096}, {"registry", 3653}, {"summary", 365}}},
      {"row_limit", 100000000},
      {"session_seconds", 28800},
      {"time_limit", 600}};
}

Result<Value> changed_policy(Value policy, const std::vector<std::string>& changes) {
  for (const auto& change : changes) {
    const auto equals = change.find('=');
    auto name = change.substr(0, equals);
    std::int64_t number = 0;
    const auto text = equals == std::string::npos ? std::string() : change.substr(equals + 1);
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || read.ec != std::errc() || read.ptr != text.data() + text.size()) {
      return Error{ErrorKind::invalid,
                   "'" + change + "' is not NAME=NUMBER: 'sceau policy show' lists the names"};
    }
    auto* object = &policy.as_object();
    if (const auto dot = name.find('.'); dot != std::string::npos) {
      const auto inner = object->find(name.substr(0, dot));
      if (inner == object->end() || !inner->second.is_object()) {
        return Error{ErrorKind::invalid, "policy has no '" + name + "': 'sceau policy show' lists the names"};
      }
      object = &inner->second.as_object();
      name.erase(0, dot + 1);
    }
    const auto member = object->find(name);
    if (member == object->end() || !member->second.is_int()) {
      return Error{ErrorKind::invalid, "policy has no '" + name + "': 'sceau policy show' lists the names"};
    }
    member->second = Value(number);
  }
  return policy;
}

std::string policy_text(const Value& policy) {
  std::vector<std::vector<std::string>> rows{{"NAME", "VALUE"}};
  for (const auto& [name, value] : policy.as_object()) {
    if (value.is_int()) rows.push_back({name, std::to_string(value.as_int())});
    if (!value.is_object()) continue;
    for (const auto& [inner, number] : value.as_object()) {
      if (number.is_int()) rows.push_back({name + "." + inner, std::to_string(number.as_int())});
    }
  }
  return table(rows);
}

}  // namespace sceau::tool
