#include <algorithm>
#include <cctype>

#include "characters.h"
#include "reader.h"

namespace sceau::source {
namespace {

constexpr std::size_t longest_number = 100;  // characters
constexpr int largest_exponent = 300;

// [-] digits [. digits] [e [sign] digits], with at least one digit before the exponent: a number that no
// database finds too large.
bool is_number(std::string_view text) {
  if (text.size() > longest_number) return false;
  std::size_t i = 0;
  const auto digits = [&] {
    const std::size_t begin = i;
    while (i < text.size() && is_digit(text[i])) ++i;
    return i - begin;
  };
  if (i < text.size() && text[i] == '-') ++i;
  std::size_t count = digits();
  if (i < text.size() && text[i] == '.') {
    ++i;
    count += digits();
  }
  if (count == 0) return false;
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
    const std::size_t begin = i;
    const std::size_t exponent = digits();
    if (exponent == 0 || exponent > 3 ||
        std::stoi(std::string(text.substr(begin, exponent))) > largest_exponent)
      return false;
  }
  return i == text.size();
}

Expression number(std::string text) {
  Expression expression;
  expression.kind = Expression::Kind::number;
  const bool whole = text.find_first_not_of("-0123456789") == std::string::npos && text.size() <= 18;
  expression.type = whole ? Type::integer : Type::real;
  expression.text = std::move(text);
  return expression;
}

std::optional<Type> type_named(std::string_view name) {
  for (const std::string_view known : {"int2", "int4", "int8"}) {
    if (name == known) return Type::integer;
  }
  for (const std::string_view known : {"float4", "float8", "numeric"}) {
    if (name == known) return Type::real;
  }
  for (const std::string_view known : {"text", "varchar"}) {
    if (name == known) return Type::text;
  }
  return std::nullopt;
}

// Bytes of what a text is made of.
std::size_t longest_of(const Expression& part, Type made) {
  const bool computed =
      part.type != Type::text && part.kind != Expression::Kind::number && !part.is_predicate();
  return made == Type::text && computed ? std::max(part.longest, written_number) : part.longest;
}

// Bytes of what cuts a text to so many letters.
std::size_t shortened(const Expression& e) {
  constexpr std::size_t letter = 4;
  if (e.text == "strftime") return assumed_number;
  if (e.text != "substr" || e.children.size() != 3 || e.children[2].kind != Expression::Kind::number ||
      e.children[2].text.size() > 4)
    return e.longest;
  return std::min(e.longest, letter * std::stoul(e.children[2].text));
}

std::size_t nodes_of(const Select& select);

std::size_t nodes_of(const From& from) {
  std::size_t nodes = from.on ? from.on->nodes : 0;
  for (const From& side : from.sides) nodes += nodes_of(side);
  return nodes;
}

// What is written out of a SELECT inside.
std::size_t nodes_of(const Select& select) {
  std::size_t nodes = 1;
  for (const Select& part : select.parts) nodes += nodes_of(part);
  for (const Output& output : select.outputs) nodes += output.value.nodes;
  for (const auto& row : select.values) nodes += row.size();
  for (const Relation& relation : select.relations)
    if (relation.select) nodes += nodes_of(*relation.select);
  for (const From& from : select.from) nodes += nodes_of(from);
  if (select.where) nodes += select.where->nodes;
  for (const Expression& group : select.group_by) nodes += group.nodes;
  if (select.having) nodes += select.having->nodes;
  for (const OrderBy& order : select.order_by) nodes += order.value.nodes;
  return nodes;
}

}  // namespace

