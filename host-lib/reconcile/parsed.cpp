#include "parsed.h"

#include <pg_query.h>

#include <algorithm>
#include <string_view>

namespace sceau::reconcile {
namespace {

constexpr std::size_t longest = 1U << 20U;  // bytes
constexpr std::size_t most_signs = 5000;    // constants and commas aside: what can nest

template <typename Answer, void (*release)(Answer)>
struct Owned {
  explicit Owned(Answer given) : answer(given) {}
  ~Owned() { release(answer); }
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  Answer answer;
};

const std::uint8_t* bytes_of(const PgQueryProtobuf& message) {
  return reinterpret_cast<const std::uint8_t*>(message.data);
}

}  // namespace

bool is_constant(const PgQuery__ScanToken& token) {
  switch (token.token) {
    case PG_QUERY__TOKEN__FCONST:
    case PG_QUERY__TOKEN__SCONST:
    case PG_QUERY__TOKEN__USCONST:
    case PG_QUERY__TOKEN__BCONST:
    case PG_QUERY__TOKEN__XCONST:
    case PG_QUERY__TOKEN__ICONST:
      return true;
    default:
      return false;
  }
}

Result<Tokens> scan(const std::string& sql) {
  const Error unreadable{ErrorKind::invalid, "PostgreSQL 15 does not read it"};
  // A NUL would end it for the parser alone.
  if (sql.size() > longest || sql.find('\0') != std::string::npos) return unreadable;
  const Owned<PgQueryScanResult, pg_query_free_scan_result> scanned(pg_query_scan(sql.c_str()));
  if (scanned.answer.error != nullptr) return unreadable;
  Tokens tokens(
      pg_query__scan_result__unpack(nullptr, scanned.answer.pbuf.len, bytes_of(scanned.answer.pbuf)));
  if (!tokens) return unreadable;
  return tokens;
}

bool ends_otherwise(const std::string& sql) {
  if (sql.find("\\'") == std::string::npos) return false;
  const auto tokens = scan(sql);
  if (!tokens) return true;
  for (std::size_t i = 0; i < (*tokens)->n_tokens; ++i) {
    const PgQuery__ScanToken& token = *(*tokens)->tokens[i];
    if (token.token != PG_QUERY__TOKEN__SCONST || token.start < 0 || token.end < token.start) continue;
    const std::string_view text = std::string_view(sql).substr(
        static_cast<std::size_t>(token.start),
        static_cast<std::size_t>(token.end) - static_cast<std::size_t>(token.start));
    const bool plain = text.starts_with('\'') || text.starts_with('n') || text.starts_with('N');
    if (plain && text.find("\\'") != std::string_view::npos) return true;
  }
  return false;
}

bool is_unterminated(const std::string& sql) {
  // Standard strings know no backslash; a setting can give it back its old meaning.
  if (sql.find("\\'") != std::string::npos || sql.find('\0') != std::string::npos) return false;
  const Owned<PgQueryScanResult, pg_query_free_scan_result> scanned(pg_query_scan(sql.c_str()));
  return scanned.answer.error != nullptr &&
         std::string_view(scanned.answer.error->message).starts_with("unterminated");
}

Result<Tree> parse(const std::string& sql) {
  auto tokens = scan(sql);
  if (!tokens) return tokens.error();
  std::size_t signs = 0;
  for (std::size_t i = 0; i < (*tokens)->n_tokens; ++i) {
    const PgQuery__ScanToken& token = *(*tokens)->tokens[i];
    if (!is_constant(token) && token.token != PG_QUERY__TOKEN__ASCII_44) ++signs;
  }
  if (signs > most_signs) return Error{ErrorKind::refused, "it is too long to be followed"};
  const Owned<PgQueryProtobufParseResult, pg_query_free_protobuf_parse_result> parsed(
      pg_query_parse_protobuf(sql.c_str()));
  if (parsed.answer.error != nullptr)
    return Error{ErrorKind::invalid, "PostgreSQL 15's grammar does not have it"};
  Tree tree(pg_query__parse_result__unpack(nullptr, parsed.answer.parse_tree.len,
                                           bytes_of(parsed.answer.parse_tree)));
  if (!tree) return Error{ErrorKind::invalid, "its parse tree cannot be read"};
  return tree;
}

}  // namespace sceau::reconcile
