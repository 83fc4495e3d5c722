// ALTER TABLE of a table of the workspace: its columns and names.
#include <algorithm>

#include "reader.h"

namespace sceau::source {

WorkStatement Reader::alter(const PgQuery__AlterTableStmt& statement) {
  WorkStatement work;
  work.kind = WorkStatement::Kind::alter;
  knows(statement.base, {"relation", "cmds", "objtype", "missing_ok"});
  if (statement.objtype != PG_QUERY__OBJECT_TYPE__OBJECT_TABLE)
    refuse("ALTER of something else than a table");
  const Table* table = failed() ? nullptr : existing(statement.relation);
  if (table == nullptr) return work;
  work.table = table->name;
  for (std::size_t i = 0; i < statement.n_cmds && !failed(); ++i) {
    const Node& node = *statement.cmds[i];
    if (node.node_case != PG_QUERY__NODE__NODE_ALTER_TABLE_CMD) return work;
    const PgQuery__AlterTableCmd& command = *node.alter_table_cmd;
    knows(command.base, {"subtype", "name", "def", "behavior", "missing_ok"});
    if (!failed()) alter_step(command, *table, work);
  }
  if (work.into.size() >= table->columns.size()) refuse("ALTER TABLE would leave no column: drop the table");
  if (table->columns.size() + work.columns.size() > 300) refuse("a table with too many columns");
  for (const auto& [at, value] : work.defaults) {
    if (std::find(work.into.begin(), work.into.end(), at) != work.into.end())
      refuse("ALTER TABLE drops a column and alters it");
  }
  if (work.into.empty() && work.columns.empty() && work.defaults.empty())
    work.kind = WorkStatement::Kind::nothing;
  return work;
}

void Reader::alter_step(const PgQuery__AlterTableCmd& command, const Table& table, WorkStatement& work) {
  const auto is_there = [&](const std::string& name) {
    return table.find(name) >= 0 ||
           std::any_of(work.columns.begin(), work.columns.end(),
                       [&](const Column& other) { return same_name(other.name, name); });
  };
  const Node* def = command.def;
  switch (command.subtype) {
    case PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn: {
      if (def == nullptr || def->node_case != PG_QUERY__NODE__NODE_COLUMN_DEF) return;
      Column column = declared(*def->column_def, work);
      if (is_there(column.name) && command.missing_ok == 0)
        refuse("column " + in_quotes(column.name) + " is in table " + in_quotes(table.name) + " already");
      if (!failed() && !is_there(column.name)) work.columns.push_back(std::move(column));
      return;
    }
    case PG_QUERY__ALTER_TABLE_TYPE__AT_DropColumn: {
      const int at = table.find(command.name);
      if (at < 0 && command.missing_ok == 0)
        refuse("column " + in_quotes(command.name) + " is not in table " + in_quotes(table.name));
      if (at >= 0 && std::find(work.into.begin(), work.into.end(), at) == work.into.end())
        work.into.push_back(at);
      return;
    }
    case PG_QUERY__ALTER_TABLE_TYPE__AT_AddConstraint:
      if (def != nullptr && def->node_case == PG_QUERY__NODE__NODE_CONSTRAINT)
        constraint(*def->constraint, nullptr, work);
      return;
    // There is none.
    case PG_QUERY__ALTER_TABLE_TYPE__AT_DropConstraint:
    case PG_QUERY__ALTER_TABLE_TYPE__AT_SetLogged:
    case PG_QUERY__ALTER_TABLE_TYPE__AT_SetUnLogged:
      return;
    default:
      return alter_column(command, table, work);
  }
}

void Reader::alter_column(const PgQuery__AlterTableCmd& command, const Table& table, WorkStatement& work) {
  const bool is_default = command.subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_ColumnDefault;
  const bool sets = command.subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_SetNotNull;
  if (!is_default && !sets && command.subtype != PG_QUERY__ALTER_TABLE_TYPE__AT_DropNotNull)
    return refuse(
        "ALTER TABLE adds, drops and renames columns, sets their defaults, and renames tables: make the "
        "table "
        "anew instead");
  const int at = table.find(command.name);
  if (at < 0)
    return refuse("column " + in_quotes(command.name) + " is not in table " + in_quotes(table.name));
  work.constrained = work.constrained || sets;
  if (is_default)
    work.defaults.emplace_back(at, default_of(command.def, table.columns[static_cast<std::size_t>(at)]));
}

WorkStatement Reader::rename(const PgQuery__RenameStmt& statement) {
  WorkStatement work;
  work.kind = WorkStatement::Kind::rename;
  knows(statement.base,
        {"rename_type", "relation_type", "relation", "subname", "newname", "behavior", "missing_ok"});
  const bool column = statement.rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_COLUMN;
  if ((!column && statement.rename_type != PG_QUERY__OBJECT_TYPE__OBJECT_TABLE) ||
      (column && statement.relation_type != PG_QUERY__OBJECT_TYPE__OBJECT_TABLE))
    refuse("RENAME of something else than a table or its column");
  const Table* table = failed() ? nullptr : existing(statement.relation);
  if (table == nullptr) return work;
  work.table = table->name;
  work.renamed = statement.newname;
  check_name(work.renamed, column ? "a column" : "a table");
  if (!column) {
    if (catalogue_.find(work.renamed) != nullptr)
      refuse("table " + in_quotes(work.renamed) + " is there already");
    return work;
  }
  const int at = table->find(statement.subname);
  if (at < 0) refuse("column " + in_quotes(statement.subname) + " is not in table " + in_quotes(table->name));
  if (table->find(work.renamed) >= 0) refuse("column " + in_quotes(work.renamed) + " is there already");
  work.into.push_back(at);
  return work;
}

}  // namespace sceau::source
