#include <algorithm>

#include "reader.h"

namespace sceau::source {

Expression Reader::predicate(const Node* node, const Place& place) {
  Expression read = any(node, place);
  if (!failed() && !read.is_predicate()) return holds(std::move(read));
  return read;
}

Expression Reader::comparison(const PgQuery__AExpr& expression, const Place& place) {
  if (auto chance = drawn_below(expression)) return std::move(*chance);
  Expression read;
  read.kind = Kind::compare;
  read.text = operator_name(expression.n_name, expression.name);
  read.children.push_back(compared(expression.lexpr, place));
  read.children.push_back(compared(expression.rexpr, place));
  give_types(read);
  if (!failed()) same_class(read.children[0], read.children[1], "comparison " + in_quotes(read.text));
  return read;
}

Expression Reader::in_list(const PgQuery__AExpr& expression, const Place& place) {
  Expression read;
  read.kind = Kind::in_list;
  read.negated = operator_name(expression.n_name, expression.name) == "<>";
  if (expression.rexpr == nullptr || expression.rexpr->node_case != PG_QUERY__NODE__NODE_LIST) {
    refuse("an IN that is not followed: write IN (value, …)");
    return read;
  }
  const PgQuery__List& list = *expression.rexpr->list;
  read.children.push_back(value(expression.lexpr, place));
  for (Expression& item : all_compared(list.n_items, list.items, place))
    read.children.push_back(std::move(item));
  give_types(read);
  for (std::size_t i = 1; i < read.children.size() && !failed(); ++i) {
    same_class(read.children[0], read.children[i], "IN");
  }
  return read;
}

Expression Reader::like(const PgQuery__AExpr& expression, const Place& place) {
  Expression read;
  read.kind = Kind::like;
  const bool any_case = expression.kind == PG_QUERY__A__EXPR__KIND__AEXPR_ILIKE;
  read.negated = operator_name(expression.n_name, expression.name)[0] == '!';
  read.children.push_back(value(expression.lexpr, place));
  read.children.push_back(value(expression.rexpr, place));
  if (failed()) return read;
  // Of ASCII letters alone, as lower() is.
  if (any_case && read.children[1].kind == Kind::text) {
    read.children[0] = plain_function("lower", {std::move(read.children[0])});
    for (char& c : read.children[1].text) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    if (failed()) return read;
  }
  require_type(read.children[0], Type::text, "LIKE");
  const Expression& pattern = read.children[1];
  if (pattern.kind != Kind::text || pattern.text.size() > 100 ||
      pattern.text.find('\\') != std::string::npos) {
    refuse("LIKE needs a quoted pattern of at most 100 characters without backslashes");
  }
  return read;
}

Expression Reader::between(const PgQuery__AExpr& expression, const Place& place) {
  Expression read;
  read.kind = Kind::between;
  read.negated = expression.kind == PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN;
  if (expression.rexpr == nullptr || expression.rexpr->node_case != PG_QUERY__NODE__NODE_LIST ||
      expression.rexpr->list->n_items != 2) {
    refuse("a BETWEEN that is not followed");
    return read;
  }
  read.children.push_back(value(expression.lexpr, place));
  for (Expression& bound : all_compared(2, expression.rexpr->list->items, place))
    read.children.push_back(std::move(bound));
  give_types(read);
  for (std::size_t i = 1; i < read.children.size() && !failed(); ++i) {
    same_class(read.children[0], read.children[i], "BETWEEN");
  }
  return read;
}

Expression Reader::logic(const PgQuery__BoolExpr& expression, const Place& place) {
  Expression read;
  knows(expression.base, {"boolop", "args"});
  read.kind = expression.boolop == PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR  ? Kind::both
              : expression.boolop == PG_QUERY__BOOL_EXPR_TYPE__OR_EXPR ? Kind::either
                                                                       : Kind::negation;
  for (std::size_t i = 0; i < expression.n_args && !failed(); ++i) {
    Expression part = predicate(expression.args[i], place);
    // a AND (b AND c) is one list, as PostgreSQL reads a AND b AND c.
    if (part.kind == read.kind && read.kind != Kind::negation) {
      for (Expression& inner : part.children) read.children.push_back(std::move(inner));
    } else {
      read.children.push_back(std::move(part));
    }
  }
  return read;
}

Expression Reader::null_test(const PgQuery__NullTest& test, const Place& place) {
  Expression read;
  knows(test.base, {"arg", "nulltesttype"});
  read.kind = Kind::is_null;
  read.negated = test.nulltesttype == PG_QUERY__NULL_TEST_TYPE__IS_NOT_NULL;
  read.children.push_back(value(test.arg, place));
  return read;
}

// x IN (SELECT …), or (a, b) IN (SELECT …).
void Reader::before_select(const PgQuery__SubLink& link, const Place& place, Expression& read) {
  const Node* test = link.testexpr;
  if (test == nullptr || test->node_case != PG_QUERY__NODE__NODE_ROW_EXPR) {
    read.children.push_back(value(test, place));
    return;
  }
  read.children = values(test->row_expr->n_args, test->row_expr->args, place);
  if (read.children.empty()) refuse("an empty row before IN (SELECT …)");
}

Expression Reader::subselect(const PgQuery__SubLink& link, const Place& place) {
  Expression read;
  knows(link.base, {"sub_link_type", "testexpr", "oper_name", "subselect"});
  if (link.subselect == nullptr || link.subselect->node_case != PG_QUERY__NODE__NODE_SELECT_STMT) {
    refuse("a SELECT inside an expression that is not followed");
    return read;
  }
  if (link.sub_link_type == PG_QUERY__SUB_LINK_TYPE__EXISTS_SUBLINK) {
    read.kind = Kind::exists;
  } else if (link.sub_link_type == PG_QUERY__SUB_LINK_TYPE__ANY_SUBLINK &&
             (link.n_oper_name == 0 || operator_name(link.n_oper_name, link.oper_name) == "=")) {
    read.kind = Kind::in_select;
    before_select(link, place, read);
  } else if (link.sub_link_type == PG_QUERY__SUB_LINK_TYPE__ALL_SUBLINK &&
             operator_name(link.n_oper_name, link.oper_name) == "<>") {
    // x <> ALL (SELECT …) is NOT (x IN (SELECT …)).
    PgQuery__SubLink in = link;
    in.sub_link_type = PG_QUERY__SUB_LINK_TYPE__ANY_SUBLINK;
    in.n_oper_name = 0;
    return condition_of(Kind::negation, {}, {finish(subselect(in, place))});
  } else if (link.sub_link_type == PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK) {
    return scalar(*link.subselect->select_stmt, place);
  } else {
    refuse(
        "a SELECT inside an expression is followed as a value, as IN (SELECT …) or as EXISTS (SELECT …): "
        "LEFT "
        "JOIN a SELECT in FROM that is grouped by the person key instead");
    return read;
  }
  if (failed()) return {};
  Select inner = select(*link.subselect->select_stmt, place.scope, place.ctes);
  if (failed()) return {};
  if (read.kind == Kind::in_select) {
    if (inner.outputs.size() != read.children.size())
      refuse("IN (SELECT …) needs exactly one result column for each value before it");
    for (std::size_t i = 0; i < read.children.size() && !failed(); ++i) {
      if ((inner.outputs[i].value.type == Type::text) != (read.children[i].type == Type::text))
        refuse("IN (SELECT …) puts text beside a number: convert with CAST");
    }
  }
  read.select = std::make_shared<Select>(std::move(inner));
  return read;
}

}  // namespace sceau::source
