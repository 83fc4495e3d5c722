#include "settings.h"

#include <algorithm>
#include <charconv>

namespace sceau::connect {
namespace {

constexpr const char* kDefaults[][2] = {
    {"server_version", "15.0"},
    {"server_version_num", "150000"},
    {"server_encoding", "UTF8"},
    {"client_encoding", "UTF8"},
    {"DateStyle", "ISO, MDY"},
    {"IntervalStyle", "postgres"},
    {"TimeZone", "UTC"},
    {"integer_datetimes", "on"},
    {"standard_conforming_strings", "on"},
    {"is_superuser", "off"},
    {"in_hot_standby", "off"},
    {"default_transaction_read_only", "off"},
    {"application_name", ""},
    {"search_path", "public"},
    {"extra_float_digits", "1"},
    {"statement_timeout", "0"},
    {"lock_timeout", "0"},
    {"idle_in_transaction_session_timeout", "0"},
    {"idle_session_timeout", "0"},
    {"client_min_messages", "notice"},
    {"bytea_output", "hex"},
    {"backslash_quote", "safe_encoding"},
    {"escape_string_warning", "on"},
    {"transaction_isolation", "read committed"},
    {"default_transaction_isolation", "read committed"},
    {"transaction_read_only", "off"},
    {"transaction_deferrable", "off"},
    {"synchronous_commit", "on"},
    {"row_security", "on"},
    {"work_mem", "4MB"},
    {"max_identifier_length", "63"},
    {"max_index_keys", "32"},
    {"lc_collate", "C.UTF-8"},
    {"lc_ctype", "C.UTF-8"},
    {"lc_messages", "C.UTF-8"},
    {"lc_monetary", "C.UTF-8"},
    {"lc_numeric", "C.UTF-8"},
    {"default_tablespace", ""},
    {"default_table_access_method", "heap"},
    {"check_function_bodies", "on"},
    {"geqo", "on"},
    {"enable_seqscan", "on"},
    {"jit", "off"},
    {"xmloption", "content"},
    {"array_nulls", "on"},
    {"block_size", "8192"},
    {"session_authorization", ""},
};

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

bool is_utf8(std::string value) {
  value = lower_case(std::move(value));
  std::erase_if(value, [](char c) { return c == '-' || c == '_' || c == '\'' || c == ' '; });
  return value == "utf8" || value == "unicode" || value == "auto";
}

constexpr std::int64_t kLongestTimeout = 2147483647;  // milliseconds, as in PostgreSQL

// Digits, and nothing behind them but what goes to `unit`.
std::optional<std::int64_t> whole_number(std::string_view text, std::string_view* unit) {
  std::int64_t number = -1;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (problem != std::errc{} || number < 0 || (unit == nullptr && !text.empty())) return std::nullopt;
  if (unit != nullptr) *unit = text;
  return number;
}

// "500", "500ms", "2s", "1min".
std::optional<std::int64_t> milliseconds_of(std::string_view text) {
  std::string_view unit;
  const auto number = whole_number(text, &unit);
  const std::int64_t each = unit.empty() || unit == "ms" ? 1
                            : unit == "s"                ? 1000
                            : unit == "min"              ? 60'000
                                                         : 0;
  if (!number || each == 0 || *number > kLongestTimeout / each) return std::nullopt;
  return *number * each;
}

Problem unfit(const std::string& name, const std::string& value, const std::string& hint) {
  return {"22023", "invalid value for parameter \"" + name + "\": \"" + value + "\"", hint};
}

}  // namespace

Settings::Settings(const Wanted& defaults, const std::string& user) {
  for (const auto& [name, value] : kDefaults) settings_[lower_case(name)] = {name, value, value};
  const auto add = [&](const std::string& name, const std::string& value) {
    settings_[name] = {name, value, value};
  };
  add("sceau.project", defaults.project);
  add("sceau.purpose", defaults.purpose);
  add("sceau.kind", defaults.kind);
  add("sceau.source", defaults.source);
  add("sceau.max_rows", std::to_string(defaults.max_rows));
  add("session_authorization", user);
}

const Settings::Setting* Settings::find(const std::string& name) const {
  const auto found = settings_.find(lower_case(name));
  return found == settings_.end() ? nullptr : &found->second;
}

std::optional<Problem> Settings::check(const std::string& name, const std::string& value) {
  if (name == "client_encoding" && !is_utf8(value))
    return unfit(name, value, "This server speaks UTF8 alone.");
  if (name == "standard_conforming_strings" && value != "on" && value != "true")
    return unfit(name, value, "Texts are read as the standard says.");
  if (name == "datestyle" && !lower_case(value).starts_with("iso"))
    return unfit(name, value, "Dates are ISO 8601.");
  if (name.starts_with("server_") || name == "integer_datetimes" || name == "is_superuser" ||
      name == "block_size")
    return Problem{"55P02", "parameter \"" + name + "\" cannot be changed", {}};
  if (name == "sceau.kind" && value != "aggregate" && value != "individual")
    return unfit(name, value,
                 "aggregate or individual; statements over your own tables are 'work' by themselves.");
  if (name == "statement_timeout" && !milliseconds_of(value))
    return unfit(name, value,
                 "Whole milliseconds, or with ms, s or min behind them, to 2147483647 ms; 0 for none.");
  if (name == "sceau.max_rows" && !whole_number(value, nullptr))
    return unfit(name, value, "A whole number, 0 for what the project allows.");
  return std::nullopt;
}

std::optional<Problem> Settings::check(const Wanted& defaults) {
  if (auto wrong = check("sceau.kind", defaults.kind)) return wrong;
  return check("sceau.max_rows", std::to_string(defaults.max_rows));
}

std::optional<Problem> Settings::set(const std::string& name, const std::string& value) {
  const auto found = settings_.find(lower_case(name));
  if (found == settings_.end()) {
    return Problem{
        "42704", "unrecognized configuration parameter \"" + name + "\"",
        name.starts_with("sceau.") ? "sceau.project, purpose, kind, source and max_rows are there." : ""};
  }
  if (auto wrong = check(found->first, value)) return wrong;
  found->second.value = found->first == "client_encoding" ? "UTF8" : value;
  return std::nullopt;
}

std::optional<Problem> Settings::reset(const std::string& name) {
  const auto* found = find(name);
  if (found == nullptr) return Problem{"42704", "unrecognized configuration parameter \"" + name + "\"", {}};
  const std::string first = found->first;
  settings_[lower_case(name)].value = first;
  return std::nullopt;
}

void Settings::reset_all() {
  for (auto& [name, setting] : settings_) setting.value = setting.first;
}

std::optional<std::string> Settings::get(const std::string& name) const {
  const auto* found = find(name);
  if (found == nullptr) return std::nullopt;
  return found->value;
}

std::vector<std::pair<std::string, std::string>> Settings::all() const {
  std::vector<std::pair<std::string, std::string>> list;
  list.reserve(settings_.size());
  for (const auto& [name, setting] : settings_) list.emplace_back(setting.name, setting.value);
  return list;
}

const std::vector<std::string>& Settings::reported() {
  static const std::vector<std::string> names = {"server_version",
                                                 "server_encoding",
                                                 "client_encoding",
                                                 "application_name",
                                                 "is_superuser",
                                                 "in_hot_standby",
                                                 "session_authorization",
                                                 "DateStyle",
                                                 "IntervalStyle",
                                                 "TimeZone",
                                                 "integer_datetimes",
                                                 "standard_conforming_strings",
                                                 "default_transaction_read_only"};
  return names;
}

Wanted Settings::wanted() const {
  Wanted wanted;
  wanted.project = *get("sceau.project");
  wanted.purpose = *get("sceau.purpose");
  wanted.kind = *get("sceau.kind");
  wanted.source = *get("sceau.source");
  wanted.max_rows = std::strtoll(get("sceau.max_rows")->c_str(), nullptr, 10);
  return wanted;
}

std::int64_t Settings::statement_timeout() const {
  return milliseconds_of(*get("statement_timeout")).value_or(0);
}

}  // namespace sceau::connect
