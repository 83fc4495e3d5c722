// A statement as reports show it.
#include <algorithm>
#include <cctype>

#include "parsed.h"
#include "sceau/reconcile/look.h"

namespace sceau::reconcile {

std::string shortened(const std::string& sql, bool literals, std::size_t most) {
  std::string text;
  auto tokens = scan(sql);
  if (!tokens) {
    // Nothing says where a constant begins.
    std::size_t end = 0;
    while (end < sql.size() && end < 20 && std::isalpha(static_cast<unsigned char>(sql[end])) != 0) ++end;
    return sql.substr(0, end) + " … (" + std::to_string(sql.size()) + " bytes)";
  }
  int parameter = 0;
  std::size_t before = 0;
  for (std::size_t i = 0; i < (*tokens)->n_tokens && text.size() <= most; ++i) {
    const PgQuery__ScanToken& token = *(*tokens)->tokens[i];
    const auto start = static_cast<std::size_t>(std::max(0, token.start));
    const auto end = std::min(sql.size(), static_cast<std::size_t>(std::max(0, token.end)));
    if (token.token == PG_QUERY__TOKEN__SQL_COMMENT || token.token == PG_QUERY__TOKEN__C_COMMENT) continue;
    if (start > before && !text.empty()) text += ' ';
    before = end;
    if (is_constant(token) && !literals) {
      text += "$" + std::to_string(++parameter);
    } else if (start < end) {
      text += sql.substr(start, end - start);
    }
  }
  if (text.size() <= most) return text;
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  text.resize(end);
  return text + "…";
}

}  // namespace sceau::reconcile
