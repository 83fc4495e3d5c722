#include "translator.h"

#include <algorithm>

#include "catalogue_relations.h"

namespace sceau::connect {

std::string name_quoted(std::string_view name) {
  std::string out = "\"";
  for (const char character : name) out.append(character == '"' ? 2 : 1, character);
  return out + "\"";
}

Result<Translated> translate(const PgQuery__SelectStmt& select) { return Translator().run(select); }

Result<Translated> Translator::run(const PgQuery__SelectStmt& statement) {
  Translated made;
  types_ = &made.types;
  made.sql = select(statement);
  if (failed_) return *failed_;
  return made;
}

Translator::Part Translator::refuse(const std::string& what, ErrorKind kind) {
  if (!failed_) {
    failed_ = Error{kind, kind == ErrorKind::not_found ? what
                                                       : "a question to the system catalogue: " + what +
                                                             " is not answered by this version"};
  }
  return {"NULL", kUnspecified};
}

std::string Translator::with(const PgQuery__WithClause* clause) {
  if (clause == nullptr) return {};
  std::string sql = clause->recursive != 0 ? "WITH RECURSIVE " : "WITH ";
  for (std::size_t i = 0; i < clause->n_ctes; ++i) {
    const auto& cte = *clause->ctes[i]->common_table_expr;
    if (clause->recursive != 0) ctes_.emplace_back(cte.ctename);
    if (i > 0) sql += ", ";
    sql += name_quoted(cte.ctename);
    for (std::size_t column = 0; column < cte.n_aliascolnames; ++column) {
      sql.append(column == 0 ? "(" : ", ").append(name_quoted(string_of(cte.aliascolnames[column])));
    }
    if (cte.n_aliascolnames > 0) sql += ")";
    if (cte.ctequery->node_case != PG_QUERY__NODE__NODE_SELECT_STMT) return refuse("WITH of a change").sql;
    sql.append(" AS (").append(select(*cte.ctequery->select_stmt)).append(")");
    if (clause->recursive == 0) ctes_.emplace_back(cte.ctename);
  }
  return sql + " ";
}

std::string Translator::select(const PgQuery__SelectStmt& statement, const std::vector<std::string>& names) {
  if (++depth_ > 40) return refuse("a query that nests so deeply").sql;
  auto* const types = types_;
  types_ = nullptr;  // what WITH and FROM hold says nothing of the outermost results
  std::string sql = with(statement.with_clause);
  types_ = types;
  if (statement.into_clause != nullptr) refuse("INTO");
  sql += statement.op == PG_QUERY__SET_OPERATION__SETOP_NONE ? plain(statement, names)
                                                             : combined(statement, names);
  types_ = nullptr;
  sql += tail(statement);
  --depth_;
  return sql;
}

// SQLite combines from left to right and knows no parentheses there: a side that needs them becomes a SELECT
// of one.
std::string Translator::side(const PgQuery__SelectStmt& statement, bool right,
                             const std::vector<std::string>& names) {
  const bool tail = statement.n_sort_clause > 0 || statement.limit_count != nullptr ||
                    statement.limit_offset != nullptr || statement.with_clause != nullptr;
  const bool whole = tail || (right && statement.op != PG_QUERY__SET_OPERATION__SETOP_NONE);
  const std::string sql = select(statement, names);
  return whole ? "SELECT * FROM (" + sql + ")" : sql;
}

std::string Translator::combined(const PgQuery__SelectStmt& statement,
                                 const std::vector<std::string>& names) {
  std::string_view word = " UNION ";
  if (statement.op == PG_QUERY__SET_OPERATION__SETOP_INTERSECT) word = " INTERSECT ";
  if (statement.op == PG_QUERY__SET_OPERATION__SETOP_EXCEPT) word = " EXCEPT ";
  if (statement.all != 0 && statement.op != PG_QUERY__SET_OPERATION__SETOP_UNION)
    refuse("INTERSECT or EXCEPT ALL");
  std::string sql = side(*statement.larg, false, names);
  sql.append(statement.all != 0 ? " UNION ALL " : word);
  return sql.append(side(*statement.rarg, true, {}));
}

std::string Translator::plain(const PgQuery__SelectStmt& statement, const std::vector<std::string>& names) {
  if (statement.n_values_lists > 0) return values_lists(statement);
  std::string sql = "SELECT ";
  if (statement.n_distinct_clause > 0) {
    if (statement.distinct_clause[0] != nullptr &&
        statement.distinct_clause[0]->node_case != PG_QUERY__NODE__NODE__NOT_SET)
      refuse("DISTINCT ON");
    sql += "DISTINCT ";
  }
  sql += targets(statement, names);
  types_ = nullptr;
  for (std::size_t i = 0; i < statement.n_from_clause; ++i) {
    sql.append(i == 0 ? " FROM " : ", ").append(from(*statement.from_clause[i]));
  }
  if (statement.where_clause != nullptr) sql.append(" WHERE ").append(value(statement.where_clause).sql);
  for (std::size_t i = 0; i < statement.n_group_clause; ++i) {
    sql.append(i == 0 ? " GROUP BY " : ", ").append(value(statement.group_clause[i]).sql);
  }
  if (statement.having_clause != nullptr) sql.append(" HAVING ").append(value(statement.having_clause).sql);
  if (statement.n_window_clause > 0) refuse("WINDOW");
  return sql;
}

std::string Translator::values_lists(const PgQuery__SelectStmt& statement) {
  std::string sql = "VALUES ";
  for (std::size_t i = 0; i < statement.n_values_lists; ++i) {
    const auto& row = *statement.values_lists[i]->list;
    sql.append(i == 0 ? "(" : ", (").append(list(row.n_items, row.items)).append(")");
  }
  return sql;
}

namespace {

std::string sql_value_name(PgQuery__SQLValueFunctionOp op) {
  switch (op) {
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_DATE:
      return "current_date";
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP:
      return "current_timestamp";
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP:
      return "localtimestamp";
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_ROLE:
      return "current_role";
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_USER:
      return "current_user";
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_USER:
      return "user";
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_SESSION_USER:
      return "session_user";
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_CATALOG:
      return "current_catalog";
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_SCHEMA:
      return "current_schema";
    default:
      return "?column?";
  }
}

}  // namespace

// As PostgreSQL names a column that nobody named.
std::string Translator::name_of(const PgQuery__ResTarget& target) {
  if (*target.name != '\0') return target.name;
  const Node* node = target.val;
  while (node != nullptr) {
    switch (node->node_case) {
      case PG_QUERY__NODE__NODE_COLUMN_REF:
        return last_name(node->column_ref->n_fields, node->column_ref->fields);
      case PG_QUERY__NODE__NODE_FUNC_CALL:
        return last_name(node->func_call->n_funcname, node->func_call->funcname);
      case PG_QUERY__NODE__NODE_COLLATE_CLAUSE:
        node = node->collate_clause->arg;
        continue;
      case PG_QUERY__NODE__NODE_TYPE_CAST: {
        const auto* inner = node->type_cast->arg;
        const bool named = inner != nullptr && (inner->node_case == PG_QUERY__NODE__NODE_COLUMN_REF ||
                                                inner->node_case == PG_QUERY__NODE__NODE_FUNC_CALL);
        if (!named) return last_name(node->type_cast->type_name->n_names, node->type_cast->type_name->names);
        node = inner;
        continue;
      }
      case PG_QUERY__NODE__NODE_CASE_EXPR:
        return "case";
      case PG_QUERY__NODE__NODE_COALESCE_EXPR:
        return "coalesce";
      case PG_QUERY__NODE__NODE_A_ARRAY_EXPR:
        return "array";
      case PG_QUERY__NODE__NODE_SUB_LINK:
        return node->sub_link->sub_link_type == PG_QUERY__SUB_LINK_TYPE__EXISTS_SUBLINK ? "exists"
                                                                                        : "?column?";
      case PG_QUERY__NODE__NODE_SQLVALUE_FUNCTION:
        return sql_value_name(node->sqlvalue_function->op);
      default:
        return "?column?";
    }
  }
  return "?column?";
}

std::string Translator::targets(const PgQuery__SelectStmt& statement, const std::vector<std::string>& names) {
  auto* const types = std::exchange(types_, nullptr);
  std::string sql;
  bool star = false;
  for (std::size_t i = 0; i < statement.n_target_list; ++i) {
    const auto& target = *statement.target_list[i]->res_target;
    const Part part = value(target.val);
    sql.append(i == 0 ? "" : ", ").append(part.sql);
    if (part.sql.ends_with('*')) {
      star = true;
      continue;
    }
    sql.append(" AS ").append(name_quoted(i < names.size() ? names[i] : name_of(target)));
    if (types != nullptr) types->push_back(part.type);
  }
  if (types != nullptr && star) types->clear();
  return sql.empty() ? "NULL" : sql;
}

std::string Translator::ordering(std::size_t count, Nodes nodes) {
  std::string sql;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& sort = *nodes[i]->sort_by;
    if (sort.n_use_op > 0) refuse("ORDER BY … USING");
    const bool down = sort.sortby_dir == PG_QUERY__SORT_BY_DIR__SORTBY_DESC;
    const bool first = sort.sortby_nulls == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_FIRST ||
                       (down && sort.sortby_nulls != PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_LAST);
    sql.append(i == 0 ? " ORDER BY " : ", ").append(value(sort.node).sql).append(down ? " DESC" : " ASC");
    sql.append(first ? " NULLS FIRST" : " NULLS LAST");
  }
  return sql;
}

