#include "log_time.h"

#include <array>
#include <charconv>
#include <utility>

namespace sceau::reconcile {
namespace {

constexpr std::size_t second_length = 19;   // "2026-11-22 19:00:09"
constexpr Time furthest = 26 * Time{3600};  // no zone is further from UTC

struct Written {
  Time local = 0;
  int milliseconds = 0;
  std::string_view zone;
};

std::optional<Written> written(std::string_view text) {
  if (text.size() < second_length + 2 || text[10] != ' ') return std::nullopt;
  std::string second(text.substr(0, second_length));
  second[10] = 'T';
  const auto local = from_rfc3339(second + "Z");
  if (!local) return std::nullopt;
  Written found{*local, 0, {}};
  text.remove_prefix(second_length);
  if (text.starts_with('.')) {
    if (text.size() < 5) return std::nullopt;
    const auto read = std::from_chars(text.data() + 1, text.data() + 4, found.milliseconds);
    if (read.ec != std::errc() || read.ptr != text.data() + 4) return std::nullopt;
    text.remove_prefix(4);
  }
  if (!text.starts_with(' ') || text.size() < 2) return std::nullopt;
  found.zone = text.substr(1);
  return found;
}

// Zones that no session of the file need have begun in: Europe's, whose names say one distance each.
std::optional<Time> known_zone(std::string_view zone) {
  constexpr std::array<std::pair<std::string_view, Time>, 8> europe{{{"UTC", 0},
                                                                     {"GMT", 0},
                                                                     {"WET", 0},
                                                                     {"WEST", 3600},
                                                                     {"CET", 3600},
                                                                     {"CEST", 7200},
                                                                     {"EET", 7200},
                                                                     {"EEST", 10800}}};
  for (const auto& [name, east] : europe) {
    if (name == zone) return east;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Time> LogTimes::began(std::string_view session) {
  const auto point = session.find('.');
  if (point == std::string_view::npos || point == 0 || point + 1 == session.size()) return std::nullopt;
  std::uint64_t seconds = 0;
  std::uint64_t process = 0;
  const char* const end = session.data() + session.size();
  const auto first = std::from_chars(session.data(), session.data() + point, seconds, 16);
  const auto second = std::from_chars(session.data() + point + 1, end, process, 16);
  if (first.ec != std::errc() || first.ptr != session.data() + point || second.ec != std::errc() ||
      second.ptr != end || seconds > (std::uint64_t{1} << 40U))
    return std::nullopt;
  return static_cast<Time>(seconds);
}

bool LogTimes::learn(std::string_view began_text, std::string_view session) {
  const auto text = written(began_text);
  const auto utc = began(session);
  if (!text || !utc) return false;
  const Time east = text->local - *utc;
  if (east > furthest || east < -furthest) return false;
  zones_.insert_or_assign(std::string(text->zone), east);
  return true;
}

std::optional<std::int64_t> LogTimes::read(std::string_view text) const {
  const auto found = written(text);
  if (!found) return std::nullopt;
  const auto zone = zones_.find(found->zone);
  const auto east = zone != zones_.end() ? std::optional(zone->second) : known_zone(found->zone);
  if (!east) return std::nullopt;
  return (found->local - *east) * 1000 + found->milliseconds;
}

}  // namespace sceau::reconcile
