// The policy's file, as somebody writes it: what is refused names its line, in one line; what is taken keeps
// to the bounds and contradicts nothing, and says the same when it is written out and read again.
#include <string>

#include "fuzz.h"
#include "sceau/registry/policy_file.h"
#include "targets.h"

namespace sceau::fuzz {
namespace {

using registry::PolicyFile;

std::string quoted(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F || c == '"' || c == '\\') {
      out += "\\u00";
      out += digits[byte >> 4U];
      out += digits[byte & 15U];
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string listed(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) out += quoted(text) + ", ";
  return out + "]";
}

std::string two(int number) { return (number < 10 ? "0" : "") + std::to_string(number); }

std::string minutes(int time) { return "\"" + two(time / 60) + ":" + two(time % 60) + "\""; }

std::string value_text(const statement::Value& value) {
  if (value.is_int()) return std::to_string(value.as_int());
  if (value.is_text()) return quoted(value.as_text());
  std::string out = "[";
  for (const auto& item : value.as_array()) out += value_text(item) + ", ";
  return out + "]";
}

void write_rules(const registry::Rules& rules, std::string& out) {
  for (const auto& [kind, rule] : rules.approvals) {
    out += "[approvals." + kind + "]\nneeded = " + std::to_string(rule.needed) +
           "\nfrom_another_organisation = " + std::to_string(rule.from_another) + "\n";
    if (!rule.by.empty()) out += "by = " + listed(rule.by) + "\n";
  }
  out += "[keys]\n";
  for (const auto& [kind, key] : rules.keys) out += kind + " = " + quoted(key_kind_text(key)) + "\n";
  if (!rules.hours.empty()) {
    const auto offset = static_cast<int>(rules.offset < 0 ? -rules.offset : rules.offset) / 60;
    out += std::string("[hours]\noffset = \"") + (rules.offset < 0 ? "-" : "+") + two(offset / 60) + ":" +
           two(offset % 60) + "\"\n";
  }
  constexpr std::array<const char*, 7> days{"monday", "tuesday",  "wednesday", "thursday",
                                            "friday", "saturday", "sunday"};
  for (const auto& open : rules.hours) {
    std::vector<std::string> named;
    for (std::size_t day = 0; day < days.size(); ++day) {
      if ((open.days >> day & 1U) != 0) named.emplace_back(days[day]);
    }
    out += "[[hours.open]]\ndays = " + listed(named) + "\nfrom = " + minutes(open.from) +
           "\nuntil = " + minutes(open.until) + "\n";
  }
  for (const auto& profile : rules.profiles) {
    out += "[profiles." + quoted(profile.name) + "]\ndefault = " + (profile.everybody ? "true\n" : "false\n");
    if (!profile.people.empty()) out += "people = " + listed(profile.people) + "\n";
    if (!profile.projects.empty()) out += "projects = " + listed(profile.projects) + "\n";
    if (!profile.always.empty()) out += "always = " + listed(profile.always) + "\n";
    out += "together = [";
    for (const auto& together : profile.together) out += listed(together) + ", ";
    out += "]\n";
  }
}

std::string written(const PolicyFile& file) {
  std::string out = "format = 1\nhold_few_people = ";
  out += file.rules.hold_few_people ? "true\n" : "false\n";
  for (const auto& [name, value] : file.settings) {
    if (!value.is_object() && name != "approvals") out += name + " = " + value_text(value) + "\n";
  }
  for (const auto& [name, value] : file.settings) {
    if (!value.is_object()) continue;
    out += "[" + name + "]\n";
    for (const auto& [key, number] : value.as_object()) out += key + " = " + value_text(number) + "\n";
  }
  write_rules(file.rules, out);
  return out;
}

void require_sound(const PolicyFile& file) {
  for (const auto& [kind, rule] : file.rules.approvals) {
    require(rule.needed >= 0 && rule.needed <= 16 && rule.from_another <= rule.needed,
            "approvals that nobody can give");
    require(rule.by.empty() || rule.by.size() >= static_cast<std::size_t>(rule.needed),
            "too few who may approve");
    require(kind != "individual" || rule.needed >= 1, "single people's rows without an approval");
    require(rule.line > 0, "a rule without its line");
  }
  for (const auto& open : file.rules.hours)
    require(
        open.days != 0 && open.days < 128 && open.from >= 0 && open.from < open.until && open.until <= 1440,
        "hours that never are");
  for (const auto& profile : file.rules.profiles)
    require(profile.everybody || !profile.people.empty() || !profile.projects.empty(),
            "a profile that is nobody's");
}

}  // namespace

void policy(ByteView input) {
  const std::string text = to_text(input);
  const auto file = registry::read_policy_file(text);
  if (!file) {
    const std::string& message = file.error().message;
    require(file.error().kind == ErrorKind::invalid,
            "a policy that is refused for another reason: " + message);
    require(message.find_first_of("\n\r\x1b") == std::string::npos, "a refusal in several lines: " + message);
    require(text.size() > registry::longest_policy_file || message.find("line ") != std::string::npos,
            "a refusal without its line: " + message);
    return;
  }
  require_sound(*file);
  const std::string again = written(*file);
  if (again.size() > registry::longest_policy_file) return;
  const auto second = registry::read_policy_file(again);
  require(second.ok(), "what was read is refused when it is written out: " +
                           (second ? std::string() : second.error().message) + "\n" + again);
  require(second->settings == file->settings && written(*second) == again,
          "a policy that says another thing: " + again);
}

}  // namespace sceau::fuzz
