#include "sceau/registry/policy_file.h"

#include "sceau/base/toml.h"

#include <algorithm>
#include <array>

namespace sceau::registry {
namespace {

constexpr std::array<std::string_view, 3> kKinds{"work", "aggregate", "individual"};
constexpr std::array<std::string_view, 7> kDays{"monday", "tuesday",  "wednesday", "thursday",
                                                "friday", "saturday", "sunday"};
// Numbers with what bounds them, and texts: the members of a policy.set that a file may say.
struct Number {
  std::string_view name;
  std::int64_t least, most;
};
constexpr std::int64_t kMany = 1'000'000'000'000;
constexpr std::array<Number, 11> kNumbers{{{"minimum_people", 11, 1'000'000},
                                           {"dominance_percent", 1, 85},
                                           {"request_window", 1, 900},
                                           {"after_age", 1, 31'622'400},
                                           {"decide_within", 1, 7'776'000},
                                           {"session_seconds", 1, 86'400},
                                           {"offline_seconds", 0, 7'776'000},
                                           {"clear_sign", 0, 1},
                                           {"recovery_k", 1, 16},
                                           {"time_limit", 1, 86'400},
                                           {"row_limit", 1, kMany}}};
constexpr std::array<std::string_view, 4> kTexts{"rp_id", "counter_step_back", "fido_self_attestation",
                                                 "u2f_import"};
constexpr std::array<std::string_view, 4> kRetained{"registry", "access", "extraction", "summary"};

template <typename List>
bool holds(const List& list, std::string_view word) {
  return std::ranges::find(list, word) != std::ranges::end(list);
}

// Names in a file may hold anything; a refusal is one line.
std::string one_line(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  }
  return text;
}

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

// "TABLE.COLUMN", of letters, digits and underscores.
bool is_column(std::string_view text) {
  const auto dot = text.find('.');
  const auto plain = [](std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](unsigned char c) {
      return c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    });
  };
  return dot != std::string_view::npos && plain(text.substr(0, dot)) && plain(text.substr(dot + 1));
}

// Keeps the first error, after which nothing that was read is used.
class PolicyReader {
 public:
  PolicyFile read(const toml::table& document);
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  void fail(const toml::node& node, const std::string& what) {
    if (error_) return;
    error_ = Error{ErrorKind::invalid, "reading the policy, line " +
                                           std::to_string(node.source().begin.line) + ": " + one_line(what)};
  }
  std::int64_t number(const toml::node& node, std::string_view what, std::int64_t least, std::int64_t most);
  std::string text(const toml::node& node, std::string_view what);
  std::vector<std::string> texts(const toml::node& node, std::string_view what);
  const toml::table* table(const toml::node& node, std::string_view what);
  std::vector<std::string> columns(const toml::node& node, std::string_view what);
  int minutes(const toml::node& node, std::string_view what);

  void read_setting(std::string_view key, const toml::node& node);
  void read_retention(const toml::node& node);
  void read_approvals(const toml::node& node);
  ApprovalRule read_approval(std::string_view kind, const toml::node& node);
  void read_keys(const toml::node& node);
  void read_hours(const toml::node& node);
  Time read_offset(const toml::node& node);
  void read_open(const toml::node& node);
  void read_profiles(const toml::node& node);
  Profile read_profile(std::string_view name, const toml::node& node);
  void read_together(Profile& profile, const toml::node& node);
  void check_profile(const Profile& profile, const toml::node& node);

