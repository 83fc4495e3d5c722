#include "planned.h"

#include <algorithm>

#include "parsed.h"

namespace sceau::reconcile {
namespace {

bool is_select(const PgQuery__Node* node) {
  return node != nullptr && node->node_case == PG_QUERY__NODE__NODE_SELECT_STMT &&
         node->select_stmt->into_clause == nullptr;
}

}  // namespace

bool only_plans(const std::string& statement) {
  // Options follow from the prefix: it is the whole of them, and ANALYZE is none.
  if (std::ranges::none_of(plan_prefixes, [&](auto prefix) { return statement.starts_with(prefix); }))
    return false;
  const auto tree = parse(statement);
  if (!tree || (*tree)->n_stmts != 1) return false;
  const PgQuery__Node* explain = (*tree)->stmts[0]->stmt;
  if (explain == nullptr || explain->node_case != PG_QUERY__NODE__NODE_EXPLAIN_STMT) return false;
  const PgQuery__Node* inner = explain->explain_stmt->query;
  if (inner != nullptr && inner->node_case == PG_QUERY__NODE__NODE_CREATE_TABLE_AS_STMT)
    inner = inner->create_table_as_stmt->query;
  return is_select(inner);
}

}  // namespace sceau::reconcile
