// INSERT into a table of the workspace: of a SELECT, or of constants.
#include <algorithm>

#include "reader.h"

namespace sceau::source {
namespace {

// A constant, alone, with a sign or a type before it.
bool is_constant(const Node& node) {
  if (node.node_case == PG_QUERY__NODE__NODE_A_CONST) return true;
  if (node.node_case == PG_QUERY__NODE__NODE_TYPE_CAST)
    return node.type_cast->arg != nullptr && node.type_cast->arg->node_case == PG_QUERY__NODE__NODE_A_CONST;
  return node.node_case == PG_QUERY__NODE__NODE_A_EXPR && node.a_expr->lexpr == nullptr &&
         node.a_expr->rexpr != nullptr && node.a_expr->rexpr->node_case == PG_QUERY__NODE__NODE_A_CONST;
}

// What it is in a column of that type. Nothing: a text where a number is meant.
std::optional<Expression> fitted(Expression value, Type type) {
  if (value.kind == Expression::Kind::cast) {
    Expression inside = std::move(value.children[0]);
    value = std::move(inside);
  }
  if (value.kind == Expression::Kind::negate && value.children[0].kind == Expression::Kind::number) {
    Expression number = std::move(value.children[0]);
    number.text = number.text[0] == '-' ? number.text.substr(1) : "-" + number.text;
    value = std::move(number);
  }
  if (value.kind == Expression::Kind::number && type == Type::text) value.kind = Expression::Kind::text;
  const bool fits = value.kind == Expression::Kind::null ||
                    (value.kind == Expression::Kind::text && type == Type::text) ||
                    (value.kind == Expression::Kind::number && type != Type::text);
  if (!fits) return std::nullopt;
  value.type = type;
  return value;
}

}  // namespace

WorkStatement Reader::insert(const PgQuery__InsertStmt& statement) {
  WorkStatement work;
  work.kind = WorkStatement::Kind::insert;
  knows(statement.base, {"relation", "cols", "select_stmt", "override", "with_clause", "on_conflict_clause"});
  if (statement.override > PG_QUERY__OVERRIDING_KIND__OVERRIDING_NOT_SET)
    refuse("OVERRIDING is not followed");
  if (statement.on_conflict_clause != nullptr) on_conflict(*statement.on_conflict_clause, work);
  const Table* table = failed() ? nullptr : existing(statement.relation);
  if (table == nullptr) return work;
  work.table = table->name;
  if (statement.select_stmt == nullptr ||
      statement.select_stmt->node_case != PG_QUERY__NODE__NODE_SELECT_STMT) {
    refuse("INSERT of something that is neither SELECT nor VALUES");
    return work;
  }
  const PgQuery__SelectStmt& given = *statement.select_stmt->select_stmt;
  insert_columns(statement, *table, work);
  if (failed()) return work;
  if (given.n_values_lists > 0 && statement.with_clause == nullptr) {
    insert_values(given, *table, work);
    return work;
  }
  const Ctes ctes = ctes_of(statement.with_clause, nullptr);
  work.select = select(given, nullptr, &ctes);
  check_ctes_used(statement.with_clause);
  if (failed()) return work;
  auto& outputs = work.select->outputs;
  if (statement.n_cols == 0 && outputs.size() < work.into.size()) work.into.resize(outputs.size());
  if (outputs.size() != work.into.size()) {
    refuse("INSERT gives " + std::to_string(outputs.size()) + " values for " +
           std::to_string(work.into.size()) + " columns");
    return work;
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const Column& column = table->columns[static_cast<std::size_t>(work.into[i])];
    if (outputs[i].value.kind != Kind::null &&
        (outputs[i].value.type == Type::text) != (column.type == Type::text))
      refuse("column " + in_quotes(column.name) + " of INSERT mixes text and numbers: convert with CAST");
    // The text around it names them so that each is there once.
    name_output(*work.select, i, "c" + std::to_string(i + 1));
  }
  if (!failed()) insert_defaults(*table, work);
  return work;
}

// No constraint is made that a row could be against.
void Reader::on_conflict(const PgQuery__OnConflictClause& clause, WorkStatement& work) {
  if (clause.action != PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_NOTHING)
    return refuse(
        "ON CONFLICT DO UPDATE needs a constraint, and none is made: write UPDATE … FROM, then INSERT … "
        "SELECT of "
        "those that are not there");
  work.notices.emplace_back(
      "ON CONFLICT DO NOTHING is left out: no constraint is made, so that every row goes in; SELECT DISTINCT "
      "and NOT IN (SELECT …) leave out what is there");
}

// Its default, or NULL.
Expression Reader::default_value(const Column& column) {
  Expression constant;
  if (!column.otherwise) return constant;
  constant.kind = column.type == Type::text ? Kind::text : Kind::number;
  constant.type = column.type;
  constant.text = *column.otherwise;
  return finish(std::move(constant));
}

// What INSERT does not name gets its default, as if it were written.
void Reader::insert_defaults(const Table& table, WorkStatement& work) {
  for (std::size_t at = 0; at < table.columns.size(); ++at) {
    const Column& column = table.columns[at];
    const auto position = static_cast<int>(at);
    if (!column.otherwise || std::find(work.into.begin(), work.into.end(), position) != work.into.end())
      continue;
    Expression constant = default_value(column);
    work.into.push_back(position);
    for (auto& row : work.rows) row.push_back(constant);
    if (!work.select) continue;
    if (work.select->combine != Select::Combine::none || !work.select->values.empty())
      work.select = around(std::move(*work.select));
    work.select->outputs.push_back({"c" + std::to_string(work.into.size()), std::move(constant)});
  }
}

void Reader::insert_columns(const PgQuery__InsertStmt& statement, const Table& table, WorkStatement& work) {
  for (std::size_t i = 0; i < statement.n_cols && !failed(); ++i) {
    const Node& node = *statement.cols[i];
    if (node.node_case != PG_QUERY__NODE__NODE_RES_TARGET || !knows(node.res_target->base, {"name"}))
      return refuse("a column of INSERT that is no plain name");
    const int at = table.find(node.res_target->name);
    if (at < 0)
      return refuse("column " + in_quotes(node.res_target->name) + " is not in table " +
                    in_quotes(table.name));
    if (std::find(work.into.begin(), work.into.end(), at) != work.into.end())
      return refuse("column " + in_quotes(node.res_target->name) + " is twice in one INSERT");
    work.into.push_back(at);
  }
  for (std::size_t i = 0; statement.n_cols == 0 && i < table.columns.size(); ++i)
    work.into.push_back(static_cast<int>(i));
}

void Reader::insert_values(const PgQuery__SelectStmt& values, const Table& table, WorkStatement& work) {
  work.kind = WorkStatement::Kind::insert_values;
  knows(values.base, {"values_lists", "limit_option", "op"});
  for (std::size_t r = 0; r < values.n_values_lists && !failed(); ++r) {
    const Node& list = *values.values_lists[r];
    if (list.node_case != PG_QUERY__NODE__NODE_LIST) return refuse("VALUES that are not followed");
    if (r == 0 && table.columns.size() == work.into.size() && list.list->n_items < work.into.size())
      work.into.resize(list.list->n_items);
    if (list.list->n_items != work.into.size() || work.into.empty())
      return refuse("row " + std::to_string(r + 1) + " of VALUES has another number of values than columns");
    std::vector<Expression> row;
    for (std::size_t i = 0; i < work.into.size() && !failed(); ++i) {
      const Column& column = table.columns[static_cast<std::size_t>(work.into[i])];
      const bool otherwise = list.list->items[i]->node_case == PG_QUERY__NODE__NODE_SET_TO_DEFAULT;
      auto fits = otherwise ? std::optional(default_value(column))
                            : constant_in(*list.list->items[i], column, "VALUES");
      if (!fits) return;
      row.push_back(std::move(*fits));
    }
    work.rows.push_back(std::move(row));
  }
  if (!failed()) insert_defaults(table, work);
}

// A constant for that column; nothing: it was refused.
std::optional<Expression> Reader::constant_in(const Node& node, const Column& column,
                                              const std::string& where) {
  if (!is_constant(node)) {
    refuse(where + " of something else than constants: use INSERT … SELECT");
    return std::nullopt;
  }
  Expression read = value(&node, {});
  if (column.type != Type::text && read.kind == Kind::text) read = cast_to(std::move(read), column.type);
  auto fits = failed() ? std::nullopt : fitted(std::move(read), column.type);
  if (!fits) refuse("column " + in_quotes(column.name) + " of " + where + " mixes text and numbers");
  return fits;
}

}  // namespace sceau::source
