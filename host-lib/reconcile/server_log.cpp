#include "sceau/reconcile/server_log.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>

#include "log_time.h"
#include "sceau/base/files.h"

namespace sceau::reconcile {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t largest_file = std::size_t{4} << 30U;

// The columns of csvlog, in their order.
enum Column : std::size_t {
  log_time,
  user_name,
  database_name,
  process_id,
  connection_from,
  session_id,
  session_line_num,
  command_tag,
  session_start_time,
  virtual_transaction_id,
  transaction_id,
  error_severity,
  sql_state_code,
  message,
  detail,
  hint,
  internal_query,
  internal_query_pos,
  context,
  query,
  query_pos,
  location,
  application_name,
  backend_type,
  leader_pid,
  query_id,
  columns
};
using Record = std::array<std::string, columns>;

// The keys of jsonlog, and the columns that they are; `columns` for those that have none.
constexpr std::array<std::pair<std::string_view, Column>, 29> keys{{{"timestamp", log_time},
                                                                    {"user", user_name},
                                                                    {"dbname", database_name},
                                                                    {"pid", process_id},
                                                                    {"remote_host", connection_from},
                                                                    {"remote_port", columns},
                                                                    {"session_id", session_id},
                                                                    {"line_num", session_line_num},
                                                                    {"ps", command_tag},
                                                                    {"session_start", session_start_time},
                                                                    {"vxid", virtual_transaction_id},
                                                                    {"txid", transaction_id},
                                                                    {"error_severity", error_severity},
                                                                    {"state_code", sql_state_code},
                                                                    {"message", message},
                                                                    {"detail", detail},
                                                                    {"hint", hint},
                                                                    {"internal_query", internal_query},
                                                                    {"internal_position", internal_query_pos},
                                                                    {"context", context},
                                                                    {"statement", query},
                                                                    {"cursor_position", query_pos},
                                                                    {"func_name", location},
                                                                    {"file_name", columns},
                                                                    {"file_line_num", columns},
                                                                    {"application_name", application_name},
                                                                    {"backend_type", backend_type},
                                                                    {"leader_pid", leader_pid},
                                                                    {"query_id", query_id}}};

template <typename Number>
std::optional<Number> number_of(std::string_view text) {
  Number number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

// The record as a line; empty: it is one. Otherwise why it is none.
std::string line_of(const Record& record, LogTimes& times, LogLine& line) {
  if (!times.learn(record[session_start_time], record[session_id]))
    return "its session's id and beginning do not fit together";
  const auto at = times.read(record[log_time]);
  if (!at) return "its time cannot be read";
  const auto number = number_of<std::uint64_t>(record[session_line_num]);
  const auto process = number_of<std::int64_t>(record[process_id]);
  if (!number || *number == 0 || !process) return "its line's number or process is no number";
  if (record[error_severity].empty()) return "it has no severity";
  line = {*at,
          *LogTimes::began(record[session_id]),
          record[user_name],
          record[database_name],
          record[connection_from],
          record[session_id],
          *process,
          *number,
          record[error_severity],
          record[sql_state_code],
          record[message],
          record[detail],
          record[query],
          record[application_name],
          record[backend_type]};
  return {};
}

// ---- csvlog
// -------------------------------------------------------------------------------------------------

// "2026-11-22 19:00:09.559 UTC,": where reading goes on after what cannot be read.
bool begins_like_a_record(std::string_view text) {
  constexpr std::string_view form = "dddd-dd-dd dd:dd:dd.ddd ";
  if (text.size() < form.size()) return false;
  for (std::size_t i = 0; i < form.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (form[i] == 'd' ? !digit : text[i] != form[i]) return false;
  }
  return true;
}

class Csv {
 public:
  Csv(std::string_view text, const LogReader& reader) : text_(text), reader_(reader) {}

  void run() {
    while (at_ < text_.size()) {
      const std::size_t start = at_;
      const std::uint64_t line = line_;
      Record record;
      std::string why = read(record);
      LogLine found;
      if (why.empty()) why = line_of(record, times_, found);
      if (why.empty()) {
        reader_.line(found);
        continue;
      }
      const bool at_end = ended_early_;
      go_on(start, line);
      // What cannot be read up to the end, and has nothing readable after it, is perhaps still being written.
      reader_.unreadable({line, why, at_end && at_ >= text_.size()});
    }
  }

 private:
  // One record, up to and with its line feed. Why it is none; empty: it is one.
  std::string read(Record& record) {
    ended_early_ = false;
    for (std::size_t column = 0;; ++column) {
      std::string field;
      if (auto why = read_field(field); !why.empty()) return why;
      if (column < columns) record[column] = std::move(field);
      if (at_ >= text_.size()) return ended("it ends without a line feed");
      const char after = text_[at_++];
      if (after == '\n') {
        ++line_;
        if (column + 1 == columns) return {};
        return "it has " + std::to_string(column + 1) + " columns, and csvlog has " + std::to_string(columns);
      }
      if (after != ',') return "a column goes on after its closing quote";
    }
  }

  std::string read_field(std::string& field) {
    if (at_ >= text_.size()) return ended("it ends within a record");
    if (text_[at_] != '"') {
      const std::size_t end = text_.find_first_of(",\n\"", at_);
      if (end == std::string_view::npos) return ended("it ends within a record");
      if (text_[end] == '"') return "a quote stands within a column";
      field = text_.substr(at_, end - at_);
      at_ = end;
      return {};
    }
    for (++at_;;) {
      const std::size_t end = text_.find('"', at_);
      if (end == std::string_view::npos) return ended("it ends within quotes");
      field += text_.substr(at_, end - at_);
      line_ += static_cast<std::uint64_t>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(at_),
                                                     text_.begin() + static_cast<std::ptrdiff_t>(end), '\n'));
      at_ = end + 1;
      if (at_ >= text_.size() || text_[at_] != '"') return {};
      field += '"';
      ++at_;
    }
  }