  PolicyFile file_;
  std::optional<Error> error_;
};

std::int64_t PolicyReader::number(const toml::node& node, std::string_view what, std::int64_t least,
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

std::string PolicyReader::text(const toml::node& node, std::string_view what) {
  const auto* value = node.as_string();
  if (value != nullptr && !value->get().empty()) return value->get();
  fail(node, std::string(what) + " must be a quoted text");
  return {};
}

std::vector<std::string> PolicyReader::texts(const toml::node& node, std::string_view what) {
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

const toml::table* PolicyReader::table(const toml::node& node, std::string_view what) {
  const auto* found = node.as_table();
  if (found == nullptr) fail(node, std::string(what) + " must be a table, [" + std::string(what) + "]");
  return found;
}

std::vector<std::string> PolicyReader::columns(const toml::node& node, std::string_view what) {
  auto list = texts(node, what);
  for (const std::string& name : list) {
    if (!is_column(name)) fail(node, std::string(what) + ": " + quoted(name) + " is not TABLE.COLUMN");
  }
  return list;
}

int PolicyReader::minutes(const toml::node& node, std::string_view what) {
  const std::string value = text(node, what);
  const auto digit = [&](std::size_t at) { return value[at] >= '0' && value[at] <= '9'; };
  if (value.size() == 5 && value[2] == ':' && digit(0) && digit(1) && digit(3) && digit(4)) {
    const int hour = (value[0] - '0') * 10 + (value[1] - '0'),
              minute = (value[3] - '0') * 10 + value[4] - '0';
    if (minute < 60 && hour * 60 + minute <= 24 * 60) return hour * 60 + minute;
  }
  fail(node, std::string(what) + " must be a time of day, \"00:00\" to \"24:00\"");
  return 0;
}

void PolicyReader::read_setting(std::string_view key, const toml::node& node) {
  const std::string name(key);
  if (const auto* const known = std::ranges::find(kNumbers, key, &Number::name); known != kNumbers.end()) {
    file_.settings.emplace(name, number(node, key, known->least, known->most));
  } else if (holds(kTexts, key)) {
    file_.settings.emplace(name, text(node, key));
  } else if (key == "origins") {
    file_.settings.emplace(name, statement::texts(texts(node, key)));
  } else if (key == "approvals" && node.is_table()) {
    read_approvals(node);
  } else if (key == "retention_days") {
    read_retention(node);
  } else if (key == "keys") {
    read_keys(node);
  } else if (key == "hours") {
    read_hours(node);
  } else if (key == "hold_few_people" && node.is_boolean()) {
    file_.rules.hold_few_people = node.as_boolean()->get();
  } else if (key == "profiles") {
    read_profiles(node);
  } else if (key == "approvals") {
    fail(node, "approvals must be a table a kind, such as [approvals.individual] with needed = 1");
  } else if (key != "format") {
    fail(node, "key " + quoted(key) + " is unknown");
  }
}

void PolicyReader::read_retention(const toml::node& node) {
  const auto* days = table(node, "retention_days");
  if (days == nullptr) return;
  statement::Object kept;
  for (const auto& [key, value] : *days) {
    if (!holds(kRetained, key.str()))
      fail(value, "key " + quoted(key.str()) + " is unknown in retention_days");
    kept.emplace(std::string(key.str()), number(value, key.str(), 1, 36'525));
  }
  file_.settings.emplace("retention_days", std::move(kept));
}

void PolicyReader::read_approvals(const toml::node& node) {
  for (const auto& [kind, value] : *node.as_table()) {
    if (!holds(kKinds, kind.str())) {
      fail(value, "approvals of the kind " + quoted(kind.str()) + ": use work, aggregate or individual");
    }
    const ApprovalRule rule = read_approval(kind.str(), value);
    if (kind == "individual") file_.settings.emplace("approvals", rule.needed);
    file_.rules.approvals.emplace(std::string(kind.str()), rule);
  }
}

ApprovalRule PolicyReader::read_approval(std::string_view kind, const toml::node& node) {
  ApprovalRule rule;
  const std::string what = "approvals." + std::string(kind);
  const auto* entries = table(node, what);
  if (entries == nullptr) return rule;
  rule.line = static_cast<int>(node.source().begin.line);
  for (const auto& [key, value] : *entries) {
    if (key == "needed") {
      rule.needed = number(value, what + ".needed", kind == "individual" ? 1 : 0, 16);
      rule.line = static_cast<int>(value.source().begin.line);
    } else if (key == "from_another_organisation") {
      rule.from_another = number(value, what + ".from_another_organisation", 0, 16);
    } else if (key == "by") {
      rule.by = texts(value, what + ".by");
    } else {
      fail(value, "key " + quoted(key.str()) + " is unknown in " + what);
    }
  }
  if (!entries->contains("needed")) fail(node, what + " does not say how many are needed");
  if (!rule.by.empty() && rule.needed > static_cast<std::int64_t>(rule.by.size())) {
    fail(node, what + " needs " + std::to_string(rule.needed) + " and names " +
                   std::to_string(rule.by.size()) + " people: nobody could ever get them");
  }
  if (rule.from_another > rule.needed) {
    fail(node, what + " wants " + std::to_string(rule.from_another) + " from another organisation of " +
                   std::to_string(rule.needed) + " in all: raise needed");
  }
  return rule;
}

void PolicyReader::read_keys(const toml::node& node) {
  const auto* entries = table(node, "keys");
  if (entries == nullptr) return;
  for (const auto& [kind, value] : *entries) {
    const std::string word = text(value, "keys." + std::string(kind.str()));
    if (!holds(kKinds, kind.str())) {
      fail(value, "keys for the kind " + quoted(kind.str()) + ": use work, aggregate or individual");
    }
    KeyKind wanted = KeyKind::any;
    for (const KeyKind one : {KeyKind::card, KeyKind::clear_sign}) {
      if (key_kind_text(one) == word) wanted = one;
    }
    if (key_kind_text(wanted) != word) {
      fail(value, "key " + quoted(word) + " is unknown: use clear-sign, card or any");
    }
    file_.rules.keys.emplace(std::string(kind.str()), wanted);
  }
}

void PolicyReader::read_hours(const toml::node& node) {
  const auto* entries = table(node, "hours");
  if (entries == nullptr) return;
  for (const auto& [key, value] : *entries) {
    if (key == "offset") {
      file_.rules.offset = read_offset(value);
    } else if (key == "open" && value.is_array()) {
      for (const auto& item : *value.as_array()) read_open(item);
    } else {
      fail(value, "key " + quoted(key.str()) + " is unknown or not of its kind in hours");
    }
  }
  if (file_.rules.hours.empty()) fail(node, "hours has nothing in open: nothing could ever be asked");
}

Time PolicyReader::read_offset(const toml::node& node) {
  const std::string value = text(node, "hours.offset");
  if (value == "Z") return 0;
  if (value.size() == 6 && (value[0] == '+' || value[0] == '-') && value[3] == ':') {
    const auto digits = value.substr(1, 2) + value.substr(4, 2);
    if (std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; })) {
      const Time hours = (digits[0] - '0') * 10 + digits[1] - '0';
      const Time rest = (digits[2] - '0') * 10 + digits[3] - '0';
      if (hours <= 14 && rest < 60) return (value[0] == '-' ? -1 : 1) * (hours * 3600 + rest * 60);
    }
  }
  fail(node,
       "hours.offset must be from UTC, such as \"+01:00\", or \"Z\": names of zones are not known here");
  return 0;
}

void PolicyReader::read_open(const toml::node& node) {
  const auto* entries = table(node, "hours.open");
  if (entries == nullptr) return;
  OpenHours open;
  for (const auto& [key, value] : *entries) {
    if (key == "days") {
      for (const std::string& day : texts(value, "hours.open.days")) {
        const auto* const found = std::ranges::find(kDays, day);
        if (found == kDays.end()) return fail(value, quoted(day) + " is no day: use monday to sunday");
        open.days |= 1U << static_cast<unsigned>(found - kDays.begin());
      }
    } else if (key == "from") {
      open.from = minutes(value, "hours.open.from");
    } else if (key == "until") {
      open.until = minutes(value, "hours.open.until");
    } else {
      fail(value, "key " + quoted(key.str()) + " is unknown in hours.open");
    }
  }
  if (open.days == 0) fail(node, "hours.open names no days");
  if (open.until <= open.from) {
    fail(node,
         "hours.open ends before it begins: write a night as two, one until \"24:00\", one from \"00:00\"");
  }
  file_.rules.hours.push_back(open);
}

void PolicyReader::read_profiles(const toml::node& node) {
  const auto* entries = table(node, "profiles");
  if (entries == nullptr) return;
  if (entries->empty()) fail(node, "profiles is empty: leave it out, or add [profiles.NAME]");
  for (const auto& [name, value] : *entries) {
    Profile profile = read_profile(name.str(), value);
    if (!error_) check_profile(profile, value);
    file_.rules.profiles.push_back(std::move(profile));
  }
}

Profile PolicyReader::read_profile(std::string_view name, const toml::node& node) {
  Profile profile;
  profile.name = name;
  const std::string what = "profiles." + profile.name;
  const auto* entries = table(node, what);
  if (entries == nullptr) return profile;
  for (const auto& [key, value] : *entries) {
    if (key == "default" && value.is_boolean()) {
      profile.everybody = value.as_boolean()->get();
    } else if (key == "people") {
      profile.people = texts(value, what + ".people");
    } else if (key == "projects") {
      profile.projects = texts(value, what + ".projects");
    } else if (key == "always") {
      profile.always = columns(value, what + ".always");
    } else if (key == "together" && value.is_array()) {
      read_together(profile, value);
    } else {
      fail(value, "key " + quoted(key.str()) + " is unknown or not of its kind in " + what);
    }
  }
  return profile;
}

void PolicyReader::read_together(Profile& profile, const toml::node& node) {
  const std::string what = "profiles." + profile.name + ".together";
  for (const auto& item : *node.as_array()) profile.together.push_back(columns(item, what));
}

void PolicyReader::check_profile(const Profile& profile, const toml::node& node) {
  const std::string what = "profiles." + profile.name;
  if (profile.always.empty() && profile.together.empty()) {
    return fail(node, what + " names no column: nothing could leave under it");
  }
  if (!profile.everybody && profile.people.empty() && profile.projects.empty()) {
    return fail(node, what + " is nobody's: name people or projects, or say default = true");
  }
  for (const Profile& other : file_.rules.profiles) {
    const std::string both = " is in " + what + " and in profiles." + other.name + ": leave it in one";
    if (other.everybody && profile.everybody) fail(node, "the default" + both);
    for (const std::string& one : profile.people) {
      if (holds(other.people, one)) fail(node, one + both);
    }
    for (const std::string& one : profile.projects) {
      if (holds(other.projects, one)) fail(node, one + both);
    }
  }
}

PolicyFile PolicyReader::read(const toml::table& document) {
  const auto* format = document.get("format");
  if (format == nullptr || !format->is_integer() || format->as_integer()->get() != 1)
    fail(document, "it must begin with format = 1");
  for (const auto& [key, value] : document) read_setting(key.str(), value);
  return std::move(file_);
}

}  // namespace

std::string_view key_kind_text(KeyKind kind) {
  constexpr std::array<std::string_view, 3> texts{"any", "card", "clear-sign"};
  return texts.at(static_cast<std::size_t>(kind));
}

Result<PolicyFile> read_policy_file(std::string_view text) {
  if (text.size() > longest_policy_file) {
    return Error{ErrorKind::invalid, "reading the policy: it has " + std::to_string(text.size()) +
                                         " bytes and may have " + std::to_string(longest_policy_file)};
  }
  try {
    PolicyReader reader;
    PolicyFile file = reader.read(parse_toml(text));
    if (reader.error()) return *reader.error();
    return file;
  } catch (const toml::parse_error& error) {
    return Error{ErrorKind::invalid, "reading the policy, line " + std::to_string(error.source().begin.line) +
                                         ": not TOML: " + one_line(std::string(error.description()))};
  }
}

}  // namespace sceau::registry
