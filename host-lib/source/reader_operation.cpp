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
    case PG_QUERY__A__EXPR__KIND__AEXPR_ILIKE:
      return like(expression, place);
    case PG_QUERY__A__EXPR__KIND__AEXPR_SIMILAR:
      return similar(expression, place);
    case PG_QUERY__A__EXPR__KIND__AEXPR_OP_ANY:
    case PG_QUERY__A__EXPR__KIND__AEXPR_OP_ALL:
      return array_list(expression, place);
    case PG_QUERY__A__EXPR__KIND__AEXPR_DISTINCT:
    case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_DISTINCT:
      return distinct_from(expression, place);
    case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN_SYM:
    case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN_SYM:
      return symmetric(expression, place);
    case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN:
    case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN:
      return between(expression, place);
    default:
      refuse("operator kind " + std::to_string(static_cast<int>(expression.kind)) +
             " is not followed: use =, IN, LIKE or BETWEEN");
      return read;
  }
  return computed(expression, place);
}

Expression Reader::calculated(const std::string& name, const PgQuery__AExpr& expression, const Place& place) {
  if (name == "+" || name == "-") {
    if (const auto span = span_of(expression.rexpr))
      return shifted(value(expression.lexpr, place), *span, name == "-" ? -1 : 1);
    if (const auto times = times_of(expression.rexpr); times && !failed()) {
      Expression days = arithmetic("*", value(times->second, place), whole_number(times->first.days));
      if (name == "-") days = arithmetic("*", finish(std::move(days)), whole_number(-1));
      return moved("days_after", value(expression.lexpr, place), finish(std::move(days)));
    }
  }
  if (failed()) return {};
  Expression left = value(expression.lexpr, place);
  Expression right = value(expression.rexpr, place);
  // Two texts are two dates; a number in quotes stays one.
  const bool dates = name == "-" && left.type == Type::text && right.type == Type::text &&
                     left.kind != Kind::null && right.kind != Kind::null &&
                     (left.kind != Kind::text || is_date(left.text)) &&
                     (right.kind != Kind::text || is_date(right.text));
  if (dates && !failed()) return days_between(std::move(left), std::move(right));
  const bool moves = (name == "+" || name == "-") && left.type == Type::text && right.type == Type::integer &&
                     left.kind != Kind::null && (left.kind != Kind::text || is_date(left.text));
  if (moves && !failed()) {
    if (name == "-" && right.kind == Kind::number) {
      // More digits are too many days, whichever way.
      if (right.text.size() <= 8) right = whole_number(-std::stol(right.text));
    } else if (name == "-") {
      Expression back = condition_of(Kind::negate, {}, {std::move(right)});
      back.type = Type::integer;
      right = finish(std::move(back));
    }
    return moved("days_after", std::move(left), std::move(right));
  }
  return arithmetic(name, std::move(left), std::move(right));
}

Expression Reader::concatenated(const PgQuery__AExpr& expression, const Place& place) {
  Expression read;
  read.kind = Kind::concatenate;
  read.type = Type::text;
  read.children.push_back(value(expression.lexpr, place));
  read.children.push_back(value(expression.rexpr, place));
  // A whole number beside a text is written as its digits.
  for (Expression& child : read.children) {
    const Expression& other = &child == read.children.data() ? read.children[1] : read.children[0];
    const bool digits = child.type == Type::integer && child.kind != Kind::null && other.type == Type::text;
    if (!failed() && digits) child = cast_to(std::move(child), Type::text);
    require_type(child, Type::text, "||");
  }
  return read;
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
    if (name == known) return calculated(name, expression, place);
  }
  if (name == "||") return concatenated(expression, place);
  for (const std::string_view known : {"=", "<>", "<", "<=", ">", ">="}) {
    if (name != known) continue;
    const bool rows =
        expression.lexpr != nullptr && expression.lexpr->node_case == PG_QUERY__NODE__NODE_ROW_EXPR;
    return rows ? rows_compared(expression, place) : comparison(expression, place);
  }
  for (const std::string_view known : {"~", "!~", "~*", "!~*"}) {
    if (name == known) return matches(name, expression, place);
  }
  refuse("operator " + in_quotes(name) + " is not on the list of what may be computed");
  return read;
}

}  // namespace sceau::source
