// Statements of kind work: see work.h.
#include <algorithm>

#include "reader.h"

namespace sceau::source {

void name_output(Select& select, std::size_t at, const std::string& name) {
  select.outputs[at].name = name;
  for (Select& part : select.parts) name_output(part, at, name);
}

Result<WorkStatement> Reader::read_work(const PgQuery__ParseResult& tree) {
  if (tree.n_stmts != 1) {
    refuse(std::to_string(tree.n_stmts) +
           " statements in one step of a script: send each as a step of its own");
    return *error_;
  }
  const Node* statement = tree.stmts[0]->stmt;
  WorkStatement read = statement == nullptr ? WorkStatement{} : work(*statement);
  read.notices.insert(read.notices.end(), notices_.begin(), notices_.end());
  if (error_) return *error_;
  return read;
}

WorkStatement Reader::work(const Node& node) {
  switch (node.node_case) {
    case PG_QUERY__NODE__NODE_CREATE_TABLE_AS_STMT:
      return make_as(*node.create_table_as_stmt);
    case PG_QUERY__NODE__NODE_CREATE_STMT:
      return declare(*node.create_stmt);
    case PG_QUERY__NODE__NODE_INSERT_STMT:
      return insert(*node.insert_stmt);
    case PG_QUERY__NODE__NODE_DROP_STMT:
      return drop(*node.drop_stmt);
    case PG_QUERY__NODE__NODE_UPDATE_STMT:
      return update(*node.update_stmt);
    case PG_QUERY__NODE__NODE_DELETE_STMT:
      return remove(*node.delete_stmt);
    case PG_QUERY__NODE__NODE_TRUNCATE_STMT:
      return truncate(*node.truncate_stmt);
    case PG_QUERY__NODE__NODE_INDEX_STMT:
      return index(*node.index_stmt);
    case PG_QUERY__NODE__NODE_VACUUM_STMT:
      return analyse(*node.vacuum_stmt);
    case PG_QUERY__NODE__NODE_ALTER_TABLE_STMT:
      return alter(*node.alter_table_stmt);
    case PG_QUERY__NODE__NODE_RENAME_STMT:
      return rename(*node.rename_stmt);
    case PG_QUERY__NODE__NODE_COMMENT_STMT:
      return comment(*node.comment_stmt);
    case PG_QUERY__NODE__NODE_TRANSACTION_STMT:
      return transaction(*node.transaction_stmt);
    case PG_QUERY__NODE__NODE_VIEW_STMT:
      return view(*node.view_stmt);
    case PG_QUERY__NODE__NODE_SELECT_STMT:
      if (node.select_stmt->into_clause != nullptr) return make_into(*node.select_stmt);
      refuse(
          "a SELECT leaves nothing in the workspace: write CREATE TABLE … AS SELECT, or ask for aggregate or "
          "individual");
      return {};
    default:
      refuse(in_quotes(node_name(node)) +
             " is no statement of kind work: those are CREATE TABLE, INSERT, UPDATE, DELETE, TRUNCATE, ALTER "
             "TABLE, DROP TABLE, CREATE and DROP VIEW, CREATE INDEX and ANALYZE");
      return {};
  }
}

void Reader::check_name(const std::string& name, const std::string& what) {
  const bool plain = !name.empty() && name.size() <= 63 && std::none_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7F || c == '"';
  });
  if (!plain)
    refuse("the name of " + what + " has quotes, control characters or more than 63 bytes: rename it");
}

// The name of a table to be made.
std::string Reader::new_name(const PgQuery__RangeVar* range, WorkStatement& work) {
  if (range == nullptr) {
    refuse("a table without a name");
    return {};
  }
  check_schema(*range);
  knows(range->base, {"schemaname", "relname", "inh", "relpersistence"});
  const std::string_view persistence = range->relpersistence;
  // UNLOGGED says nothing of what a table holds.
  if (persistence != "p" && persistence != "t" && persistence != "u")
    refuse("a table that is neither TEMPORARY nor an ordinary one");
  work.temporary = persistence == "t";
  check_name(range->relname, "a table");
  const Table* known = catalogue_.find(range->relname);
  if (known != nullptr && !known->in_workspace())
    refuse(in_quotes(range->relname) + " is a table of the catalogue: choose another name for yours");
  return known == nullptr ? std::string(range->relname) : known->name;
}

// True: nothing is made, for it is there, which IF NOT EXISTS allows.
bool Reader::is_there_already(WorkStatement& work, bool allowed) {
  if (catalogue_.find(work.table) == nullptr) return false;
  if (!allowed) refuse("table " + in_quotes(work.table) + " is in the workspace already: drop it first");
  work.kind = WorkStatement::Kind::nothing;
  return true;
}