  std::string ended(const char* why) {
    ended_early_ = true;
    return why;
  }

  // To the next line that begins like a record.
  void go_on(std::size_t start, std::uint64_t line) {
    at_ = start;
    line_ = line;
    while ((at_ = text_.find('\n', at_)) != std::string_view::npos) {
      ++at_;
      ++line_;
      if (begins_like_a_record(text_.substr(at_))) return;
    }
    at_ = text_.size();
  }

  std::string_view text_;
  const LogReader& reader_;
  LogTimes times_;
  std::size_t at_ = 0;
  std::uint64_t line_ = 1;
  bool ended_early_ = false;
};

// ---- jsonlog
// ------------------------------------------------------------------------------------------------

std::string json_record(std::string_view text, Record& record) {
  const auto object = nlohmann::json::parse(text, nullptr, false);
  if (!object.is_object()) return "it is no JSON object in UTF-8";
  for (const auto& [key, value] : object.items()) {
    const auto known =
        std::find_if(keys.begin(), keys.end(), [&name = key](const auto& one) { return one.first == name; });
    if (known == keys.end()) return "it has the key \"" + key + "\", which jsonlog does not have";
    std::string field;
    if (value.is_string()) {
      field = value.get<std::string>();
    } else if (value.is_number_integer()) {
      field = value.dump();
    } else {
      return "its \"" + key + "\" is neither text nor a whole number";
    }
    if (known->second == columns) continue;
    record[known->second] = std::move(field);
  }
  if (object.contains("remote_port") && object["remote_port"].is_number_integer())
    record[connection_from] += ":" + object["remote_port"].dump();
  return {};
}

void read_json(std::string_view text, const LogReader& reader) {
  LogTimes times;
  std::uint64_t number = 0;
  while (!text.empty()) {
    ++number;
    const std::size_t end = text.find('\n');
    const std::string_view one = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    Record record;
    LogLine line;
    std::string why =
        end == std::string_view::npos ? "it ends without a line feed" : json_record(one, record);
    if (why.empty()) why = line_of(record, times, line);
    if (why.empty()) {
      reader.line(line);
    } else {
      reader.unreadable({number, why, end == std::string_view::npos});
    }
  }
}

// ---- files
// --------------------------------------------------------------------------------------------------

// The time of a file's first line that can be read; the earliest there is when there is none.
Result<std::int64_t> first_time(const fs::path& file) {
  auto format = format_of(file);
  if (!format) return format.error();
  auto bytes = read_file(file, largest_file);
  if (!bytes) return bytes.error();
  // Enough for a first record of usual size; else the whole file.
  constexpr std::size_t usual = 1U << 16U;
  std::optional<std::int64_t> first;
  const LogReader reader{[&](const LogLine& line) {
                           if (!first) first = line.at;
                         },
                         [](const Unreadable&) {}};
  read_log(*format, as_text(*bytes).substr(0, usual), reader);
  if (!first) read_log(*format, as_text(*bytes), reader);
  return first.value_or(INT64_MIN);
}

Result<std::vector<fs::path>> files_in(const fs::path& folder) {
  std::vector<fs::path> csv;
  std::vector<fs::path> json;
  std::error_code failed;
  for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end; entry.increment(failed)) {
    const auto format = format_of(entry->path());
    if (!format) continue;
    (*format == LogFormat::csv ? csv : json).push_back(entry->path());
  }
  if (failed)
    return Error{ErrorKind::unavailable,
                 "reading the log: the folder " + folder.string() + " cannot be listed: " + failed.message()};
  if (csv.empty() && json.empty())
    return Error{ErrorKind::not_found,
                 "reading the log: no file in " + folder.string() +
                     " ends in .csv or .json: have PostgreSQL write log_destination = 'csvlog' or 'jsonlog'"};
  return csv.empty() ? json : csv;
}

}  // namespace

Result<LogFormat> format_of(const fs::path& file) {
  if (file.extension() == ".csv") return LogFormat::csv;
  if (file.extension() == ".json") return LogFormat::json;
  return Error{ErrorKind::invalid,
               "reading the log: " + file.string() +
                   " ends neither in .csv nor in .json: name csvlog's or jsonlog's files"};
}

void read_log(LogFormat format, std::string_view text, const LogReader& reader) {
  if (format == LogFormat::csv) return Csv(text, reader).run();
  read_json(text, reader);
}

Result<std::vector<fs::path>> log_files(const std::vector<std::string>& places) {
  std::vector<std::pair<std::int64_t, fs::path>> found;
  for (const std::string& place : places) {
    std::vector<fs::path> files{place};
    if (fs::is_directory(place)) {
      auto inside = files_in(place);
      if (!inside) return inside.error();
      files = std::move(*inside);
    }
    for (fs::path& file : files) {
      auto first = first_time(file);
      if (!first) return first.error();
      found.emplace_back(*first, std::move(file));
    }
  }
  std::sort(found.begin(), found.end());
  std::vector<fs::path> files;
  files.reserve(found.size());
  for (auto& [first, file] : found) {
    // The same file named twice says nothing twice.
    if (files.empty() || !fs::equivalent(files.back(), file)) files.push_back(std::move(file));
  }
  return files;
}

}  // namespace sceau::reconcile
