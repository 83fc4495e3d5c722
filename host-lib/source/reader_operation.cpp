// Operators between values.
#include "reader.h"

namespace sceau::source {

Expression Reader::operation(const PgQuery__AExpr& expression, const Place& place) {
  Expression read;
  switch (expression.kind) {
    case PG_QUERY__A__EXPR__KIND__AEXPR_OP:
      break;
    case PG_QUERY__A__EXPR__KIND__AEXPR_NULLIF: {
      std::vector<Expression> both;
      both.push_back(value(expression.lexpr, place));
      both.push_back(value(expression.rexpr, place));
      return failed() ? read : plain_function("nullif", std::move(both));
    }
    case PG_QUERY__A__EXPR__KIND__AEXPR_IN:
      return in_list(expression, place);
    case PG_QUERY__A__EXPR__KIND__AEXPR_LIKE:
      return like(expression, place);
    case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN:
    case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN:
      return between(expression, place);
    default:
      refuse("operator kind " + std::to_string(static_cast<int>(expression.kind)) +
             " (ILIKE, SIMILAR TO, IS DISTINCT FROM, ANY, ALL, BETWEEN SYMMETRIC) is not followed: use =, "
             "IN, LIKE or BETWEEN");
      return read;
  }
  return computed(expression, place);
}

Expression Reader::computed(const PgQuery__AExpr& expression, const Place& place) {
  Expression read;
  const std::string name = operator_name(expression.n_name, expression.name);
  if (failed()) return read;
  if (expression.lexpr == nullptr && name == "-") {
    read.kind = Kind::negate;
    read.children.push_back(value(expression.rexpr, place));
    require_type(read.children[0], Type::real, "a minus sign");
    read.type = read.children[0].type;
    return read;
  }
  for (const std::string_view known : {"+", "-", "*", "/", "%"}) {
    if (name != known) continue;
    Expression left = value(expression.lexpr, place);
    Expression right = value(expression.rexpr, place);
    // Two texts are two dates; a number in quotes stays one.
    const bool dates = name == "-" && left.type == Type::text && right.type == Type::text &&
                       left.kind != Kind::null && right.kind != Kind::null &&
                       (left.kind != Kind::text || is_date(left.text)) &&
                       (right.kind != Kind::text || is_date(right.text));
    if (dates && !failed()) return days_between(std::move(left), std::move(right));
    return arithmetic(name, std::move(left), std::move(right));
  }
  if (name == "||") {
    read.kind = Kind::concatenate;
    read.type = Type::text;
    read.children.push_back(value(expression.lexpr, place));
    read.children.push_back(value(expression.rexpr, place));
    for (const Expression& child : read.children) require_type(child, Type::text, "||");
    return read;
  }
  for (const std::string_view known : {"=", "<>", "<", "<=", ">", ">="}) {
    if (name == known) return comparison(expression, place);
  }
  refuse("operator " + in_quotes(name) + " is not on the list of what may be computed");
  return read;
}

}  // namespace sceau::source
