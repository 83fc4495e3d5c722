#include "asked.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "parsed.h"

namespace sceau::reconcile {
namespace {

bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// "duration: 0.123 ms  statement: …" says the same as "statement: …" where that was not logged before.
void skip_duration(std::string_view& text) {
  std::string_view rest = text;
  if (!take(rest, "duration: ")) return;
  const auto end = rest.find(" ms  ");
  if (end != std::string_view::npos &&
      rest.substr(0, end).find_first_not_of("0123456789.") == std::string_view::npos)
    text = rest.substr(end + 5);
}

constexpr std::size_t most_ways = 32;

// Words that a statement can begin with, in PostgreSQL 14 to 17.
constexpr auto beginnings = std::to_array<std::string_view>(
    {"abort",     "alter",    "analyse", "analyze", "begin",   "call",       "checkpoint", "close",
     "cluster",   "comment",  "commit",  "copy",    "create",  "deallocate", "declare",    "delete",
     "discard",   "do",       "drop",    "end",     "execute", "explain",    "fetch",      "grant",
     "import",    "insert",   "listen",  "load",    "lock",    "merge",      "move",       "notify",
     "prepare",   "reassign", "refresh", "reindex", "release", "reset",      "revoke",     "rollback",
     "savepoint", "security", "select",  "set",     "show",    "start",      "table",      "truncate",
     "unlisten",  "update",   "vacuum",  "values",  "with"});

// Whether a server may have run it. What ran had been parsed: it begins like a statement, and ends its
// quotes.
bool can_be_run(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n\f\v;(");
  if (first == std::string_view::npos) return false;
  text.remove_prefix(first);
  if (!text.starts_with("--") && !text.starts_with("/*")) {
    std::string word;
    for (const char c : text.substr(0, 16)) {
      if (std::isalpha(static_cast<unsigned char>(c)) == 0) break;
      word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    if (std::ranges::find(beginnings, word) == beginnings.end()) return false;
  }
  return !is_unterminated(std::string(text));
}

// "NAME: text", "NAME/PORTAL: text". The name is the client's own and may hold anything, so that each ": "
// may be the one before the text.
void read_execute(std::string_view text, Asked& asked) {
  auto end = text.find(": ");
  if (end == std::string_view::npos) {
    asked.how = Asked::How::unfollowed;
    asked.sql = "execute";
    return;
  }
  asked.how = Asked::How::statement;
  asked.sql = text.substr(end + 2);
  while ((end = text.find(": ", end + 2)) != std::string_view::npos) {
    const std::string_view other = text.substr(end + 2);
    if (!can_be_run(other)) continue;
    if (asked.otherwise.size() == most_ways) {
      asked.how = Asked::How::unfollowed;
      asked.sql = "execute, with a name that hides what was executed";
      return;
    }
    asked.otherwise.emplace_back(other);
  }
}

// pgaudit's fields are CSV: AUDIT_TYPE, STATEMENT_ID, SUBSTATEMENT_ID, CLASS, COMMAND, OBJECT_TYPE,
// OBJECT_NAME, STATEMENT, PARAMETER.
std::optional<std::vector<std::string>> fields_of(std::string_view text) {
  std::vector<std::string> fields;
  for (std::size_t i = 0;; ++i) {
    std::string field;
    if (i < text.size() && text[i] == '"') {
      for (++i;; ++i) {
        if (i >= text.size()) return std::nullopt;
        if (text[i] == '"' && (++i >= text.size() || text[i] != '"')) break;
        field += text[i];
      }
    } else {
      for (; i < text.size() && text[i] != ','; ++i) field += text[i];
    }
    fields.push_back(std::move(field));
    if (i >= text.size()) return fields;
    if (text[i] != ',') return std::nullopt;
  }
}

Asked audited(std::string_view text) {
  Asked asked;
  const auto fields = fields_of(text);
  if (!fields || fields->size() < 9) {
    asked.how = Asked::How::unfollowed;
    asked.sql = "a line of pgaudit that cannot be read";
    return asked;
  }
  asked.how = Asked::How::audited;
  asked.identity = (*fields)[1];
  asked.command = (*fields)[4];
  asked.relation = (*fields)[6];
  asked.sql = (*fields)[7];
  return asked;
}

}  // namespace

Asked asked_by(const LogLine& line) {
  Asked asked;
  if (line.severity != "LOG") {
    if (!line.query.empty()) {
      asked.how = Asked::How::failed;
      asked.sql = line.query;
    }
    return asked;
  }
  std::string_view text = line.message;
  skip_duration(text);
  if (take(text, "statement: ")) {
    asked.how = Asked::How::statement;
    asked.sql = text;
    std::string_view detail = line.detail;
    if (take(detail, "prepare: ")) asked.prepared = detail;
  } else if (take(text, "execute ")) {
    asked.extended = true;
    read_execute(text, asked);
  } else if (take(text, "fastpath function call: ")) {
    asked.how = Asked::How::unfollowed;
    asked.sql = "a function called by its number";
  } else if (text.starts_with("received replication command: ") ||
             text.starts_with("replication connection authorized: ")) {
    asked.how = Asked::How::unfollowed;
    asked.sql = "replication, which copies whole databases";
  } else if (take(text, "AUDIT: ")) {
    return audited(text);
  }
  return asked;
}

}  // namespace sceau::reconcile