// A count says how many, and a condition says yes or no: neither carries a value of what it looks at.
Expression Reader::finish(Expression expression) {
  if (expression.kind == Kind::text)
    expression.longest = std::max(expression.longest, expression.text.size());
  expression.nodes = 1 + (expression.select ? nodes_of(*expression.select) : 0);
  for (const Expression& child : expression.children) {
    expression.nodes += child.nodes;
    const std::size_t longest = longest_of(child, expression.type);
    expression.longest = expression.kind == Kind::concatenate && &child != expression.children.data()
                             ? expression.longest + longest
                             : std::max(expression.longest, longest);
  }
  if (expression.kind == Kind::function) expression.longest = shortened(expression);
  if (expression.kind == Kind::aggregate && expression.text == "count") return expression;
  // A window's place in an order, and how many rows it has, say nothing of their values either.
  const bool counts =
      expression.kind == Kind::window && (expression.arguments == 0 || expression.text == "count");
  const std::size_t carried = counts                            ? 0
                              : expression.kind == Kind::window ? expression.arguments
                                                                : expression.children.size();
  for (std::size_t i = 0; i < carried; ++i) {
    expression.label = std::min(expression.label, expression.children[i].label);
  }
  if (expression.is_predicate()) expression.label = std::max(expression.label, Label::potential_identifier);
  return expression;
}

std::string Reader::text_of(const Node* node) {
  if (node != nullptr && node->node_case == PG_QUERY__NODE__NODE_STRING) return node->string->sval;
  refuse("a name that is not a plain word");
  return {};
}

std::string Reader::operator_name(std::size_t count, Node* const* names) {
  if (count == 1) return text_of(names[0]);
  refuse("an operator named with a schema: write the operator alone");
  return {};
}

void Reader::require_type(const Expression& value, Type type, std::string_view where) {
  if (value.kind == Kind::null) return;
  const bool is_text = value.type == Type::text;
  if (is_text != (type == Type::text) || (type == Type::integer && value.type != Type::integer)) {
    refuse(std::string(where) + " needs " +
           (type == Type::text      ? "text"
            : type == Type::integer ? "whole numbers"
                                    : "numbers") +
           ": convert with CAST");
  }
}

bool Reader::same_class(Expression& a, Expression& b, std::string_view where) {
  if (a.kind == Kind::null || b.kind == Kind::null) return true;
  if ((a.type == Type::text) == (b.type == Type::text)) return true;
  // PostgreSQL reads '12' beside a number as the number 12; SQLite would compare a number with a text.
  for (Expression* side : {&a, &b}) {
    if (side->kind == Kind::text && is_number(side->text)) {
      *side = number(side->text);
      return true;
    }
  }
  refuse(std::string(where) + " puts text beside a number: quote texts and leave numbers bare");
  return false;
}

void Reader::unify(std::vector<Expression*> values, std::string_view where) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (std::size_t j = i + 1; j < values.size() && !failed(); ++j)
      same_class(*values[i], *values[j], where);
  }
}

Expression Reader::value(const Node* node, const Place& place) {
  Expression read = any(node, place);
  return !failed() && read.is_predicate() ? truth(std::move(read)) : read;
}

Expression Reader::any(const Node* node, const Place& place) {
  if (failed()) return {};
  if (node == nullptr) {
    refuse("a missing expression");
    return {};
  }
  if (depth_ >= deepest_nesting) {
    refuse("it is nested too deeply: write it flatter");
    return {};
  }
  ++depth_;
  Expression read = one_of(*node, place);
  --depth_;
  read = finish(std::move(read));
  if (read.nodes > most_nodes)
    refuse("an expression that is written out too long: put parts of it into columns");
  if (read.longest > longest_text) refuse("a text that could grow without measure: put fewer texts together");
  return read;
}

