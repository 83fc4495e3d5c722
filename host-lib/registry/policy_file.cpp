#include "sceau/registry/policy_file.h"

#include <array>

#include "policy_tables.h"
#include "shown_file.h"

namespace sceau::registry {
namespace {

constexpr std::array<std::string_view, 3> kKinds{"work", "aggregate", "individual"};
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

class PolicyReader {
 public:
  PolicyFile read(const toml::table& document);
  [[nodiscard]] const std::optional<Error>& error() const { return values_.error(); }

 private:
  void read_setting(std::string_view key, const toml::node& node);
  void read_retention(const toml::node& node);
  void read_approvals(const toml::node& node);
  ApprovalRule read_approval(std::string_view kind, const toml::node& node);
  void read_keys(const toml::node& node);

  PolicyFile file_;
  PolicyValues values_;
};

void PolicyReader::read_setting(std::string_view key, const toml::node& node) {
  const std::string name(key);
  if (const auto* const known = std::ranges::find(kNumbers, key, &Number::name); known != kNumbers.end()) {
    file_.settings.emplace(name, values_.number(node, key, known->least, known->most));
  } else if (holds(kTexts, key)) {
    file_.settings.emplace(name, values_.text(node, key));
  } else if (key == "origins") {
    file_.settings.emplace(name, statement::texts(values_.texts(node, key)));
  } else if (key == "approvals" && node.is_table()) {
    read_approvals(node);
  } else if (key == "retention_days") {
    read_retention(node);
  } else if (key == "keys") {
    read_keys(node);
  } else if (key == "hours") {
    read_hours(values_, node, file_.rules);
  } else if (key == "hold_few_people" && node.is_boolean()) {
    file_.rules.hold_few_people = node.as_boolean()->get();
  } else if (key == "profiles") {
    read_profiles(values_, node, file_.rules);
  } else if (key == "approvals") {
    values_.fail(node, "approvals must be a table a kind, such as [approvals.individual] with needed = 1");
  } else if (key != "format") {
    values_.fail(node, "key " + quoted(key) + " is unknown");
  }
}

void PolicyReader::read_retention(const toml::node& node) {
  const auto* days = values_.table(node, "retention_days");
  if (days == nullptr) return;
  statement::Object kept;
  for (const auto& [key, value] : *days) {
    if (!holds(kRetained, key.str()))
      values_.fail(value, "key " + quoted(key.str()) + " is unknown in retention_days");
    kept.emplace(std::string(key.str()), values_.number(value, key.str(), 1, 36'525));
  }
  file_.settings.emplace("retention_days", std::move(kept));
}

void PolicyReader::read_approvals(const toml::node& node) {
  for (const auto& [kind, value] : *node.as_table()) {
    if (!holds(kKinds, kind.str())) {
      values_.fail(value,
                   "approvals of the kind " + quoted(kind.str()) + ": use work, aggregate or individual");
    }
    const ApprovalRule rule = read_approval(kind.str(), value);
    if (kind == "individual") file_.settings.emplace("approvals", rule.needed);
    file_.rules.approvals.emplace(std::string(kind.str()), rule);
  }
}

ApprovalRule PolicyReader::read_approval(std::string_view kind, const toml::node& node) {
  ApprovalRule rule;
  const std::string what = "approvals." + std::string(kind);
  const auto* entries = values_.table(node, what);
  if (entries == nullptr) return rule;
  rule.line = static_cast<int>(node.source().begin.line);
  for (const auto& [key, value] : *entries) {
    if (key == "needed") {
      rule.needed = values_.number(value, what + ".needed", kind == "individual" ? 1 : 0, 16);
      rule.line = static_cast<int>(value.source().begin.line);
    } else if (key == "from_another_organisation") {
      rule.from_another = values_.number(value, what + ".from_another_organisation", 0, 16);
    } else if (key == "by") {
      rule.by = values_.texts(value, what + ".by");
    } else {
      values_.fail(value, "key " + quoted(key.str()) + " is unknown in " + what);
    }
  }
  if (!entries->contains("needed")) values_.fail(node, what + " does not say how many are needed");
  if (!rule.by.empty() && rule.needed > static_cast<std::int64_t>(rule.by.size())) {
    values_.fail(node, what + " needs " + std::to_string(rule.needed) + " and names " +
                           std::to_string(rule.by.size()) + " people: nobody could ever get them");
  }
  if (rule.from_another > rule.needed) {
    values_.fail(node, what + " wants " + std::to_string(rule.from_another) +
                           " from another organisation of " + std::to_string(rule.needed) +
                           " in all: raise needed");
  }
  return rule;
}

void PolicyReader::read_keys(const toml::node& node) {
  const auto* entries = values_.table(node, "keys");
  if (entries == nullptr) return;
  for (const auto& [kind, value] : *entries) {
    const std::string word = values_.text(value, "keys." + std::string(kind.str()));
    if (!holds(kKinds, kind.str())) {
      values_.fail(value, "keys for the kind " + quoted(kind.str()) + ": use work, aggregate or individual");
    }
    KeyKind wanted = KeyKind::any;
    for (const KeyKind one : {KeyKind::card, KeyKind::clear_sign}) {
      if (key_kind_text(one) == word) wanted = one;
    }
    if (key_kind_text(wanted) != word) {
      values_.fail(value, "key " + quoted(word) + " is unknown: use clear-sign, card or any");
    }
    file_.rules.keys.emplace(std::string(kind.str()), wanted);
  }
}

PolicyFile PolicyReader::read(const toml::table& document) {
  const auto* format = document.get("format");
  if (format == nullptr || !format->is_integer() || format->as_integer()->get() != 1)
    values_.fail(document, "it must begin with format = 1");
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
  if (auto shown = check_shown(text, "reading the policy"); !shown) return shown.error();
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
