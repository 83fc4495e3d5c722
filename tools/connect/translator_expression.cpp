#include <algorithm>

#include "catalogue_functions.h"
#include "translator.h"

namespace sceau::connect {
namespace {

bool is_array(const PgQuery__TypeName& type) { return type.n_array_bounds > 0; }

}  // namespace

Translator::Part Translator::value(const Node* node) {
  if (node == nullptr) return refuse("an empty expression");
  if (++depth_ > 200) return refuse("a query that nests so deeply");
  Part part = one_of(*node);
  --depth_;
  return part;
}

Translator::Part Translator::one_of(const Node& node) {
  switch (node.node_case) {
    case PG_QUERY__NODE__NODE_A_CONST:
      return constant(*node.a_const);
    case PG_QUERY__NODE__NODE_COLUMN_REF:
      return column(*node.column_ref);
    case PG_QUERY__NODE__NODE_A_EXPR:
      return operation(*node.a_expr);
    case PG_QUERY__NODE__NODE_BOOL_EXPR:
      return logic(*node.bool_expr);
    case PG_QUERY__NODE__NODE_NULL_TEST:
      return {"(" + value(node.null_test->arg).sql +
                  (node.null_test->nulltesttype == PG_QUERY__NULL_TEST_TYPE__IS_NULL ? " IS NULL)"
                                                                                     : " IS NOT NULL)"),
              kBool};
    case PG_QUERY__NODE__NODE_BOOLEAN_TEST:
      return truth(*node.boolean_test);
    case PG_QUERY__NODE__NODE_CASE_EXPR:
      return cases(*node.case_expr);
    case PG_QUERY__NODE__NODE_COALESCE_EXPR: {
      const auto& expression = *node.coalesce_expr;
      const Part first = expression.n_args > 0 ? value(expression.args[0]) : Part{};
      return {"coalesce(" + list(expression.n_args, expression.args) + ", NULL)", first.type};
    }
    case PG_QUERY__NODE__NODE_MIN_MAX_EXPR:
      return {(node.min_max_expr->op == PG_QUERY__MIN_MAX_OP__IS_GREATEST ? "max(" : "min(") +
                  list(node.min_max_expr->n_args, node.min_max_expr->args) + ")",
              kUnspecified};
    case PG_QUERY__NODE__NODE_SUB_LINK:
      return sublink(*node.sub_link);
    case PG_QUERY__NODE__NODE_FUNC_CALL:
      return function(*node.func_call);
    case PG_QUERY__NODE__NODE_TYPE_CAST:
      return cast(*node.type_cast);
    case PG_QUERY__NODE__NODE_COLLATE_CLAUSE:
      return value(node.collate_clause->arg);
    case PG_QUERY__NODE__NODE_SQLVALUE_FUNCTION:
      return sql_value(*node.sqlvalue_function);
    case PG_QUERY__NODE__NODE_A_ARRAY_EXPR:
      return {"array_of(" + list(node.a_array_expr->n_elements, node.a_array_expr->elements) + ")",
              kTextArray};
    case PG_QUERY__NODE__NODE_A_INDIRECTION:
      return indirection(*node.a_indirection);
    case PG_QUERY__NODE__NODE_ROW_EXPR:
      return {"(" + list(node.row_expr->n_args, node.row_expr->args) + ")", kUnspecified};
    case PG_QUERY__NODE__NODE_PARAM_REF:
      return {"NULL", kText};  // a statement that is described before it has values
    default:
      return refuse("this kind of expression");
  }
}

std::string Translator::list(std::size_t count, Nodes nodes) {
  std::string sql;
  for (std::size_t i = 0; i < count; ++i) sql.append(i == 0 ? "" : ", ").append(value(nodes[i]).sql);
  return sql;
}

Translator::Part Translator::constant(const PgQuery__AConst& constant) {
  if (constant.isnull != 0) return {"NULL", kText};
  switch (constant.val_case) {
    case PG_QUERY__A__CONST__VAL_IVAL:
      return {std::to_string(constant.ival->ival), kInt4};
    case PG_QUERY__A__CONST__VAL_FVAL: {
      const std::string_view text = constant.fval->fval;
      const bool whole = text.find_first_not_of("0123456789") == std::string_view::npos;
      return {std::string(text), whole ? kInt8 : kFloat8};
    }
    case PG_QUERY__A__CONST__VAL_BOOLVAL:
      return {constant.boolval->boolval != 0 ? "1" : "0", kBool};
    case PG_QUERY__A__CONST__VAL_SVAL:
      return {text_quoted(constant.sval->sval), kText};
    default:
      return constant.val_case == PG_QUERY__A__CONST__VAL__NOT_SET ? Part{"0", kInt4}
                                                                   : refuse("this constant");
  }
}

// The last two parts of a name: a schema before them says nothing more.
Translator::Part Translator::column(const PgQuery__ColumnRef& ref) {
  std::string sql;
  for (std::size_t i = ref.n_fields > 2 ? ref.n_fields - 2 : 0; i < ref.n_fields; ++i) {
    if (!sql.empty()) sql += '.';
    const bool star = ref.fields[i]->node_case == PG_QUERY__NODE__NODE_A_STAR;
    sql += star ? std::string("*") : name_quoted(string_of(ref.fields[i]));
  }
  return {sql, kUnspecified};
}

Translator::Part Translator::logic(const PgQuery__BoolExpr& expression) {
  if (expression.boolop == PG_QUERY__BOOL_EXPR_TYPE__NOT_EXPR)
    return {"(NOT " + value(expression.args[0]).sql + ")", kBool};
  const std::string_view word = expression.boolop == PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR ? " AND " : " OR ";
  std::string sql = "(";
  for (std::size_t i = 0; i < expression.n_args; ++i)
    sql.append(i == 0 ? std::string_view() : word).append(value(expression.args[i]).sql);
  return {sql + ")", kBool};
}

Translator::Part Translator::truth(const PgQuery__BooleanTest& test) {
  const std::string arg = value(test.arg).sql;
  switch (test.booltesttype) {
    case PG_QUERY__BOOL_TEST_TYPE__IS_TRUE:
      return {"(" + arg + " IS TRUE)", kBool};
    case PG_QUERY__BOOL_TEST_TYPE__IS_NOT_TRUE:
      return {"(" + arg + " IS NOT TRUE)", kBool};
    case PG_QUERY__BOOL_TEST_TYPE__IS_FALSE:
      return {"(" + arg + " IS FALSE)", kBool};
    case PG_QUERY__BOOL_TEST_TYPE__IS_NOT_FALSE:
      return {"(" + arg + " IS NOT FALSE)", kBool};
    case PG_QUERY__BOOL_TEST_TYPE__IS_UNKNOWN:
      return {"(" + arg + " IS NULL)", kBool};
    default:
      return {"(" + arg + " IS NOT NULL)", kBool};
  }
}

Translator::Part Translator::cases(const PgQuery__CaseExpr& expression) {
  std::string sql = "CASE";
  if (expression.arg != nullptr) sql.append(" ").append(value(expression.arg).sql);
  std::uint32_t type = kUnspecified;
  for (std::size_t i = 0; i < expression.n_args; ++i) {
    const auto& when = *expression.args[i]->case_when;
    const Part result = value(when.result);
    if (type == kUnspecified && result.sql != "NULL") type = result.type;
    sql.append(" WHEN ").append(value(when.expr).sql).append(" THEN ").append(result.sql);
  }
  if (expression.defresult != nullptr) sql.append(" ELSE ").append(value(expression.defresult).sql);
  return {sql + " END", type};
}

Translator::Part Translator::sublink(const PgQuery__SubLink& link) {
  if (link.subselect == nullptr || link.subselect->node_case != PG_QUERY__NODE__NODE_SELECT_STMT)
    return refuse("this subquery");
  auto* const types = std::exchange(types_, nullptr);
  Part part;
  const auto& inner = *link.subselect->select_stmt;
  switch (link.sub_link_type) {
    case PG_QUERY__SUB_LINK_TYPE__EXISTS_SUBLINK:
      part = {"EXISTS (" + select(inner) + ")", kBool};
      break;
    case PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK: {
      std::vector<std::uint32_t> of_inner;
      types_ = &of_inner;
      part.sql = "(" + select(inner) + ")";
      part.type = of_inner.size() == 1 ? of_inner.front() : static_cast<std::uint32_t>(kUnspecified);
      break;
    }
    case PG_QUERY__SUB_LINK_TYPE__ANY_SUBLINK:
      if (link.n_oper_name > 0 && last_name(link.n_oper_name, link.oper_name) != "=")
        return refuse("this ANY");
      part = {"(" + value(link.testexpr).sql + " IN (" + select(inner) + "))", kBool};
      break;
    case PG_QUERY__SUB_LINK_TYPE__ARRAY_SUBLINK:
      part = {"(SELECT '{' || coalesce(group_concat(v), '') || '}' FROM (" + select(inner, {"v"}) + "))",
              kTextArray};
      break;
    default:
      part = refuse("this subquery");
  }
  types_ = types;
  return part;
}

Translator::Part Translator::cast_to_text(const Part& from) {
  if (from.type == kBool)
    return {"CASE WHEN " + from.sql + " THEN 'true' WHEN NOT " + from.sql + " THEN 'false' END", kText};
  if (from.type == kRegclass) return {"regclass_text(" + from.sql + ")", kText};
  if (from.type == kRegtype) return {"format_type(" + from.sql + ", NULL)", kText};
  return {"CAST(" + from.sql + " AS TEXT)", kText};
}

Translator::Part Translator::cast(const PgQuery__TypeCast& expression) {
  const auto& type = *expression.type_name;
  const std::string name = last_name(type.n_names, type.names);
  if (expression.arg != nullptr && expression.arg->node_case == PG_QUERY__NODE__NODE_PARAM_REF)
    return {"NULL", type_of(name) == 0 ? static_cast<std::uint32_t>(kText) : type_of(name)};
  const Part from = value(expression.arg);
  if (is_array(type)) return {from.sql, kTextArray};
  if (name == "regclass" || name == "regtype" || name == "regproc" || name == "regnamespace") {
    if (name == "regproc") return {from.sql, kText};
    const std::uint32_t to = name == "regtype" ? kRegtype : name == "regclass" ? kRegclass : kOid;
    return {name + "(" + from.sql + ")", to};
  }
  if (name == "text" || name == "varchar" || name == "name" || name == "bpchar" || name == "char" ||
      name == "sql_identifier" || name == "character_data") {
    Part made = cast_to_text(from);
    if (name == "name") made.type = kName;
    return made;
  }
  if (name == "int2" || name == "int4" || name == "int8" || name == "oid" || name == "cardinal_number" ||
      name == "xid")
    return {"CAST(" + from.sql + " AS INTEGER)",
            type_of(name) == 0 ? static_cast<std::uint32_t>(kInt4) : type_of(name)};
  if (name == "float4" || name == "float8" || name == "numeric")
    return {"CAST(" + from.sql + " AS REAL)", kFloat8};
  if (name == "bool") {
    if (from.type == kBool || from.type == kInt4) return {from.sql, kBool};
    return {"(lower(" + from.sql + ") IN ('t', 'true', 'on', 'yes', '1'))", kBool};
  }
  if (name == "date" || name == "timestamp" || name == "timestamptz" || name == "interval" ||
      name == "unknown")
    return {from.sql, kText};
  return refuse("type " + name);
}

Translator::Part Translator::indirection(const PgQuery__AIndirection& expression) {
  if (expression.n_indirection != 1) return refuse("a part of a part");
  const Node& step = *expression.indirection[0];
  // A field of a composite: only _pg_expandarray() makes one, over indexes, of which there are none.
  if (step.node_case == PG_QUERY__NODE__NODE_STRING) return {"NULL", kInt4};
  if (step.node_case != PG_QUERY__NODE__NODE_A_INDICES || step.a_indices->is_slice != 0)
    return refuse("a slice");
  return {"array_element(" + value(expression.arg).sql + ", " + value(step.a_indices->uidx).sql + ")", kText};
}

Translator::Part Translator::sql_value(const PgQuery__SQLValueFunction& function) {
  switch (function.op) {
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_DATE:
      return {"date('now')", kDate};
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP:
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP:
      return {"now()", kTimestamptz};
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_ROLE:
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_USER:
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_USER:
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_SESSION_USER:
      return {"current_user()", kName};
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_CATALOG:
      return {"current_database()", kName};
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_SCHEMA:
      return {"current_schema()", kName};
    default:
      return refuse("this function of time");
  }
}

Translator::Part Translator::over(const Part& function, const PgQuery__WindowDef& window) {
  if (*window.refname != '\0') return refuse("a window with a name");
  std::string sql = function.sql + " OVER (";
  if (window.n_partition_clause > 0)
    sql.append("PARTITION BY ").append(list(window.n_partition_clause, window.partition_clause));
  sql.append(ordering(window.n_order_clause, window.order_clause)).append(")");
  return {sql, function.type};
}

Translator::Part Translator::function(const PgQuery__FuncCall& call) {
  const std::string name = last_name(call.n_funcname, call.funcname);
  const auto* known = find_function(name);
  if (known == nullptr) return refuse("function " + name + "() does not exist here", ErrorKind::not_found);
  if (call.agg_filter != nullptr || call.agg_within_group != 0) return refuse("FILTER or WITHIN GROUP");
  std::string arguments = call.agg_star != 0 ? "*" : list(call.n_args, call.args);
  if (call.agg_distinct != 0) arguments = "DISTINCT " + arguments;
  Part part{std::string(known->sql) + "(" + arguments + ")", known->type};
  if (name == "array_agg" || name == "string_agg") {
    part.sql = name == "array_agg" ? "('{' || group_concat(" + arguments + ") || '}')" : part.sql;
  }
  return call.over != nullptr ? over(part, *call.over) : part;
}

}  // namespace sceau::connect
