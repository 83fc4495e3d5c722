#include "catalogue_functions.h"

#include <regex.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <vector>

namespace sceau::connect {
namespace {

struct Call {
  sqlite3_context* context;
  int count;
  sqlite3_value** values;

  [[nodiscard]] bool is_null(int i) const {
    return i >= count || sqlite3_value_type(values[i]) == SQLITE_NULL;
  }
  [[nodiscard]] bool is_number(int i) const {
    return i < count &&
           (sqlite3_value_type(values[i]) == SQLITE_INTEGER || sqlite3_value_type(values[i]) == SQLITE_FLOAT);
  }
  [[nodiscard]] std::string text(int i) const {
    if (is_null(i)) return {};
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_value_text(values[i]));
    return bytes == nullptr ? std::string()
                            : std::string(bytes, static_cast<std::size_t>(sqlite3_value_bytes(values[i])));
  }
  [[nodiscard]] std::int64_t number(int i) const { return i < count ? sqlite3_value_int64(values[i]) : 0; }
  [[nodiscard]] Facts& facts() const { return *static_cast<Facts*>(sqlite3_user_data(context)); }
  void give(const std::string& text) const {
    sqlite3_result_text(context, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
  }
  void give(std::int64_t number) const { sqlite3_result_int64(context, number); }
  void give_null() const { sqlite3_result_null(context); }
};

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

// The elements of "{a,b}" and of "1 2".
std::vector<std::string> elements(std::string text) {
  const bool braces = text.starts_with('{') && text.ends_with('}');
  if (braces) text = text.substr(1, text.size() - 2);
  std::vector<std::string> found;
  std::string one;
  bool inside = false;
  for (const char character : text) {
    if (character == '"') {
      inside = !inside;
    } else if (!inside && character == (braces ? ',' : ' ')) {
      found.push_back(std::exchange(one, {}));
    } else {
      one += character;
    }
  }
  if (!one.empty() || !found.empty()) found.push_back(one);
  return found;
}

std::int64_t relation_oid(const Facts& facts, std::string name) {
  // Of relations of the catalogue itself clients compare nothing but these.
  static const std::map<std::string, std::int64_t, std::less<>> own = {
      {"pg_class", 1259},    {"pg_namespace", 2615}, {"pg_type", 1247},
      {"pg_proc", 1255},     {"pg_attribute", 1249}, {"pg_constraint", 2606},
      {"pg_database", 1262}, {"pg_trigger", 2620},   {"pg_rewrite", 2618}};
  std::erase(name, '"');
  if (const auto dot = name.rfind('.'); dot != std::string::npos) name.erase(0, dot + 1);
  name = lower_case(name);
  if (const auto found = facts.tables.find(name); found != facts.tables.end()) return found->second;
  const auto found = own.find(name);
  return found == own.end() ? 0 : found->second;
}

void regclass(const Call& call) {
  if (call.is_null(0)) return call.give_null();
  if (call.is_number(0)) return call.give(call.number(0));
  const std::string name = call.text(0);
  std::int64_t number = 0;
  const auto [end, problem] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (problem == std::errc() && end == name.data() + name.size()) return call.give(number);
  const auto oid = relation_oid(call.facts(), name);
  oid == 0 ? call.give_null() : call.give(oid);
}

void regclass_text(const Call& call) {
  if (call.is_null(0)) return call.give_null();
  const auto& names = call.facts().table_names;
  const auto found = names.find(call.number(0));
  call.give(found == names.end() ? call.text(0) : found->second);
}

void regtype(const Call& call) {
  if (call.is_null(0)) return call.give_null();
  if (call.is_number(0)) return call.give(call.number(0));
  const auto oid = type_of(call.text(0));
  oid == 0 ? call.give_null() : call.give(static_cast<std::int64_t>(oid));
}

void format_type(const Call& call) {
  if (call.is_null(0)) return call.give_null();
  const auto name = type_name(static_cast<std::uint32_t>(call.number(0)));
  call.give(name.empty() ? std::string("???") : std::string(name));
}

// What the C library takes memory or time without end for: bounds within bounds, and references back.
bool is_endless(const std::string& pattern) {
  if (std::count(pattern.begin(), pattern.end(), '{') > 1) return true;
  for (std::size_t i = 0; i + 1 < pattern.size(); ++i) {
    if (pattern[i] != '\\') continue;
    if (pattern[i + 1] >= '1' && pattern[i + 1] <= '9') return true;
    ++i;
  }
  return false;
}

// Regular expressions of POSIX, which those that clients send are. Without regard to case: they match names.
void matches(const Call& call) {
  if (call.is_null(0) || call.is_null(1)) return call.give_null();
  const std::string pattern = call.text(1);
  regex_t compiled{};
  if (pattern.size() > 1000 || is_endless(pattern) ||
      ::regcomp(&compiled, pattern.c_str(), REG_EXTENDED | REG_ICASE | REG_NOSUB) != 0)
    return sqlite3_result_error(call.context, "invalid regular expression", -1);
  const bool found = ::regexec(&compiled, call.text(0).substr(0, 10000).c_str(), 0, nullptr, 0) == 0;
  ::regfree(&compiled);
  call.give(std::int64_t{found ? 1 : 0});
}

void current_setting(const Call& call) {
  const auto& facts = call.facts();
  const auto value = facts.setting ? facts.setting(call.text(0)) : std::nullopt;
  if (value) return call.give(*value);
  if (call.count > 1 && call.number(1) != 0) return call.give_null();
  sqlite3_result_error(call.context, "unrecognized configuration parameter", -1);
}

void set_config(const Call& call) {
  auto& facts = call.facts();
  if (facts.set && facts.set(call.text(0), call.text(1))) return call.give(call.text(1));
  sqlite3_result_error(call.context, "unrecognized configuration parameter", -1);
}

// What an agent may: read, and nothing that the server's owner does.
void may(const Call& call) {
  const std::string asked = lower_case(call.count > 0 ? call.text(call.count - 1) : "");
  const bool yes = asked == "select" || asked == "usage" || asked == "connect" || asked == "member";
  call.give(std::int64_t{yes ? 1 : 0});
}

void array_of(const Call& call) {
  std::string text = "{";
  for (int i = 0; i < call.count; ++i) text.append(i == 0 ? "" : ",").append(call.text(i));
  call.give(text + "}");
}

void array_has(const Call& call) {
  if (call.is_null(0) || call.is_null(1)) return call.give_null();
  const auto found = elements(call.text(0));
  call.give(std::int64_t{std::find(found.begin(), found.end(), call.text(1)) != found.end() ? 1 : 0});
}

void array_element(const Call& call) {
  const auto found = elements(call.text(0));
  const auto at = call.number(1);
  if (at < 1 || static_cast<std::size_t>(at) > found.size()) return call.give_null();
  call.give(found[static_cast<std::size_t>(at) - 1]);
}

void array_json(const Call& call) {
  std::string text = "[";
  for (const auto& one : elements(call.text(0))) {
    text.append(text.size() > 1 ? "," : "");
    std::string shown;
    for (const char character : one)
      if (static_cast<unsigned char>(character) >= 0x20 && character != '"' && character != '\\')
        shown += character;
    text.append("\"").append(shown).append("\"");
  }
  call.give(text + "]");
}

void array_to_string(const Call& call) {
  if (call.is_null(0)) return call.give_null();
  std::string text;
  bool first = true;
  for (const auto& one : elements(call.text(0))) {
    text.append(first ? std::string() : call.text(1)).append(one);
    first = false;
  }
  call.give(text);
}

void quote_ident(const Call& call) {
  const std::string name = call.text(0);
  const bool plain =
      !name.empty() && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_0123456789") == std::string::npos;
  std::string out;
  for (const char character : name) out.append(character == '"' ? 2 : 1, character);
  call.give(plain ? name : "\"" + out + "\"");
}

void now(const Call& call) {
  const std::time_t seconds = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  call.give(
      std::string(text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S+00", &parts)));
}

void concatenated(const Call& call) {
  std::string text;
  for (int i = 0; i < call.count; ++i) text += call.text(i);
  call.give(text);
}

using Function = void (*)(const Call&);
template <Function function>
void called(sqlite3_context* context, int count, sqlite3_value** values) {
  function(Call{context, count, values});
}

struct Ours {
  const char* name;
  void (*function)(sqlite3_context*, int, sqlite3_value**);
};

void tell_version(const Call& call) { call.give(std::string("PostgreSQL 15.0 (Sceau connect)")); }
void tell_schema(const Call& call) { call.give(std::string("public")); }
void tell_schemas(const Call& call) {
  call.give(std::string(call.number(0) != 0 ? "{pg_catalog,public}" : "{public}"));
}
void tell_database(const Call& call) { call.give(call.facts().database); }
void tell_user(const Call& call) { call.give(call.facts().user); }
void tell_process(const Call& call) { call.give(std::int64_t{call.facts().process}); }
void tell_encoding(const Call& call) { call.give(std::string("UTF8")); }
void tell_yes(const Call& call) { call.give(std::int64_t{1}); }
void tell_no(const Call& call) { call.give(std::int64_t{0}); }
void tell_none(const Call& call) { call.give_null(); }
void array_meets(const Call& call) {
  const auto left = elements(call.text(0));
  const auto right = elements(call.text(1));
  const bool all = std::all_of(right.begin(), right.end(), [&](const auto& one) {
    return std::find(left.begin(), left.end(), one) != left.end();
  });
  call.give(std::int64_t{all ? 1 : 0});
}
void array_size(const Call& call) {
  const auto found = elements(call.text(0));
  found.empty() ? call.give_null() : call.give(static_cast<std::int64_t>(found.size()));
}

constexpr Ours kOurs[] = {
    {"version", called<tell_version>},
    {"current_schema", called<tell_schema>},
    {"current_schemas", called<tell_schemas>},
    {"current_database", called<tell_database>},
    {"current_user", called<tell_user>},
    {"pg_get_userbyid", called<tell_user>},
    {"pg_backend_pid", called<tell_process>},
    {"pg_encoding_to_char", called<tell_encoding>},
    {"yes", called<tell_yes>},
    {"one", called<tell_yes>},
    {"no", called<tell_no>},
    {"none", called<tell_none>},
    {"may", called<may>},
    {"regclass", called<regclass>},
    {"regnamespace", called<regtype>},
    {"regclass_text", called<regclass_text>},
    {"regtype", called<regtype>},
    {"format_type", called<format_type>},
    {"matches", called<matches>},
    {"current_setting", called<current_setting>},
    {"set_config", called<set_config>},
    {"array_of", called<array_of>},
    {"array_has", called<array_has>},
    {"array_element", called<array_element>},
    {"array_json", called<array_json>},
    {"array_to_string", called<array_to_string>},
    {"array_size", called<array_size>},
    {"array_meets", called<array_meets>},
    {"quote_ident", called<quote_ident>},
    {"now", called<now>},
    {"concatenated", called<concatenated>},
};

}  // namespace

void register_functions(sqlite3* database, Facts& facts) {
  for (const auto& one : kOurs)
    sqlite3_create_function_v2(database, one.name, -1, SQLITE_UTF8, &facts, one.function, nullptr, nullptr,
                               nullptr);
}

}  // namespace sceau::connect
