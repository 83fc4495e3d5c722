// Conditions that PostgreSQL has more words for than the tree: they become those that it has.
#include <algorithm>

#include "characters.h"
#include "reader.h"

namespace sceau::source {
namespace {

constexpr std::size_t longest_pattern = 100;

// Patterns that fail for no text and need no going back: letters, digits, a few signs, `.`, classes, groups,
// alternatives, and * + ? after one of these. Each is read whole: whether a wrong one fails would depend on
// whether a row is looked at.
class Pattern {
 public:
  explicit Pattern(std::string_view text) : text_(text) {}
  bool is_sound() { return text_.size() <= longest_pattern && alternatives(0) && at_ == text_.size(); }

 private:
  [[nodiscard]] bool is_next(std::string_view any) const {
    return at_ < text_.size() && any.find(text_[at_]) != std::string_view::npos;
  }
  [[nodiscard]] bool is_letter() const {
    const char c = at_ < text_.size() ? text_[at_] : '\0';
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c);
  }
  bool alternatives(int depth) {
    do {
      if (!branch(depth)) return false;
    } while (is_next("|") && ++at_ != 0);
    return true;
  }
  bool branch(int depth) {
    const std::size_t begin = at_;
    if (is_next("^")) ++at_;
    while (at_ < text_.size() && !is_next("|)$")) {
      const bool group = is_next("(");
      if (!atom(depth)) return false;
      if (is_next("*+?")) {
        ++at_;
      } else if (is_next("{") && (group || !times())) {
        return false;
      }
    }
    if (is_next("$")) ++at_;
    return at_ > begin;
  }
  bool atom(int depth) {
    if (is_next("[")) return set();
    if (is_next("(")) {
      ++at_;
      if (depth >= 5 || is_next("?*+") || !alternatives(depth + 1) || !is_next(")")) return false;
      ++at_;
      return true;
    }
    if (is_next("\\")) return escape();
    if (!is_letter() && !is_next(". -_/,:;='@%&")) return false;
    ++at_;
    return true;
  }
  // A class, or a sign that is meant itself.
  bool escape() {
    ++at_;
    if (!is_next("dswDSW.-/()[]*+?^$|")) return false;
    ++at_;
    return true;
  }
  // {n} and {n,m}: of one letter or class alone, so that what the database makes of it stays small.
  bool times() {
    ++at_;
    const auto number = [&]() -> int {
      int value = -1;
      while (at_ < text_.size() && is_digit(text_[at_]) && value < 100)
        value = std::max(value, 0) * 10 + (text_[at_++] - '0');
      return value;
    };
    const int least = number();
    int most = least;
    if (is_next(",")) {
      ++at_;
      most = number();
    }
    if (least < 0 || most < least || most < 1 || most > 20 || !is_next("}")) return false;
    ++at_;
    return true;
  }
  bool set() {
    ++at_;
    if (is_next("^")) ++at_;
    const std::size_t begin = at_;
    while (is_letter() || is_next(" _.,:;/'")) {
      if (!is_letter()) {
        ++at_;
        continue;
      }
      const char first = text_[at_++];
      if (!is_next("-")) continue;
      ++at_;
      if (!is_letter() || text_[at_] < first) return false;
      ++at_;
    }
    if (at_ == begin || !is_next("]")) return false;
    ++at_;
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

const PgQuery__RowExpr* row_of(const Node* node) {
  return node != nullptr && node->node_case == PG_QUERY__NODE__NODE_ROW_EXPR ? node->row_expr : nullptr;
}

std::string in_small_letters(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

}  // namespace

bool is_sound_pattern(std::string_view text) { return Pattern(text).is_sound(); }

Expression condition_of(Expression::Kind kind, std::string_view text, std::vector<Expression> children) {
  Expression made;
  made.kind = kind;
  made.text = text;
  made.children = std::move(children);
  return made;
}

Expression chosen(std::vector<Expression> children, Type type) {
  Expression made;
  made.kind = Expression::Kind::cases;
  made.type = type;
  made.children = std::move(children);
  return made;
}

// A condition where a value is meant: 1, 0, or NULL where it is neither true nor false.
Expression Reader::truth(Expression condition) {
  bool chance = false;
  for_each(condition, [&](const Expression& e) { chance = chance || is_chance(e); });
  if (chance) refuse("a condition with random() as a value: write CASE WHEN … THEN 1 ELSE 0 END");
  Expression no = finish(condition_of(Kind::negation, {}, {condition}));
  return finish(chosen({std::move(condition), whole_number(1), std::move(no), whole_number(0), Expression{}},
                       Type::integer));
}

// The other way round: 1 is true, 0 is not.
Expression Reader::holds(Expression value) {
  if (value.type != Type::integer || value.kind == Kind::null) {
    refuse("a value where a condition is meant: compare it with something");
    return value;
  }
  return finish(condition_of(Kind::compare, "<>", {std::move(value), whole_number(0)}));
}

Expression Reader::boolean_test(const PgQuery__BooleanTest& test, const Place& place) {
  knows(test.base, {"arg", "booltesttype"});
  Expression condition = predicate(test.arg, place);
  const auto type = test.booltesttype;
  const bool wants_false =
      type == PG_QUERY__BOOL_TEST_TYPE__IS_FALSE || type == PG_QUERY__BOOL_TEST_TYPE__IS_NOT_FALSE;
  const bool negated =
      type == PG_QUERY__BOOL_TEST_TYPE__IS_NOT_TRUE || type == PG_QUERY__BOOL_TEST_TYPE__IS_NOT_FALSE;
  if (!wants_false && !negated && type != PG_QUERY__BOOL_TEST_TYPE__IS_TRUE)
    refuse("IS UNKNOWN is not followed: write IS NULL of the columns");
  if (wants_false) condition = finish(condition_of(Kind::negation, {}, {std::move(condition)}));
  Expression known = finish(chosen({std::move(condition), whole_number(1), whole_number(0)}, Type::integer));
  return finish(condition_of(Kind::compare, "=", {std::move(known), whole_number(negated ? 0 : 1)}));
}

// (a, b) = (c, d) is a = c AND b = d.
Expression Reader::rows_compared(const PgQuery__AExpr& expression, const Place& place) {
  const PgQuery__RowExpr* left = row_of(expression.lexpr);
  const PgQuery__RowExpr* right = row_of(expression.rexpr);
  const std::string name = operator_name(expression.n_name, expression.name);
  if (left == nullptr || right == nullptr || left->n_args != right->n_args || left->n_args == 0 ||
      (name != "=" && name != "<>")) {
    refuse(
        "rows in parentheses are compared with = or <> and as many values on each side: compare one by one");
    return {};
  }
  std::vector<Expression> parts;
  for (std::size_t i = 0; i < left->n_args && !failed(); ++i) {
    Expression part = condition_of(Kind::compare, name, {});
    part.children.push_back(value(left->args[i], place));
    part.children.push_back(value(right->args[i], place));
    if (!failed()) same_class(part.children[0], part.children[1], "comparison " + in_quotes(name));
    parts.push_back(finish(std::move(part)));
  }
  if (failed() || parts.size() == 1) return parts.empty() ? Expression{} : std::move(parts[0]);
  return condition_of(name == "=" ? Kind::both : Kind::either, {}, std::move(parts));
}

// x LIKE ANY (ARRAY[…]) is x LIKE … OR x LIKE …, x NOT LIKE ALL (ARRAY[…]) is x NOT LIKE … AND ….
Expression Reader::like_each(const PgQuery__AExpr& expression, const PgQuery__AArrayExpr& array, bool any,
                             const Place& place) {
  PgQuery__AExpr one = expression;
  one.kind = operator_name(expression.n_name, expression.name).back() == '*'
                 ? PG_QUERY__A__EXPR__KIND__AEXPR_ILIKE
                 : PG_QUERY__A__EXPR__KIND__AEXPR_LIKE;
  std::vector<Expression> parts;
  for (std::size_t i = 0; i < array.n_elements && !failed(); ++i) {
    one.rexpr = array.elements[i];
    parts.push_back(finish(like(one, place)));
  }
  if (failed() || parts.size() == 1) return parts.empty() ? Expression{} : std::move(parts[0]);
  return condition_of(any ? Kind::either : Kind::both, {}, std::move(parts));
}

// x = ANY (ARRAY[…]) is x IN (…), x <> ALL (ARRAY[…]) is x NOT IN (…).
Expression Reader::array_list(const PgQuery__AExpr& expression, const Place& place) {
  Expression read = condition_of(Kind::in_list, {}, {});
  const std::string name = operator_name(expression.n_name, expression.name);
  const bool any = expression.kind == PG_QUERY__A__EXPR__KIND__AEXPR_OP_ANY;
  const Node* array = expression.rexpr;
  while (array != nullptr && array->node_case == PG_QUERY__NODE__NODE_TYPE_CAST)
    array = array->type_cast->arg;
  const bool likes = name == (any ? "~~" : "!~~") || name == (any ? "~~*" : "!~~*");
  if (likes && array != nullptr && array->node_case == PG_QUERY__NODE__NODE_A_ARRAY_EXPR &&
      array->a_array_expr->n_elements > 0)
    return like_each(expression, *array->a_array_expr, any, place);
  if (name != (any ? "=" : "<>") || array == nullptr ||
      array->node_case != PG_QUERY__NODE__NODE_A_ARRAY_EXPR || array->a_array_expr->n_elements == 0) {
    refuse("ANY and ALL are followed as = ANY (ARRAY[…]) and <> ALL (ARRAY[…]): write IN (…)");
    return read;
  }
  read.negated = !any;
  read.children.push_back(value(expression.lexpr, place));
  for (Expression& item : all_compared(array->a_array_expr->n_elements, array->a_array_expr->elements, place))
    read.children.push_back(std::move(item));
  give_types(read);
  for (std::size_t i = 1; i < read.children.size() && !failed(); ++i)
    same_class(read.children[0], read.children[i], "ANY");
  return read;
}

// Both NULL, or neither and equal.
Expression Reader::distinct_from(const PgQuery__AExpr& expression, const Place& place) {
  Expression left = value(expression.lexpr, place);
  Expression right = value(expression.rexpr, place);
  if (failed() || !same_class(left, right, "IS DISTINCT FROM")) return {};
  const auto is_null = [&](const Expression& of, bool negated) {
    Expression made = condition_of(Kind::is_null, {}, {of});
    made.negated = negated;
    return finish(std::move(made));
  };
  Expression alike = is_null(left, false);
  if (right.kind != Kind::null) {
    Expression neither = finish(condition_of(Kind::both, {}, {is_null(left, false), is_null(right, false)}));
    Expression equal = finish(condition_of(Kind::compare, "=", {left, right}));
    Expression both =
        finish(condition_of(Kind::both, {}, {is_null(left, true), is_null(right, true), std::move(equal)}));
    alike = finish(condition_of(Kind::either, {}, {std::move(neither), std::move(both)}));
  }
  const bool distinct = expression.kind == PG_QUERY__A__EXPR__KIND__AEXPR_DISTINCT;
  return distinct ? finish(condition_of(Kind::negation, {}, {std::move(alike)})) : alike;
}

Expression Reader::symmetric(const PgQuery__AExpr& expression, const Place& place) {
  PgQuery__AExpr plain = expression;
  plain.kind = PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN;
  Expression within = between(plain, place);
  if (failed()) return within;
  Expression turned = within;
  std::swap(turned.children[1], turned.children[2]);
  Expression either = condition_of(Kind::either, {}, {finish(std::move(within)), finish(std::move(turned))});
  if (expression.kind == PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN_SYM) return either;
  return condition_of(Kind::negation, {}, {finish(std::move(either))});
}

Expression Reader::pattern(Expression value, std::string pattern, bool negated, bool any_case) {
  require_type(value, Type::text, "a pattern");
  if (!is_sound_pattern(pattern)) refuse(pattern_words);
  if (any_case) {
    value = plain_function("lower", [&] {
      std::vector<Expression> one;
      one.push_back(std::move(value));
      return one;
    }());
    pattern = in_small_letters(std::move(pattern));
  }
  Expression read = condition_of(Kind::like, "~", {});
  read.negated = negated;
  read.children.push_back(std::move(value));
  read.children.push_back(quoted(std::move(pattern)));
  return read;
}

Expression Reader::matches(const std::string& name, const PgQuery__AExpr& expression, const Place& place) {
  Expression left = value(expression.lexpr, place);
  const Expression right = value(expression.rexpr, place);
  if (!failed() && right.kind != Kind::text) refuse("a pattern after ~ is a text, written out");
  if (failed()) return {};
  return pattern(std::move(left), right.text, name[0] == '!', name.back() == '*');
}

// x SIMILAR TO 'C0[78]%' is x ~ '^(C0[78].*)$'.
Expression Reader::similar(const PgQuery__AExpr& expression, const Place& place) {
  const bool negated = operator_name(expression.n_name, expression.name) == "!~";
  Expression left = value(expression.lexpr, place);
  const Node* right = expression.rexpr;
  if (right == nullptr || right->node_case != PG_QUERY__NODE__NODE_FUNC_CALL ||
      right->func_call->n_args != 1) {
    refuse("SIMILAR TO … ESCAPE is not followed: write it without");
    return {};
  }
  const Expression given = value(right->func_call->args[0], place);
  if (!failed() && (given.kind != Kind::text || given.text.find_first_of(".^$\\{") != std::string::npos))
    refuse("SIMILAR TO needs a quoted pattern of letters, digits, %, _, | and classes");
  if (failed()) return {};
  std::string regular;
  for (const char c : given.text) {
    if (c == '%') {
      regular += ".*";
    } else {
      regular += c == '_' ? '.' : c;
    }
  }
  return pattern(std::move(left), "^(" + regular + ")$", negated, false);
}

}  // namespace sceau::source
