#include "policy_tables.h"

namespace sceau::registry {
namespace {

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

class ProfilesReader {
 public:
  ProfilesReader(PolicyValues& values, Rules& rules) : values_(values), rules_(rules) {}
  void read(const toml::node& node);

 private:
  Profile read_profile(std::string_view name, const toml::node& node);
  void read_together(Profile& profile, const toml::node& node);
  void check_profile(const Profile& profile, const toml::node& node);
  std::vector<std::string> columns(const toml::node& node, std::string_view what);

  PolicyValues& values_;
  Rules& rules_;
};

void ProfilesReader::read(const toml::node& node) {
  const auto* entries = values_.table(node, "profiles");
  if (entries == nullptr) return;
  if (entries->empty()) values_.fail(node, "profiles is empty: leave it out, or add [profiles.NAME]");
  for (const auto& [name, value] : *entries) {
    Profile profile = read_profile(name.str(), value);
    if (!values_.error()) check_profile(profile, value);
    rules_.profiles.push_back(std::move(profile));
  }
}

Profile ProfilesReader::read_profile(std::string_view name, const toml::node& node) {
  Profile profile;
  profile.name = name;
  const std::string what = "profiles." + profile.name;
  const auto* entries = values_.table(node, what);
  if (entries == nullptr) return profile;
  for (const auto& [key, value] : *entries) {
    if (key == "default" && value.is_boolean()) {
      profile.everybody = value.as_boolean()->get();
    } else if (key == "people") {
      profile.people = values_.texts(value, what + ".people");
    } else if (key == "projects") {
      profile.projects = values_.texts(value, what + ".projects");
    } else if (key == "always") {
      profile.always = columns(value, what + ".always");
    } else if (key == "together" && value.is_array()) {
      read_together(profile, value);
    } else {
      values_.fail(value, "key " + quoted(key.str()) + " is unknown or not of its kind in " + what);
    }
  }
  return profile;
}

void ProfilesReader::read_together(Profile& profile, const toml::node& node) {
  const std::string what = "profiles." + profile.name + ".together";
  for (const auto& item : *node.as_array()) profile.together.push_back(columns(item, what));
}

void ProfilesReader::check_profile(const Profile& profile, const toml::node& node) {
  const std::string what = "profiles." + profile.name;
  if (profile.always.empty() && profile.together.empty()) {
    return values_.fail(node, what + " names no column: nothing could leave under it");
  }
  if (!profile.everybody && profile.people.empty() && profile.projects.empty()) {
    return values_.fail(node, what + " is nobody's: name people or projects, or say default = true");
  }
  for (const Profile& other : rules_.profiles) {
    const std::string both = " is in " + what + " and in profiles." + other.name + ": leave it in one";
    if (other.everybody && profile.everybody) values_.fail(node, "the default" + both);
    for (const std::string& one : profile.people) {
      if (holds(other.people, one)) values_.fail(node, one + both);
    }
    for (const std::string& one : profile.projects) {
      if (holds(other.projects, one)) values_.fail(node, one + both);
    }
  }
}

std::vector<std::string> ProfilesReader::columns(const toml::node& node, std::string_view what) {
  auto list = values_.texts(node, what);
  for (const std::string& name : list) {
    if (!is_column(name))
      values_.fail(node, std::string(what) + ": " + quoted(name) + " is not TABLE.COLUMN");
  }
  return list;
}

}  // namespace

void read_profiles(PolicyValues& values, const toml::node& node, Rules& rules) {
  ProfilesReader(values, rules).read(node);
}

}  // namespace sceau::registry
