#include "sqlite_authorizer.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace sceau::source {
namespace {

constexpr std::array<std::string_view, 19> callable = {
    "abs",   "avg", "ceil", "coalesce", "count", "floor",    "length", "like", "lower", "julianday",
    "ltrim", "max", "min",  "nullif",   "round", "strftime", "substr", "sum",  "trim"};

bool may_call(std::string_view name) {
  return std::find(callable.begin(), callable.end(), name) != callable.end() || name == "rtrim" ||
         name == "upper";
}

std::string_view text_or_nothing(const char* text) { return text == nullptr ? std::string_view() : text; }

}  // namespace

int authorize_reading(void* context, int action, const char* first, const char* second, const char* database,
                      const char* inner) {
  auto& seen = *static_cast<Seen*>(context);
  switch (action) {
    case SQLITE_SELECT:
      return SQLITE_OK;
    case SQLITE_READ:
      if (inner != nullptr) break;  // a view or trigger reads
      // No column: the table is counted, or read through a SELECT that uses none of its columns. SQLite
      // leaves the database out then; there is but one.
      if (text_or_nothing(second).empty()) return SQLITE_OK;
      if (text_or_nothing(database) == "main") {
        seen.reads.insert({first, second});
        return SQLITE_OK;
      }
      break;
    case SQLITE_FUNCTION:
      if (may_call(text_or_nothing(second))) return SQLITE_OK;
      break;
    default:
      break;
  }
  if (seen.refused.empty()) seen.refused = "action " + std::to_string(action);
  return SQLITE_DENY;
}

}  // namespace sceau::source
