// What scripts do with the workspace's tables besides filling them: DROP, TRUNCATE, indexes, ANALYZE.
#include <algorithm>

#include "reader.h"

namespace sceau::source {

WorkStatement Reader::drop(const PgQuery__DropStmt& statement) {
  if (statement.remove_type == PG_QUERY__OBJECT_TYPE__OBJECT_INDEX) return drop_index(statement);
  WorkStatement work;
  work.kind = WorkStatement::Kind::drop;
  knows(statement.base, {"objects", "remove_type", "behavior", "missing_ok"});
  const bool views = statement.remove_type == PG_QUERY__OBJECT_TYPE__OBJECT_VIEW;
  if (!views && statement.remove_type != PG_QUERY__OBJECT_TYPE__OBJECT_TABLE &&
      statement.remove_type != PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW)
    refuse("DROP of something else than a table, a view or an index");
  work.kind = WorkStatement::Kind::nothing;
  for (std::size_t i = 0; i < statement.n_objects && !failed(); ++i) {
    const Node& object = *statement.objects[i];
    const auto* name = object.node_case == PG_QUERY__NODE__NODE_LIST ? object.list : nullptr;
    if (name == nullptr || name->n_items == 0 || name->n_items > 2 ||
        (name->n_items == 2 && text_of(name->items[0]) != workspace_name)) {
      refuse("DROP of a table of some schema: only the workspace's are dropped: name the table alone");
      return work;
    }
    const std::string table = text_of(name->items[name->n_items - 1]);
    const Table* known = catalogue_.find(table);
    if (known != nullptr && !known->in_workspace()) {
      refuse(in_quotes(table) + " is a table of the catalogue, which nobody drops here");
    } else if (known != nullptr && known->view.empty() == views) {
      refuse(in_quotes(table) + (views ? " is a table: write DROP TABLE" : " is a view: write DROP VIEW"));
    } else if (known == nullptr && statement.missing_ok == 0) {
      refuse("table " + in_quotes(table) + " is not in the workspace: nothing to drop");
    }
    const std::string& wanted = known == nullptr ? table : known->name;
    const bool again = work.table == wanted ||
                       std::find(work.others.begin(), work.others.end(), wanted) != work.others.end();
    if (known != nullptr && again) continue;
    if (known != nullptr && work.kind == WorkStatement::Kind::drop) work.others.push_back(known->name);
    if (work.kind == WorkStatement::Kind::nothing) work.table = wanted;
    if (known != nullptr) work.kind = WorkStatement::Kind::drop;
  }
  return work;
}

WorkStatement Reader::truncate(const PgQuery__TruncateStmt& statement) {
  WorkStatement work;
  work.kind = WorkStatement::Kind::remove;
  knows(statement.base, {"relations", "behavior"});
  if (statement.n_relations == 0 || statement.behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE)
    refuse("TRUNCATE takes tables, without CASCADE");
  for (std::size_t i = 0; i < statement.n_relations && !failed(); ++i) {
    const Node& node = *statement.relations[i];
    const Table* table =
        node.node_case == PG_QUERY__NODE__NODE_RANGE_VAR ? existing(node.range_var) : nullptr;
    if (table == nullptr) {
      refuse("TRUNCATE of something that is no table");
    } else if (i == 0) {
      work.table = table->name;
    } else {
      work.others.push_back(table->name);
    }
  }
  return work;
}

WorkStatement Reader::index(const PgQuery__IndexStmt& statement) {
  WorkStatement work;
  work.kind = WorkStatement::Kind::index;
  knows(statement.base, {"idxname", "relation", "access_method", "index_params", "index_including_params",
                         "where_clause", "if_not_exists", "unique", "concurrent"});
  work.unique = statement.unique != 0;
  const Table* table = failed() ? nullptr : existing(statement.relation);
  if (table == nullptr) return work;
  work.table = table->name;
  bool plain = statement.where_clause == nullptr && std::string_view(statement.access_method) == "btree";
  for (std::size_t i = 0; i < statement.n_index_params && plain && !failed(); ++i) {
    const Node& node = *statement.index_params[i];
    plain = node.node_case == PG_QUERY__NODE__NODE_INDEX_ELEM &&
            unknown_field(node.index_elem->base, {"name", "ordering", "nulls_ordering"}).empty();
    const int at = plain ? table->find(node.index_elem->name) : 0;
    if (at < 0)
      refuse("column " + in_quotes(node.index_elem->name) + " is not in table " + in_quotes(table->name));
    work.into.push_back(at);
  }
  if (plain) return work;
  // It would only be faster.
  WorkStatement nothing;
  nothing.notices.push_back("no index is made on table " + in_quotes(table->name) +
                            ": those over columns are, not over conditions and what is computed");
  return nothing;
}

// A script is one transaction anyway.
WorkStatement Reader::transaction(const PgQuery__TransactionStmt& statement) {
  WorkStatement work;
  if (statement.kind != PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_BEGIN &&
      statement.kind != PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_START &&
      statement.kind != PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_COMMIT)
    refuse("a script is kept whole or not at all: leave ROLLBACK and SAVEPOINT out");
  work.notices.emplace_back("BEGIN and COMMIT are left out: a script is kept whole or not at all");
  return work;
}

// An index goes with its table; its name was never kept.
WorkStatement Reader::drop_index(const PgQuery__DropStmt& statement) {
  WorkStatement work;
  knows(statement.base, {"objects", "remove_type", "behavior", "missing_ok"});
  work.notices.emplace_back("DROP INDEX is left out: an index stays as long as its table");
  return work;
}

// Nothing that is said about a table is kept beside it.
WorkStatement Reader::comment(const PgQuery__CommentStmt& statement) {
  if (statement.objtype != PG_QUERY__OBJECT_TYPE__OBJECT_TABLE &&
      statement.objtype != PG_QUERY__OBJECT_TYPE__OBJECT_COLUMN)
    refuse("COMMENT on something else than a table or its column");
  WorkStatement work;
  work.notices.emplace_back("COMMENT is left out: comments are not kept");
  return work;
}

// VACUUM is the database's own work: of VACUUM ANALYZE, ANALYZE is left.
WorkStatement Reader::analyse(const PgQuery__VacuumStmt& statement) {
  WorkStatement work;
  knows(statement.base, {"rels", "is_vacuumcmd", "options"});
  bool analyses = statement.is_vacuumcmd == 0;
  for (std::size_t i = 0; i < statement.n_options && !failed(); ++i) {
    const Node& node = *statement.options[i];
    const std::string_view name =
        node.node_case == PG_QUERY__NODE__NODE_DEF_ELEM ? node.def_elem->defname : "";
    analyses = analyses || name == "analyze";
    if (name != "analyze" && name != "full" && name != "freeze" && name != "verbose")
      refuse("an option of VACUUM or ANALYZE that is not followed: leave it out");
  }
  std::vector<std::string> tables;
  for (std::size_t i = 0; i < statement.n_rels && !failed(); ++i) {
    const Node& node = *statement.rels[i];
    if (node.node_case != PG_QUERY__NODE__NODE_VACUUM_RELATION ||
        !knows(node.vacuum_relation->base, {"relation", "va_cols"})) {
      refuse("ANALYZE takes a table alone");
      return work;
    }
    const Table* table = existing(node.vacuum_relation->relation);
    if (table != nullptr) tables.push_back(table->name);
  }
  if (failed() || !analyses || tables.empty()) return work;
  work.kind = WorkStatement::Kind::analyse;
  work.table = tables[0];
  work.others.assign(tables.begin() + 1, tables.end());
  return work;
}

}  // namespace sceau::source