Expression Reader::one_of(const Node& node, const Place& place) {
  switch (node.node_case) {
    case PG_QUERY__NODE__NODE_COLUMN_REF:
      return column_ref(*node.column_ref, place);
    case PG_QUERY__NODE__NODE_A_CONST:
      return constant(*node.a_const);
    case PG_QUERY__NODE__NODE_A_EXPR:
      return operation(*node.a_expr, place);
    case PG_QUERY__NODE__NODE_FUNC_CALL:
      return function(*node.func_call, place);
    case PG_QUERY__NODE__NODE_COALESCE_EXPR:
      knows(node.coalesce_expr->base, {"args"});
      return plain_function("coalesce", values(node.coalesce_expr->n_args, node.coalesce_expr->args, place));
    case PG_QUERY__NODE__NODE_MIN_MAX_EXPR:
      return extreme(*node.min_max_expr, place);
    case PG_QUERY__NODE__NODE_CASE_EXPR:
      return cases(*node.case_expr, place);
    case PG_QUERY__NODE__NODE_TYPE_CAST:
      return cast(*node.type_cast, place);
    case PG_QUERY__NODE__NODE_BOOL_EXPR:
      return logic(*node.bool_expr, place);
    case PG_QUERY__NODE__NODE_NULL_TEST:
      return null_test(*node.null_test, place);
    case PG_QUERY__NODE__NODE_BOOLEAN_TEST:
      return boolean_test(*node.boolean_test, place);
    case PG_QUERY__NODE__NODE_SUB_LINK:
      return subselect(*node.sub_link, place);
    case PG_QUERY__NODE__NODE_GROUPING_FUNC:
      return grouping_of(*node.grouping_func, place);
    case PG_QUERY__NODE__NODE_SQLVALUE_FUNCTION:
      refuse("today's date is another one when the statement is read again: write DATE '2022-12-31'");
      return {};
    case PG_QUERY__NODE__NODE_PARAM_REF:
      refuse(stray_parameter(node.param_ref->number));
      return {};
    default:
      refuse(in_quotes(node_name(node)) + " is not an expression that the gate follows: write it without");
      return {};
  }
}

std::vector<Expression> Reader::values(std::size_t count, Node* const* nodes, const Place& place) {
  std::vector<Expression> read;
  for (std::size_t i = 0; i < count && !failed(); ++i) read.push_back(value(nodes[i], place));
  return read;
}

Expression Reader::constant(const PgQuery__AConst& constant) {
  Expression read;
  if (constant.isnull != 0) return read;
  switch (constant.val_case) {
    case PG_QUERY__A__CONST__VAL_IVAL:
      return number(std::to_string(constant.ival->ival));
    case PG_QUERY__A__CONST__VAL_FVAL:
      if (!is_number(constant.fval->fval))
        refuse("a number of a form that is not followed: at most 100 digits, and an exponent of at most 300");
      return number(constant.fval->fval);
    case PG_QUERY__A__CONST__VAL_SVAL: {
      read.kind = Kind::text;
      read.text = constant.sval->sval;
      const bool plain = std::none_of(read.text.begin(), read.text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7F;
      });
      if (!plain) refuse("a text with control characters: remove them");
      return read;
    }
    case PG_QUERY__A__CONST__VAL_BOOLVAL:
      return number(constant.boolval->boolval != 0 ? "1" : "0");
    default:
      refuse("a constant that is neither number, text, TRUE, FALSE nor NULL: write one of these");
      return read;
  }
}

Expression Reader::arithmetic(const std::string& name, Expression left, Expression right) {
  for (Expression* side : {&left, &right}) {
    if (side->kind == Kind::text && is_number(side->text)) *side = number(side->text);
    require_type(*side, name == "%" ? Type::integer : Type::real, "arithmetic " + in_quotes(name));
  }
  Expression read;
  read.kind = Kind::arithmetic;
  read.text = name;
  read.type = left.type == Type::integer && right.type == Type::integer ? Type::integer : Type::real;
  read.children.push_back(std::move(left));
  read.children.push_back(std::move(right));
  return read;
}

