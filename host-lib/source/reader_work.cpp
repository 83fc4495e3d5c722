// Statements of kind work: see work.h.
#include <algorithm>
#include <array>

#include "reader.h"

namespace sceau::source {
namespace {

constexpr std::size_t most_columns = 300;

std::optional<Type> declared_type(std::string_view name) {
  for (const std::string_view known : {"int2", "int4", "int8"}) {
    if (name == known) return Type::integer;
  }
  for (const std::string_view known : {"float4", "float8", "numeric"}) {
    if (name == known) return Type::real;
  }
  for (const std::string_view known : {"text", "varchar", "bpchar", "date", "timestamp", "timestamptz"}) {
    if (name == known) return Type::text;
  }
  return std::nullopt;
}

// As strict as the strictest column of that name in the catalogue.
Label label_named(const Catalogue& catalogue, std::string_view name) {
  Label label = Label::measure;
  for (const Table& table : catalogue.tables()) {
    const int found = table.find(name);
    if (found >= 0) label = std::min(label, table.columns[static_cast<std::size_t>(found)].label);
  }
  return label;
}

}  // namespace

Result<WorkStatement> Reader::read_work(const PgQuery__ParseResult& tree) {
  if (tree.n_stmts != 1) {
    refuse(std::to_string(tree.n_stmts) +
           " statements in one step of a script: send each as a step of its own");
    return *error_;
  }
  const Node* statement = tree.stmts[0]->stmt;
  WorkStatement read = statement == nullptr ? WorkStatement{} : work(*statement);
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
    case PG_QUERY__NODE__NODE_VIEW_STMT:
      refuse("a view is not made: write CREATE TABLE … AS SELECT");
      return {};
    case PG_QUERY__NODE__NODE_SELECT_STMT:
      if (node.select_stmt->into_clause != nullptr) return make_into(*node.select_stmt);
      refuse(
          "a SELECT leaves nothing in the workspace: write CREATE TABLE … AS SELECT, or ask for aggregate or "
          "individual");
      return {};
    default:
      refuse(in_quotes(node_name(node)) +
             " is no statement of kind work: those are CREATE TABLE, INSERT, UPDATE, DELETE, TRUNCATE, ALTER "
             "TABLE, DROP TABLE, CREATE INDEX and ANALYZE");
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
  if (persistence != "p" && persistence != "t") refuse("UNLOGGED tables are not made: leave it out");
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
  }
  return failed() ? nullptr : known;
}

WorkStatement Reader::make_as(const PgQuery__CreateTableAsStmt& statement) {
  WorkStatement work;
  work.kind = WorkStatement::Kind::make;
  knows(statement.base, {"query", "into", "objtype", "if_not_exists"});
  if (statement.objtype != PG_QUERY__OBJECT_TYPE__OBJECT_TABLE || statement.into == nullptr)
    refuse("a materialized view is not made: write CREATE TABLE … AS SELECT");
  if (failed()) return work;
  knows(statement.into->base, {"rel", "on_commit"});
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
  // A table has no order.
  if (!work.select->limit) work.select->order_by.clear();
  const auto& outputs = work.select->outputs;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    check_name(outputs[i].name, "column " + std::to_string(i + 1));
    const auto twice =
        std::any_of(outputs.begin(), outputs.begin() + static_cast<std::ptrdiff_t>(i),
                    [&](const Output& other) { return same_name(other.name, outputs[i].name); });
    if (twice) refuse("two columns are named " + in_quotes(outputs[i].name) + ": rename one with AS");
  }
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

// Names, types and labels of another table's columns; there is nothing else that could be copied.
void Reader::declare_like(const PgQuery__TableLikeClause& like, WorkStatement& work) {
  knows(like.base, {"relation", "options"});
  if (failed() || like.relation == nullptr) return;
  check_schema(*like.relation);
  const Table* table = catalogue_.find(like.relation->relname);
  if (table == nullptr)
    return refuse("LIKE " + in_quotes(like.relation->relname) + ", which is no table here");
  for (const Column& column : table->columns) {
    Column copy;
    copy.name = column.name;
    copy.type = column.type;
    copy.label = std::min(column.label, label_named(catalogue_, column.name));
    work.columns.push_back(std::move(copy));
  }
}

