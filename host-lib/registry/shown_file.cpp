#include "shown_file.h"

#include <algorithm>

#include "sceau/statement/value.h"

namespace sceau::registry {

Status check_shown(std::string_view text, const std::string& doing) {
  for (std::size_t line = 1; !text.empty(); ++line) {
    const auto end = text.find('\n');
    std::string shown(text.substr(0, end));
    if (shown.ends_with('\r')) shown.pop_back();
    std::ranges::replace(shown, '\t', ' ');
    if (auto good = statement::check_text(shown); !good)
      return Error{ErrorKind::invalid,
                   doing + ", line " + std::to_string(line) + ": " + good.error().message};
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return {};
}

}  // namespace sceau::registry
