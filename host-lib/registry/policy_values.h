// Values of the policy's file, read strictly: a value of another kind is an error with its line.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sceau/base/result.h"
#include "sceau/base/toml.h"

namespace sceau::registry {

template <typename List>
bool holds(const List& list, std::string_view word) {
  return std::ranges::find(list, word) != std::ranges::end(list);
}

std::string one_line(std::string text);
std::string quoted(std::string_view text);

// Keeps the first error, after which nothing that was read is used: each reader gives some value all the
// same. `what` names the value in that error, as the file's writer calls it: "approvals.individual.needed".
class PolicyValues {
 public:
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

  // Kind invalid: the line of `node`, and `what` is wrong there.
  void fail(const toml::node& node, const std::string& what);

  std::int64_t number(const toml::node& node, std::string_view what, std::int64_t least, std::int64_t most);
  std::string text(const toml::node& node, std::string_view what);                // never empty
  std::vector<std::string> texts(const toml::node& node, std::string_view what);  // at least one, none twice
  const toml::table* table(const toml::node& node, std::string_view what);        // null: it is none

 private:
  std::optional<Error> error_;
};

}  // namespace sceau::registry
