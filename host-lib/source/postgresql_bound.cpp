// Statements with parameters: COPY takes none, so that their rows come one by one from a SELECT with bound
// values, and are written as COPY's lines are, to be read by the same reader.
#include "postgresql.h"

namespace sceau::source {
namespace {

// A server that would write the values into its own log gets none.
constexpr const char* keeps_values_to_itself =
    "SELECT (current_setting('log_parameter_max_length') = '0' OR (current_setting('log_statement') <> 'all' "
    "AND current_setting('log_min_duration_statement') = '-1' AND "
    "current_setting('log_min_duration_sample') = '-1' AND current_setting('log_transaction_sample_rate') = "
    "'0')) AND current_setting('log_parameter_max_length_on_error') = '0' AND "
    "coalesce(current_setting('pgaudit.log_parameter', true), 'off') = 'off' AND "
    "coalesce(current_setting('auto_explain.log_min_duration', true), '-1') = '-1'";

void append_field(std::string& line, std::string_view field) {
  for (const char c : field) {
    switch (c) {
      case '\\':
        line += "\\\\";
        break;
      case '\t':
        line += "\\t";
        break;
      case '\n':
        line += "\\n";
        break;
      case '\r':
        line += "\\r";
        break;
      default:
        line += c;
    }
  }
}

std::string line_of(const PGresult* row) {
  std::string line;
  for (int i = 0; i < PQnfields(row); ++i) {
    if (i > 0) line += '\t';
    if (PQgetisnull(row, 0, i) != 0) {
      line += "\\N";
    } else {
      append_field(line, {PQgetvalue(row, 0, i), static_cast<std::size_t>(PQgetlength(row, 0, i))});
    }
  }
  return line;
}

}  // namespace

Status PostgresqlSession::may_bind(const Deadline& deadline) {
  auto answer = ask(keeps_values_to_itself, {}, deadline);
  if (!answer) return answer.error();
  if (std::string_view(PQgetvalue(answer->get(), 0, 0)) == "t") return {};
  return Error{ErrorKind::refused,
               "running the SQL: the database's log would keep the parameters' values: its superuser runs "
               "ALTER ROLE … SET log_parameter_max_length = 0 for the gate's role, and leaves "
               "log_parameter_max_length_on_error at 0"};
}

Status PostgresqlSession::begin_bound(const std::string& sql, const std::vector<std::string>& values,
                                      const Deadline& deadline) {
  if (auto limited = limit_time(deadline); !limited) return limited;
  std::vector<const char*> texts;
  texts.reserve(values.size());
  for (const std::string& value : values) texts.push_back(value.c_str());
  if (PQsendQueryParams(connection_.get(), sql.c_str(), static_cast<int>(texts.size()), nullptr, texts.data(),
                        nullptr, nullptr, 0) != 1 ||
      PQsetSingleRowMode(connection_.get()) != 1)
    return failure(nullptr, deadline);
  bound_ = true;
  return {};
}

Result<std::optional<std::string_view>> PostgresqlSession::bound_line(const Deadline& deadline) {
  if (deadline.stop.stop_requested()) {
    cancel();
    return failure(nullptr, deadline);
  }
  while (PQisBusy(connection_.get()) != 0) {
    if (auto come = wait(deadline); !come) return come.error();
  }
  Answer answer(PQgetResult(connection_.get()));
  if (PQresultStatus(answer.get()) == PGRES_SINGLE_TUPLE) {
    line_ = line_of(answer.get());
    return std::optional(std::string_view(line_));
  }
  bound_ = false;
  std::optional<Error> failed;
  for (; answer; answer.reset(PQgetResult(connection_.get()))) {
    if (PQresultStatus(answer.get()) != PGRES_TUPLES_OK && !failed) failed = failure(answer.get(), deadline);
  }
  if (failed) return *failed;
  return std::optional<std::string_view>();
}

}  // namespace sceau::source
