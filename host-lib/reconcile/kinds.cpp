#include "kinds.h"

#include <algorithm>

#include "tree.h"

namespace sceau::reconcile {
namespace {

constexpr int cursor_with_hold = 0x20;  // CURSOR_OPT_HOLD of PostgreSQL 15's parsenodes.h

void transaction_used(const PgQuery__TransactionStmt& transaction, std::vector<NameUse>& uses) {
  switch (transaction.kind) {
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_BEGIN:
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_START:
      uses.push_back({NameUse::Kind::begin, {}});
      break;
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_COMMIT:
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_PREPARE:
      uses.push_back({NameUse::Kind::commit, {}});
      break;
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK:
      uses.push_back({NameUse::Kind::roll_back, {}});
      break;
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_SAVEPOINT:
      uses.push_back({NameUse::Kind::savepoint, {}});
      break;
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK_TO:
      uses.push_back({NameUse::Kind::roll_back_to, {}});
      break;
    default:
      break;
  }
  if (transaction.chain != 0) uses.push_back({NameUse::Kind::begin, {}});
}

}  // namespace

Look::Reach reach_of(const PgQuery__Node& statement) {
  switch (statement.node_case) {
    case PG_QUERY__NODE__NODE_SELECT_STMT:
    case PG_QUERY__NODE__NODE_INSERT_STMT:
    case PG_QUERY__NODE__NODE_UPDATE_STMT:
    case PG_QUERY__NODE__NODE_DELETE_STMT:
    case PG_QUERY__NODE__NODE_MERGE_STMT:
    case PG_QUERY__NODE__NODE_EXPLAIN_STMT:
    case PG_QUERY__NODE__NODE_DECLARE_CURSOR_STMT:
    case PG_QUERY__NODE__NODE_FETCH_STMT:
    case PG_QUERY__NODE__NODE_CLOSE_PORTAL_STMT:
    case PG_QUERY__NODE__NODE_PREPARE_STMT:
    case PG_QUERY__NODE__NODE_EXECUTE_STMT:
    case PG_QUERY__NODE__NODE_DEALLOCATE_STMT:
    case PG_QUERY__NODE__NODE_COPY_STMT:
    case PG_QUERY__NODE__NODE_CREATE_TABLE_AS_STMT:
    case PG_QUERY__NODE__NODE_VIEW_STMT:
    case PG_QUERY__NODE__NODE_GRANT_STMT:
    case PG_QUERY__NODE__NODE_ALTER_TABLE_STMT:
    case PG_QUERY__NODE__NODE_RENAME_STMT:
    case PG_QUERY__NODE__NODE_ALTER_OBJECT_SCHEMA_STMT:
    case PG_QUERY__NODE__NODE_ALTER_OWNER_STMT:
      return Look::Reach::reads;
    case PG_QUERY__NODE__NODE_TRANSACTION_STMT:
    case PG_QUERY__NODE__NODE_VARIABLE_SET_STMT:
    case PG_QUERY__NODE__NODE_VARIABLE_SHOW_STMT:
    case PG_QUERY__NODE__NODE_ALTER_SYSTEM_STMT:
    case PG_QUERY__NODE__NODE_ALTER_ROLE_SET_STMT:
    case PG_QUERY__NODE__NODE_ALTER_DATABASE_SET_STMT:
    case PG_QUERY__NODE__NODE_DISCARD_STMT:
    case PG_QUERY__NODE__NODE_CONSTRAINTS_SET_STMT:
    case PG_QUERY__NODE__NODE_LOCK_STMT:
    case PG_QUERY__NODE__NODE_CREATE_STMT:
    case PG_QUERY__NODE__NODE_CREATE_SCHEMA_STMT:
    case PG_QUERY__NODE__NODE_INDEX_STMT:
    case PG_QUERY__NODE__NODE_REINDEX_STMT:
    case PG_QUERY__NODE__NODE_CLUSTER_STMT:
    case PG_QUERY__NODE__NODE_DROP_STMT:
    case PG_QUERY__NODE__NODE_TRUNCATE_STMT:
    case PG_QUERY__NODE__NODE_VACUUM_STMT:
    case PG_QUERY__NODE__NODE_COMMENT_STMT:
    case PG_QUERY__NODE__NODE_CHECK_POINT_STMT:
    case PG_QUERY__NODE__NODE_LISTEN_STMT:
    case PG_QUERY__NODE__NODE_UNLISTEN_STMT:
    case PG_QUERY__NODE__NODE_NOTIFY_STMT:
    case PG_QUERY__NODE__NODE_CREATE_ROLE_STMT:
    case PG_QUERY__NODE__NODE_ALTER_ROLE_STMT:
    case PG_QUERY__NODE__NODE_DROP_ROLE_STMT:
    case PG_QUERY__NODE__NODE_GRANT_ROLE_STMT:
    case PG_QUERY__NODE__NODE_CREATEDB_STMT:
    case PG_QUERY__NODE__NODE_DROPDB_STMT:
      return Look::Reach::touches;
    default:
      return Look::Reach::unknown;
  }
}

bool about_rights(const PgQuery__Node& statement) {
  switch (statement.node_case) {
    case PG_QUERY__NODE__NODE_GRANT_STMT:
    case PG_QUERY__NODE__NODE_ALTER_TABLE_STMT:
    case PG_QUERY__NODE__NODE_RENAME_STMT:
    case PG_QUERY__NODE__NODE_ALTER_OBJECT_SCHEMA_STMT:
    case PG_QUERY__NODE__NODE_ALTER_OWNER_STMT:
      return true;
    default:
      return false;
  }
}

bool logged_by_all_alone(const PgQuery__Node& statement) {
  return statement.node_case == PG_QUERY__NODE__NODE_SELECT_STMT ||
         statement.node_case == PG_QUERY__NODE__NODE_TRANSACTION_STMT ||
         statement.node_case == PG_QUERY__NODE__NODE_VARIABLE_SET_STMT ||
         statement.node_case == PG_QUERY__NODE__NODE_VARIABLE_SHOW_STMT;
}

std::string kind_of(const PgQuery__Node& statement) {
  const auto* field = protobuf_c_message_descriptor_get_field(statement.base.descriptor,
                                                              static_cast<unsigned>(statement.node_case));
  std::string name = field == nullptr ? "unknown" : field->name;
  if (name.ends_with("_stmt")) name.resize(name.size() - 5);
  std::replace(name.begin(), name.end(), '_', ' ');
  return name;
}

std::string template_of(const PgQuery__CreatedbStmt& made) {
  for (std::size_t i = 0; i < made.n_options; ++i) {
    const PgQuery__Node* option = made.options[i];
    if (option->node_case != PG_QUERY__NODE__NODE_DEF_ELEM) continue;
    if (std::string_view(option->def_elem->defname) == "template" && option->def_elem->arg != nullptr)
      return text_of(option->def_elem->arg);
  }
  return "template1";
}

void names_used(const PgQuery__Node& statement, std::vector<NameUse>& uses) {
  switch (statement.node_case) {
    case PG_QUERY__NODE__NODE_PREPARE_STMT:
      return uses.push_back({NameUse::Kind::prepare, statement.prepare_stmt->name});
    case PG_QUERY__NODE__NODE_DEALLOCATE_STMT:
      return uses.push_back({NameUse::Kind::deallocate, statement.deallocate_stmt->name});
    case PG_QUERY__NODE__NODE_DECLARE_CURSOR_STMT: {
      const auto& declared = *statement.declare_cursor_stmt;
      const bool hold = (declared.options & cursor_with_hold) != 0;
      return uses.push_back(
          {hold ? NameUse::Kind::declare_hold : NameUse::Kind::declare, declared.portalname});
    }
    case PG_QUERY__NODE__NODE_FETCH_STMT:
      return uses.push_back({NameUse::Kind::fetch, statement.fetch_stmt->portalname});
    case PG_QUERY__NODE__NODE_CLOSE_PORTAL_STMT:
      return uses.push_back({NameUse::Kind::close, statement.close_portal_stmt->portalname});
    case PG_QUERY__NODE__NODE_DISCARD_STMT:
      if (statement.discard_stmt->target == PG_QUERY__DISCARD_MODE__DISCARD_ALL)
        uses.push_back({NameUse::Kind::discard, {}});
      return;
    case PG_QUERY__NODE__NODE_TRANSACTION_STMT:
      return transaction_used(*statement.transaction_stmt, uses);
    default:
      return;
  }
}

}  // namespace sceau::reconcile
