// What this program says: results on standard output, all else on standard error.
//
// With --json each result is one line of canonical JSON, and nothing else goes to standard output. Colours
// and progress only where a terminal shows them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sceau/base/result.h"
#include "sceau/statement/value.h"

namespace sceau::tool {

class Output {
 public:
  Output();

  void use_json(bool json) { json_ = json; }
  [[nodiscard]] bool json() const { return json_; }
  // Whether people sit in front of standard error.
  [[nodiscard]] bool progress() const { return error_terminal_; }

  // A result, in both forms: `text` may have several lines, or be empty.
  void result(const statement::Value& value, const std::string& text) const;
  // For people, on standard output; nothing with --json.
  void line(const std::string& text) const;
  // For people, on standard error, whatever was asked for.
  void note(const std::string& text) const;
  void warning(const std::string& text) const;
  // With the commands that make the acts which it says are missing.
  void error(const Error& error) const;

  // A step that takes a while: shown on a terminal until the next one, or done().
  void step(const std::string& what) const;
  void done() const;

  [[nodiscard]] std::string good(const std::string& text) const;
  [[nodiscard]] std::string bad(const std::string& text) const;

 private:
  bool json_ = false;
  bool terminal_ = false;
  bool error_terminal_ = false;
  bool colour_ = false;
};

// Columns as wide as they need to be, two spaces apart; the first row is the heading.
std::string table(const std::vector<std::vector<std::string>>& rows);

// "3 rows", "1 row", "2 entries".
std::string counted(std::uint64_t number, const std::string& one);

// Text from elsewhere, safe to show on a terminal: control characters become '?'.
std::string shown(std::string_view text);

}  // namespace sceau::tool