std::string Translator::tail(const PgQuery__SelectStmt& statement) {
  std::string sql = ordering(statement.n_sort_clause, statement.sort_clause);
  const bool limit = statement.limit_count != nullptr && constant_text(statement.limit_count).has_value();
  if (limit || statement.limit_offset != nullptr)
    sql.append(" LIMIT ").append(limit ? value(statement.limit_count).sql : std::string("-1"));
  if (statement.limit_offset != nullptr) sql.append(" OFFSET ").append(value(statement.limit_offset).sql);
  return sql;
}

std::string Translator::from(const Node& node) {
  switch (node.node_case) {
    case PG_QUERY__NODE__NODE_RANGE_VAR:
      return from_table(*node.range_var);
    case PG_QUERY__NODE__NODE_RANGE_SUBSELECT:
      return from_select(*node.range_subselect);
    case PG_QUERY__NODE__NODE_RANGE_FUNCTION:
      return from_function(*node.range_function);
    case PG_QUERY__NODE__NODE_JOIN_EXPR:
      return join(*node.join_expr);
    default:
      return refuse("this part of FROM").sql;
  }
}

std::string Translator::from_table(const PgQuery__RangeVar& range) {
  const std::string_view schema = range.schemaname;
  const bool cte = schema.empty() && std::find(ctes_.begin(), ctes_.end(), range.relname) != ctes_.end();
  std::string sql;
  if (!cte) {
    const std::string_view where = schema.empty() ? "pg_catalog" : schema;
    if (!catalogue_has(where, range.relname))
      return refuse("relation \"" + std::string(range.relname) + "\" does not exist", ErrorKind::not_found)
          .sql;
    sql = name_quoted(where) + ".";
  }
  sql += name_quoted(range.relname);
  if (range.alias != nullptr) {
    if (range.alias->n_colnames > 0) refuse("columns named anew in FROM");
    sql.append(" AS ").append(name_quoted(range.alias->aliasname));
  }
  return sql;
}