Expression Reader::cases(const PgQuery__CaseExpr& expression, const Place& place) {
  Expression read;
  read.kind = Kind::cases;
  knows(expression.base, {"arg", "args", "defresult"});
  for (std::size_t i = 0; i < expression.n_args && !failed(); ++i) {
    const Node& node = *expression.args[i];
    if (node.node_case != PG_QUERY__NODE__NODE_CASE_WHEN) {
      refuse("a CASE that is not followed");
      return read;
    }
    const PgQuery__CaseWhen& when = *node.case_when;
    knows(when.base, {"expr", "result"});
    if (expression.arg == nullptr) {
      read.children.push_back(predicate(when.expr, place));
    } else {
      Expression equality;
      equality.kind = Kind::compare;
      equality.text = "=";
      equality.children.push_back(value(expression.arg, place));
      equality.children.push_back(value(when.expr, place));
      if (!failed()) same_class(equality.children[0], equality.children[1], "CASE");
      read.children.push_back(finish(std::move(equality)));
    }
    read.children.push_back(value(when.result, place));
  }
  if (expression.defresult != nullptr) {
    read.children.push_back(value(expression.defresult, place));
  } else {
    read.children.emplace_back();
  }
  if (failed()) return read;
  std::vector<Expression*> results{&read.children.back()};
  for (std::size_t i = 1; i + 1 < read.children.size(); i += 2) results.push_back(&read.children[i]);
  unify(results, "CASE");
  read.type = Type::integer;
  for (const Expression* result : results) {
    if (result->kind != Kind::null && result->type != Type::integer) read.type = result->type;
  }
  return read;
}

Expression Reader::cast_to(Expression value, Type type) {
  if (value.kind == Kind::text && type != Type::text && is_number(value.text)) value = number(value.text);
  if (value.type == type && value.kind != Kind::null && value.kind != Kind::text) return value;
  // PostgreSQL rounds where SQLite cuts off.
  const bool rounded = value.kind == Kind::function && value.text == "round" && value.children.size() == 1;
  if (type == Type::integer && value.type == Type::real && !rounded) {
    Expression round;
    round.kind = Kind::function;
    round.text = "round";
    round.type = Type::real;
    round.children.push_back(std::move(value));
    value = finish(std::move(round));
  }
  Expression read;
  read.kind = Kind::cast;
  read.type = type;
  read.children.push_back(std::move(value));
  return finish(std::move(read));
}

Expression Reader::cast(const PgQuery__TypeCast& expression, const Place& place) {
  if (!knows(expression.base, {"arg", "type_name"}) || expression.type_name == nullptr) return {};
  const PgQuery__TypeName& type = *expression.type_name;
  if (!knows(type.base, {"names", "typemod", "typmods"}) || type.n_names == 0 || type.n_names > 2) {
    refuse("CAST to a type with dimensions: use integer, real or text alone");
    return {};
  }
  std::vector<int> sizes;
  for (std::size_t i = 0; i < type.n_typmods; ++i) {
    const Node& size = *type.typmods[i];
    const bool number = size.node_case == PG_QUERY__NODE__NODE_A_CONST &&
                        size.a_const->val_case == PG_QUERY__A__CONST__VAL_IVAL;
    sizes.push_back(number ? size.a_const->ival->ival : 0);
  }
  if (type.n_names == 2 && text_of(type.names[0]) != "pg_catalog") refuse("CAST to a type of some schema");
  const std::string name = text_of(type.names[type.n_names - 1]);
  Expression operand = value(expression.arg, place);
  if (failed()) return {};
  if (!sizes.empty()) return sized(std::move(operand), name, sizes);
  if (name == "bool") {
    if (operand.kind == Kind::text && (operand.text == "true" || operand.text == "false"))
      operand = whole_number(operand.text == "true" ? 1 : 0);
    return truth(holds(std::move(operand)));
  }
  if (name == "date" && (operand.kind != Kind::text || is_date(operand.text)))
    return as_date(std::move(operand));
  const auto known = type_named(name);
  if (!known) {
    refuse("CAST to type " + in_quotes(name) + " is not followed: use integer, real or text");
    return {};
  }
  return cast_to(std::move(operand), *known);
}

}  // namespace sceau::source
