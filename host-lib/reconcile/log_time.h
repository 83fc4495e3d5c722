// Times as PostgreSQL's log writes them: "2026-11-22 19:00:09.559 CET".
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "sceau/base/clock.h"

namespace sceau::reconcile {

class LogTimes {
 public:
  // A session's beginning, and the id that says the same second in UTC. Whether both can be read.
  bool learn(std::string_view began, std::string_view session);
  // Milliseconds since 1970; nothing where the text is no time, or its zone was never learnt.
  [[nodiscard]] std::optional<std::int64_t> read(std::string_view text) const;
  // The session's beginning, of a session id.
  static std::optional<Time> began(std::string_view session);

 private:
  std::map<std::string, Time, std::less<>> zones_;  // seconds east of UTC
};

}  // namespace sceau::reconcile