std::string Translator::from_select(const PgQuery__RangeSubselect& range) {
  if (range.subquery == nullptr || range.subquery->node_case != PG_QUERY__NODE__NODE_SELECT_STMT)
    return refuse("this part of FROM").sql;
  std::vector<std::string> names;
  if (range.alias != nullptr) {
    names.reserve(range.alias->n_colnames);
    for (std::size_t i = 0; i < range.alias->n_colnames; ++i)
      names.emplace_back(string_of(range.alias->colnames[i]));
  }
  if (!names.empty() && range.subquery->select_stmt->n_values_lists > 0) return refuse("VALUES in FROM").sql;
  std::string sql = "(" + select(*range.subquery->select_stmt, names) + ")";
  if (range.alias != nullptr) sql.append(" AS ").append(name_quoted(range.alias->aliasname));
  return sql;
}

// generate_series() and unnest(), as clients use them to look through arrays.
std::string Translator::from_function(const PgQuery__RangeFunction& range) {
  if (range.n_functions != 1 || range.ordinality != 0 || range.functions[0]->list->n_items == 0)
    return refuse("several functions in FROM").sql;
  const Node* node = range.functions[0]->list->items[0];
  if (node->node_case != PG_QUERY__NODE__NODE_FUNC_CALL) return refuse("this part of FROM").sql;
  const auto& call = *node->func_call;
  const std::string called = last_name(call.n_funcname, call.funcname);
  std::string alias = called;
  std::string column = called;
  if (range.alias != nullptr) {
    alias = column = range.alias->aliasname;
    if (range.alias->n_colnames == 1) column = string_of(range.alias->colnames[0]);
  }
  const std::string named = name_quoted(column);
  if (called == "generate_series" && call.n_args == 2) {
    const std::string last = value(call.args[1]).sql;
    return "(WITH RECURSIVE g(v) AS (SELECT " + value(call.args[0]).sql +
           " UNION ALL SELECT v + 1 FROM g WHERE v < " + last + " LIMIT 10000) SELECT v AS " + named +
           " FROM g WHERE v <= " + last + ") AS " + name_quoted(alias);
  }
  if (called == "unnest" && call.n_args == 1) {
    return "(SELECT value AS " + named + " FROM json_each(array_json(" + value(call.args[0]).sql + "))) AS " +
           name_quoted(alias);
  }
  return refuse("function " + called + "() in FROM").sql;
}

std::string Translator::join(const PgQuery__JoinExpr& join) {
  std::string_view word = join.quals == nullptr && join.n_using_clause == 0 ? " CROSS JOIN " : " JOIN ";
  if (join.jointype == PG_QUERY__JOIN_TYPE__JOIN_LEFT) word = " LEFT JOIN ";
  if (join.jointype == PG_QUERY__JOIN_TYPE__JOIN_RIGHT) word = " RIGHT JOIN ";
  if (join.jointype == PG_QUERY__JOIN_TYPE__JOIN_FULL) word = " FULL JOIN ";
  if (join.alias != nullptr) refuse("a join with a name of its own");
  std::string sql = from(*join.larg);
  if (join.is_natural != 0) sql += " NATURAL";
  const bool nested = join.rarg->node_case == PG_QUERY__NODE__NODE_JOIN_EXPR;
  sql.append(word).append(nested ? "(" : "").append(from(*join.rarg)).append(nested ? ")" : "");
  if (join.quals != nullptr) sql.append(" ON ").append(value(join.quals).sql);
  for (std::size_t i = 0; i < join.n_using_clause; ++i) {
    sql.append(i == 0 ? " USING (" : ", ").append(name_quoted(string_of(join.using_clause[i])));
  }
  if (join.n_using_clause > 0) sql += ")";
  return sql;
}

}  // namespace sceau::connect
