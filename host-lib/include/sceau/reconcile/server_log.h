// PostgreSQL's own log as its server writes it: csvlog (sections 20.8.4 and 19.8.4 of the manuals of versions
// 14 to 17: 26 columns) and jsonlog (20.8.5 and 19.8.5, since version 15).
//
// Read strictly: a record with another number of columns, a key that the manual does not have, a number that
// is none is reported and never guessed at; reading goes on at the next line that begins like a record. Lines
// come in the order of the file. A file is held in memory while it is read, and nothing of it afterwards.
//
// Times are written in the server's log_timezone, by an abbreviation that does not say how far it is from
// UTC. Each line's session id begins with the second in which its session began, counted since 1970, so that
// the same second in the line's own words tells the abbreviation's distance.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sceau/base/clock.h"
#include "sceau/base/result.h"

namespace sceau::reconcile {

struct LogLine {
  std::int64_t at = 0;  // milliseconds since 1970, UTC
  Time began = 0;       // its session
  std::string user, database, host, session;
  std::int64_t process = 0;
  std::uint64_t number = 0;  // of the session's lines, from 1
  std::string severity, state, message, detail, query, application, backend;
};

enum class LogFormat : std::uint8_t { csv, json };
// By a file's name: ".csv" or ".json". Fails with invalid.
Result<LogFormat> format_of(const std::filesystem::path& file);

// What cannot be read of a file, and why.
struct Unreadable {
  std::uint64_t line = 0;  // of the file, from 1
  std::string why;
  bool at_end = false;  // the file ends within it: its server may be writing still
};

struct LogReader {
  std::function<void(const LogLine&)> line;
  std::function<void(const Unreadable&)> unreadable;
};
void read_log(LogFormat format, std::string_view text, const LogReader& reader);

// Files that are named, and those of folders that are, oldest first: by their first line's time. A folder
// that has both formats says everything twice: its csvlog is taken. Fails with not_found, invalid,
// unavailable.
Result<std::vector<std::filesystem::path>> log_files(const std::vector<std::string>& places);

}  // namespace sceau::reconcile
