#include <array>

#include "policy_tables.h"

namespace sceau::registry {
namespace {

constexpr std::array<std::string_view, 7> kDays{"monday", "tuesday",  "wednesday", "thursday",
                                                "friday", "saturday", "sunday"};

class HoursReader {
 public:
  HoursReader(PolicyValues& values, Rules& rules) : values_(values), rules_(rules) {}
  void read(const toml::node& node);

 private:
  Time read_offset(const toml::node& node);
  void read_open(const toml::node& node);
  int minutes(const toml::node& node, std::string_view what);

  PolicyValues& values_;
  Rules& rules_;
};

void HoursReader::read(const toml::node& node) {
  const auto* entries = values_.table(node, "hours");
  if (entries == nullptr) return;
  for (const auto& [key, value] : *entries) {
    if (key == "offset") {
      rules_.offset = read_offset(value);
    } else if (key == "open" && value.is_array()) {
      for (const auto& item : *value.as_array()) read_open(item);
    } else {
      values_.fail(value, "key " + quoted(key.str()) + " is unknown or not of its kind in hours");
    }
  }
  if (rules_.hours.empty()) values_.fail(node, "hours has nothing in open: nothing could ever be asked");
}

Time HoursReader::read_offset(const toml::node& node) {
  const std::string value = values_.text(node, "hours.offset");
  if (value == "Z") return 0;
  if (value.size() == 6 && (value[0] == '+' || value[0] == '-') && value[3] == ':') {
    const auto digits = value.substr(1, 2) + value.substr(4, 2);
    if (std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; })) {
      const Time hours = (digits[0] - '0') * 10 + digits[1] - '0';
      const Time rest = (digits[2] - '0') * 10 + digits[3] - '0';
      if (hours <= 14 && rest < 60) return (value[0] == '-' ? -1 : 1) * (hours * 3600 + rest * 60);
    }
  }
  values_.fail(
      node, "hours.offset must be from UTC, such as \"+01:00\", or \"Z\": names of zones are not known here");
  return 0;
}

void HoursReader::read_open(const toml::node& node) {
  const auto* entries = values_.table(node, "hours.open");
  if (entries == nullptr) return;
  OpenHours open;
  for (const auto& [key, value] : *entries) {
    if (key == "days") {
      for (const std::string& day : values_.texts(value, "hours.open.days")) {
        const auto* const found = std::ranges::find(kDays, day);
        if (found == kDays.end())
          return values_.fail(value, quoted(day) + " is no day: use monday to sunday");
        open.days |= 1U << static_cast<unsigned>(found - kDays.begin());
      }
    } else if (key == "from") {
      open.from = minutes(value, "hours.open.from");
    } else if (key == "until") {
      open.until = minutes(value, "hours.open.until");
    } else {
      values_.fail(value, "key " + quoted(key.str()) + " is unknown in hours.open");
    }
  }
  if (open.days == 0) values_.fail(node, "hours.open names no days");
  if (open.until <= open.from) {
    values_.fail(
        node,
        "hours.open ends before it begins: write a night as two, one until \"24:00\", one from \"00:00\"");
  }
  rules_.hours.push_back(open);
}

int HoursReader::minutes(const toml::node& node, std::string_view what) {
  const std::string value = values_.text(node, what);
  const auto digit = [&](std::size_t at) { return value[at] >= '0' && value[at] <= '9'; };
  if (value.size() == 5 && value[2] == ':' && digit(0) && digit(1) && digit(3) && digit(4)) {
    const int hour = (value[0] - '0') * 10 + (value[1] - '0'),
              minute = (value[3] - '0') * 10 + value[4] - '0';
    if (minute < 60 && hour * 60 + minute <= 24 * 60) return hour * 60 + minute;
  }
  values_.fail(node, std::string(what) + " must be a time of day, \"00:00\" to \"24:00\"");
  return 0;
}

}  // namespace

void read_hours(PolicyValues& values, const toml::node& node, Rules& rules) {
  HoursReader(values, rules).read(node);
}

}  // namespace sceau::registry