Column Reader::declared(const PgQuery__ColumnDef& column) {
  Column made;
  knows(column.base, {"colname", "type_name", "is_local"});
  if (failed() || column.type_name == nullptr) return made;
  const PgQuery__TypeName& type = *column.type_name;
  made.name = column.colname;
  check_name(made.name, "a column");
  if (!knows(type.base, {"names", "typmods", "typemod"}) || type.n_names == 0 || type.n_names > 2) {
    refuse("column " + in_quotes(made.name) + " has a type that is not followed: use integer, real or text");
    return made;
  }
  if (type.n_names == 2 && text_of(type.names[0]) != "pg_catalog")
    refuse("a column of a type of some schema");
  const auto known = declared_type(text_of(type.names[type.n_names - 1]));
  if (!known)
    refuse("column " + in_quotes(made.name) + " has a type that is not followed: use integer, real or text");
  made.type = known.value_or(Type::text);
  made.label = label_named(catalogue_, made.name);
  return made;
}

WorkStatement Reader::declare(const PgQuery__CreateStmt& statement) {
  WorkStatement work;
  work.kind = WorkStatement::Kind::declare;
  knows(statement.base, {"relation", "table_elts", "oncommit", "if_not_exists"});
  if (statement.oncommit > PG_QUERY__ON_COMMIT_ACTION__ONCOMMIT_PRESERVE_ROWS)
    refuse("ON COMMIT DELETE or DROP is not followed: leave it out");
  work.table = new_name(statement.relation, work);
  if (failed()) return work;
  if (is_there_already(work, statement.if_not_exists != 0)) return work;
  if (statement.n_table_elts == 0 || statement.n_table_elts > most_columns)
    refuse("a table without columns, or with too many");
  for (std::size_t i = 0; i < statement.n_table_elts && !failed(); ++i) {
    const Node& node = *statement.table_elts[i];
    if (node.node_case == PG_QUERY__NODE__NODE_TABLE_LIKE_CLAUSE && statement.n_table_elts == 1) {
      declare_like(*node.table_like_clause, work);
      return work;
    }
    if (node.node_case != PG_QUERY__NODE__NODE_COLUMN_DEF) {
      refuse(in_quotes(node_name(node)) +
             " in CREATE TABLE: a constraint's failure would tell of data: leave it out");
      return work;
    }
    Column column = declared(*node.column_def);
    for (const Column& other : work.columns) {
      if (same_name(other.name, column.name)) refuse("two columns are named " + in_quotes(column.name));
    }
    work.columns.push_back(std::move(column));
  }
  return work;
}

WorkStatement Reader::drop(const PgQuery__DropStmt& statement) {
  WorkStatement work;
  work.kind = WorkStatement::Kind::drop;
  knows(statement.base, {"objects", "remove_type", "behavior", "missing_ok"});
  if (statement.remove_type != PG_QUERY__OBJECT_TYPE__OBJECT_TABLE)
    refuse("DROP of something else than a table");
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
  knows(statement.base, {"idxname", "relation", "access_method", "index_params", "if_not_exists", "unique"});
  work.unique = statement.unique != 0;
  if (std::string_view(statement.access_method) != "btree")
    refuse("an index that is no btree: leave USING out");
  const Table* table = failed() ? nullptr : existing(statement.relation);
  if (table == nullptr) return work;
  work.table = table->name;
  for (std::size_t i = 0; i < statement.n_index_params && !failed(); ++i) {
    const Node& node = *statement.index_params[i];
    if (node.node_case != PG_QUERY__NODE__NODE_INDEX_ELEM ||
        !knows(node.index_elem->base, {"name", "ordering", "nulls_ordering"})) {
      refuse("an index over something else than columns: name columns");
      return work;
    }
    const int at = table->find(node.index_elem->name);
    if (at < 0)
      refuse("column " + in_quotes(node.index_elem->name) + " is not in table " + in_quotes(table->name));
    work.into.push_back(at);
  }
  return work;
}

WorkStatement Reader::analyse(const PgQuery__VacuumStmt& statement) {
  WorkStatement work;
  work.kind = WorkStatement::Kind::analyse;
  knows(statement.base, {"rels"});
  if (statement.is_vacuumcmd != 0) refuse("VACUUM is the database's own work: leave it out");
  if (statement.n_rels > 1) refuse("ANALYZE of several tables: send each as a step of its own");
  if (failed()) return work;
  if (statement.n_rels == 0) {
    work.kind = WorkStatement::Kind::nothing;
    return work;
  }
  const Node& node = *statement.rels[0];
  if (node.node_case != PG_QUERY__NODE__NODE_VACUUM_RELATION ||
      !knows(node.vacuum_relation->base, {"relation"})) {
    refuse("ANALYZE takes a table alone");
    return work;
  }
  const Table* table = existing(node.vacuum_relation->relation);
  if (table != nullptr) work.table = table->name;
  return work;
}

}  // namespace sceau::source
