// The backend's half of PostgreSQL's protocol 3.0, written into a buffer.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sceau/base/result.h"
#include "values.h"
#include "wire.h"

namespace sceau::connect {

// What a client is told of a failure. `severity` ERROR ends a statement, FATAL the connection.
struct Problem {
  std::string sqlstate, message, hint;
};

// A failure as SQLSTATE (PostgreSQL 15, appendix A): refused 42501, invalid 42601, not_found 42P01,
// authentication 28000, unavailable 57P03, corrupt XX001, internal XX000.
Problem problem_of(const Error& error);

class Replies {
 public:
  void authentication_ok();
  void authentication_sasl(std::string_view mechanism);
  void authentication_sasl_continue(std::string_view data);
  void authentication_sasl_final(std::string_view data);
  void parameter(std::string_view name, std::string_view value);
  void key_data(std::int32_t process, std::int32_t key);
  void ready(char status);
  void row_description(const std::vector<Column>& columns, const std::vector<bool>& binary = {});
  void parameter_description(const std::vector<std::uint32_t>& types);
  // One row, begun, filled and ended.
  void begin_row(std::size_t fields);
  void field(const Value& value);
  void end_row();
  void complete(std::string_view tag);
  void failure(std::string_view severity, const Problem& problem);
  void notice(std::string_view severity, std::string_view message, std::string_view hint = {});
  void copy_out(std::size_t columns);
  void copy_in(std::size_t columns);
  void copy_data(std::string_view line);
  // Those that are a type alone: 1 2 3 I n s c.
  void bare(char type);

  [[nodiscard]] std::size_t size() const { return out_.size(); }
  std::string take() { return std::exchange(out_, {}); }

 private:
  void begin(char type);
  void end();
  void int16(std::size_t value);
  void copy_begins(char type, std::size_t columns);
  void int32(std::uint32_t value);
  void text(std::string_view value);
  void told(char type, std::string_view severity, std::string_view sqlstate, std::string_view message,
            std::string_view hint);
  std::string out_;
  std::size_t begun_ = 0;
};

}  // namespace sceau::connect