// A table of the workspace, which it must be.
const Table* Reader::existing(const PgQuery__RangeVar* range) {
  if (range == nullptr) {
    refuse("a table without a name");
    return nullptr;
  }
  check_schema(*range);
  knows(range->base, {"schemaname", "relname", "inh", "relpersistence"});
  if (range->inh == 0) refuse("ONLY before a table is not followed: name the table alone");
  const Table* known = catalogue_.find(range->relname);
  if (known == nullptr) {
    refuse("table " + in_quotes(range->relname) + " is not in the workspace: make it first");
  } else if (!known->in_workspace()) {
    refuse(in_quotes(range->relname) + " is a table of the catalogue, which nobody changes here");
  } else if (!known->view.empty()) {
    refuse(in_quotes(range->relname) + " is a view, which holds nothing: change the tables that it reads");
  }
  return failed() ? nullptr : known;
}

WorkStatement Reader::make_as(const PgQuery__CreateTableAsStmt& statement) {
  WorkStatement work;
  work.kind = WorkStatement::Kind::make;
  knows(statement.base, {"query", "into", "objtype", "if_not_exists"});
  const bool view = statement.objtype == PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW;
  if ((!view && statement.objtype != PG_QUERY__OBJECT_TYPE__OBJECT_TABLE) || statement.into == nullptr) {
    refuse("CREATE … AS of something that is no table: write CREATE TABLE … AS SELECT");
    return work;
  }
  if (view)
    work.notices.emplace_back(
        "a materialized view is made as a table: to read its tables again, drop it and "
        "make it again");
  if (failed()) return work;
  knows(statement.into->base, {"rel", "on_commit", "skip_data"});
  if (statement.into->on_commit > PG_QUERY__ON_COMMIT_ACTION__ONCOMMIT_PRESERVE_ROWS)
    refuse("ON COMMIT DELETE or DROP is not followed: leave it out");
  work.table = new_name(statement.into->rel, work);
  if (failed()) return work;
  if (is_there_already(work, statement.if_not_exists != 0)) return work;
  if (statement.query == nullptr || statement.query->node_case != PG_QUERY__NODE__NODE_SELECT_STMT) {
    refuse("CREATE TABLE … AS something that is no SELECT");
    return work;
  }
  work.select = select(*statement.query->select_stmt, nullptr, nullptr);
  if (failed()) return work;
  name_results(*work.select);
  if (statement.into->skip_data != 0 && !failed()) declare_empty(work);
  return work;
}

// The results of a SELECT that becomes a table.
void Reader::name_results(Select& select) {
  // A table has no order.
  if (!select.limit) select.order_by.clear();
  const auto& outputs = select.outputs;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    check_name(outputs[i].name, "column " + std::to_string(i + 1));
    const auto twice =
        std::any_of(outputs.begin(), outputs.begin() + static_cast<std::ptrdiff_t>(i),
                    [&](const Output& other) { return same_name(other.name, outputs[i].name); });
    if (twice) refuse("two columns are named " + in_quotes(outputs[i].name) + ": rename one with AS");
  }
}

WorkStatement Reader::view(const PgQuery__ViewStmt& statement) {
  WorkStatement work;
  work.kind = WorkStatement::Kind::view;
  knows(statement.base, {"view", "aliases", "query", "replace", "with_check_option"});
  if (statement.with_check_option > PG_QUERY__VIEW_CHECK_OPTION__NO_CHECK_OPTION)
    refuse("WITH CHECK OPTION is not followed: nothing is put into a view");
  work.table = new_name(statement.view, work);
  work.replaces = statement.replace != 0;
  const Table* known = failed() ? nullptr : catalogue_.find(work.table);
  if (known != nullptr && (!work.replaces || known->view.empty()))
    refuse(in_quotes(work.table) + " is in the workspace already: drop it first");
  if (failed() || statement.query == nullptr ||
      statement.query->node_case != PG_QUERY__NODE__NODE_SELECT_STMT) {
    refuse("a view of something that is no SELECT");
    return work;
  }
  work.select = select(*statement.query->select_stmt, nullptr, nullptr);
  // VALUES have no names of their own that could be others.
  const Select* first = &*work.select;
  while (!first->parts.empty()) first = &first->parts.front();
  if (!failed() && statement.n_aliases > 0 && !first->values.empty())
    work.select = around(std::move(*work.select));
  if (statement.n_aliases > work.select->outputs.size()) refuse("more names than columns after the view's");
  for (std::size_t i = 0; i < statement.n_aliases && !failed(); ++i)
    name_output(*work.select, i, text_of(statement.aliases[i]));
  if (!failed()) name_results(*work.select);
  return work;
}

// SELECT … INTO t FROM … is CREATE TABLE t AS SELECT … FROM ….
WorkStatement Reader::make_into(const PgQuery__SelectStmt& statement) {
  PgQuery__SelectStmt bare = statement;
  bare.into_clause = nullptr;
  PgQuery__Node query = PG_QUERY__NODE__INIT;
  query.node_case = PG_QUERY__NODE__NODE_SELECT_STMT;
  query.select_stmt = &bare;
  PgQuery__CreateTableAsStmt as = PG_QUERY__CREATE_TABLE_AS_STMT__INIT;
  as.query = &query;
  as.into = statement.into_clause;
  as.objtype = PG_QUERY__OBJECT_TYPE__OBJECT_TABLE;
  return make_as(as);
}

}  // namespace sceau::source
