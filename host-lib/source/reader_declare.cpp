// CREATE TABLE t (columns): names, types, labels and defaults. Constraints are read and left out: one that
// fails would tell of data.
#include <algorithm>
#include <array>

#include "reader.h"

namespace sceau::source {
namespace {

constexpr std::size_t most_columns = 300;
constexpr std::size_t longest_default = 200;

std::optional<Type> declared_type(std::string_view name) {
  for (const std::string_view known : {"int2", "int4", "int8"}) {
    if (name == known) return Type::integer;
  }
  // Conditions as values are 1 and 0.
  if (name == "bool") return Type::integer;
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

// Names, types and labels of another table's columns, and their defaults where LIKE asks for them.
void Reader::declare_like(const PgQuery__TableLikeClause& like, WorkStatement& work) {
  constexpr unsigned defaults = 1U << 3U;  // PostgreSQL's CREATE_TABLE_LIKE_DEFAULTS
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
    if ((like.options & defaults) != 0) copy.otherwise = column.otherwise;
    add_declared(std::move(copy), work);
  }
}

void Reader::add_declared(Column column, WorkStatement& work) {
  for (const Column& other : work.columns) {
    if (same_name(other.name, column.name)) refuse("two columns are named " + in_quotes(column.name));
  }
  work.columns.push_back(std::move(column));
}

// The columns that SELECT would give, and no rows: CREATE TABLE … AS … WITH NO DATA.
void Reader::declare_empty(WorkStatement& work) {
  work.kind = WorkStatement::Kind::declare;
  for (const Output& output : work.select->outputs) {
    Column column;
    column.name = output.name;
    column.type = output.value.type;
    column.label = std::min(output.value.label, label_named(catalogue_, output.name));
    work.columns.push_back(std::move(column));
  }
  work.select.reset();
}

// A constraint is not made: whether it holds, and so whether a statement fails, would tell of data. What a
// column is given by itself is no constraint: constants are kept, numbers that count rows are refused.
void Reader::constraint(const PgQuery__Constraint& given, Column* column, WorkStatement& work) {
  switch (given.contype) {
    case PG_QUERY__CONSTR_TYPE__CONSTR_NULL:
      return;
    case PG_QUERY__CONSTR_TYPE__CONSTR_DEFAULT:
      if (column != nullptr) column->otherwise = default_of(given.raw_expr, *column);
      return;
    case PG_QUERY__CONSTR_TYPE__CONSTR_NOTNULL:
    case PG_QUERY__CONSTR_TYPE__CONSTR_CHECK:
    case PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY:
    case PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE:
    case PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN:
    case PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_DEFERRABLE:
    case PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_NOT_DEFERRABLE:
    case PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_DEFERRED:
    case PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_IMMEDIATE:
      work.constrained = true;
      return;
    default:
      return refuse(
          "a column that the database computes or numbers is not followed: use row_number() OVER (ORDER BY "
          "…)");
  }
}

// What INSERT gives the column where it says nothing. Nothing: NULL.
std::optional<std::string> Reader::default_of(const Node* given, const Column& column) {
  if (given == nullptr) return std::nullopt;
  auto constant = constant_in(*given, column, "DEFAULT");
  if (!constant || constant->kind == Kind::null) return std::nullopt;
  if (is_identifying(column.label))
    refuse("column " + in_quotes(column.name) + " is a " + std::string(to_string(column.label)) +
           ", which takes no constants: leave DEFAULT out");
  const bool plain = std::all_of(constant->text.begin(), constant->text.end(),
                                 [](char c) { return static_cast<unsigned char>(c) < 0x7F; });
  if (!plain || constant->text.size() > longest_default)
    refuse("a DEFAULT of more than 200 bytes, or of letters beyond ASCII: write it into the rows");
  return constant->text;
}

Column Reader::declared(const PgQuery__ColumnDef& column, WorkStatement& work) {
  Column made;
  knows(column.base, {"colname", "type_name", "is_local", "constraints"});
  if (failed() || column.type_name == nullptr) return made;
  const PgQuery__TypeName& type = *column.type_name;
  made.name = column.colname;
  check_name(made.name, "a column");
  if (!knows(type.base, {"names", "typmods", "typemod"}) || type.n_names == 0 || type.n_names > 2) {
    refuse("column " + in_quotes(made.name) + " has a type that is not followed: use integer, real or text");
    return made;
  }
  const std::string name = text_of(type.names[type.n_names - 1]);
  if (type.n_names == 2 && text_of(type.names[0]) != "pg_catalog")
    refuse("a column of a type of some schema");
  if (name.ends_with("serial"))
    refuse("column " + in_quotes(made.name) +
           " would number rows as they happen to come: use row_number() OVER (ORDER BY …)");
  const auto known = declared_type(name);
  if (!known)
    refuse("column " + in_quotes(made.name) + " has a type that is not followed: use integer, real or text");
  made.type = known.value_or(Type::text);
  made.label = label_named(catalogue_, made.name);
  for (std::size_t i = 0; i < column.n_constraints && !failed(); ++i) {
    if (column.constraints[i]->node_case == PG_QUERY__NODE__NODE_CONSTRAINT)
      constraint(*column.constraints[i]->constraint, &made, work);
  }
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
  for (std::size_t i = 0; i < statement.n_table_elts && !failed(); ++i) {
    const Node& node = *statement.table_elts[i];
    if (node.node_case == PG_QUERY__NODE__NODE_TABLE_LIKE_CLAUSE) {
      declare_like(*node.table_like_clause, work);
    } else if (node.node_case == PG_QUERY__NODE__NODE_CONSTRAINT) {
      constraint(*node.constraint, nullptr, work);
    } else if (node.node_case == PG_QUERY__NODE__NODE_COLUMN_DEF) {
      add_declared(declared(*node.column_def, work), work);
    } else {
      refuse(in_quotes(node_name(node)) + " in CREATE TABLE is not followed: leave it out");
    }
  }
  if (work.columns.empty() || work.columns.size() > most_columns)
    refuse("a table without columns, or with too many");
  return work;
}

}  // namespace sceau::source
