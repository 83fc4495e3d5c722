// libpg_query's answers, owned: tokens and the parse tree of any text, within sizes that keep its recursion
// off the stack's end.
#pragma once

#include <pg_query/pg_query.pb-c.h>

#include <memory>
#include <string>

#include "sceau/base/result.h"

namespace sceau::reconcile {

struct TokensFree {
  void operator()(PgQuery__ScanResult* tokens) const {
    pg_query__scan_result__free_unpacked(tokens, nullptr);
  }
};
using Tokens = std::unique_ptr<PgQuery__ScanResult, TokensFree>;
// Fails with invalid.
Result<Tokens> scan(const std::string& sql);

struct TreeFree {
  void operator()(PgQuery__ParseResult* tree) const { pg_query__parse_result__free_unpacked(tree, nullptr); }
};
using Tree = std::unique_ptr<PgQuery__ParseResult, TreeFree>;
// Fails with invalid: not this grammar's; refused: larger than what is followed.
Result<Tree> parse(const std::string& sql);

// Whether a constant of it ends elsewhere where standard_conforming_strings is off, which no log need say:
// then what follows is another text.
bool ends_otherwise(const std::string& sql);

// Whether a quote or a comment in it has no end, so that it is no statement of any version's.
bool is_unterminated(const std::string& sql);

bool is_constant(const PgQuery__ScanToken& token);

}  // namespace sceau::reconcile
