#include <algorithm>
#include <array>

#include "translator.h"

namespace sceau::connect {
namespace {

constexpr std::array<std::string_view, 6> kComparisons{"=", "<>", "<", ">", "<=", ">="};
constexpr std::array<std::string_view, 6> kArithmetic{"+", "-", "*", "/", "%", "||"};

bool is_one_of(std::string_view name, const auto& list) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

// The elements of '{a,b,"c d"}' as literals.
std::optional<std::vector<std::string>> elements(std::string_view text) {
  if (!text.starts_with('{') || !text.ends_with('}')) return std::nullopt;
  text = text.substr(1, text.size() - 2);
  std::vector<std::string> found;
  while (!text.empty()) {
    std::string one;
    if (text.front() == '"') {
      const auto end = text.find('"', 1);
      if (end == std::string_view::npos) return std::nullopt;
      one = text.substr(1, end - 1);
      text.remove_prefix(end + 1);
    } else {
      const auto end = std::min(text.find(','), text.size());
      one = text.substr(0, end);
      text.remove_prefix(end);
    }
    found.push_back(looks_like_number(one) ? one : text_quoted(one));
    if (!text.empty() && text.front() != ',') return std::nullopt;
    if (!text.empty()) text.remove_prefix(1);
  }
  return found;
}

}  // namespace

Translator::Part Translator::operation(const PgQuery__AExpr& expression) {
  const std::string name = last_name(expression.n_name, expression.name);
  switch (expression.kind) {
    case PG_QUERY__A__EXPR__KIND__AEXPR_OP:
      return binary(name, expression);
    case PG_QUERY__A__EXPR__KIND__AEXPR_OP_ANY:
      return any(name, expression, false);
    case PG_QUERY__A__EXPR__KIND__AEXPR_OP_ALL:
      return any(name, expression, true);
    case PG_QUERY__A__EXPR__KIND__AEXPR_DISTINCT:
      return {"(" + value(expression.lexpr).sql + " IS NOT " + value(expression.rexpr).sql + ")", kBool};
    case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_DISTINCT:
      return {"(" + value(expression.lexpr).sql + " IS " + value(expression.rexpr).sql + ")", kBool};
    case PG_QUERY__A__EXPR__KIND__AEXPR_NULLIF: {
      const Part left = value(expression.lexpr);
      return {"nullif(" + left.sql + ", " + value(expression.rexpr).sql + ")", left.type};
    }
    case PG_QUERY__A__EXPR__KIND__AEXPR_IN: {
      const auto* right = expression.rexpr;
      if (right == nullptr || right->node_case != PG_QUERY__NODE__NODE_LIST) return refuse("this IN");
      return {"(" + value(expression.lexpr).sql + (name == "<>" ? " NOT IN (" : " IN (") +
                  list(right->list->n_items, right->list->items) + "))",
              kBool};
    }
    case PG_QUERY__A__EXPR__KIND__AEXPR_LIKE:
    case PG_QUERY__A__EXPR__KIND__AEXPR_ILIKE:
      return like(name, expression);
    case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN:
      return between(expression, false);
    case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN:
      return between(expression, true);
    default:
      return refuse("this comparison");
  }
}

Translator::Part Translator::binary(const std::string& name, const PgQuery__AExpr& expression) {
  if (expression.lexpr == nullptr) {
    const Part right = value(expression.rexpr);
    if (name == "-" || name == "+") return {"(" + name + right.sql + ")", right.type};
    return refuse("operator " + name);
  }
  const Part left = value(expression.lexpr);
  const Part right = value(expression.rexpr);
  const std::string as = name == "!=" ? "<>" : name;
  if (is_one_of(as, kComparisons)) return {"(" + left.sql + " " + as + " " + right.sql + ")", kBool};
  if (is_one_of(as, kArithmetic)) {
    const std::uint32_t type = as == "||" ? kText : left.type == kFloat8 ? kFloat8 : kInt8;
    return {"(" + left.sql + " " + as + " " + right.sql + ")", type};
  }
  if (as == "~" || as == "~*") return {"matches(" + left.sql + ", " + right.sql + ")", kBool};
  if (as == "!~" || as == "!~*") return {"(NOT matches(" + left.sql + ", " + right.sql + "))", kBool};
  if (as == "~~" || as == "~~*" || as == "!~~" || as == "!~~*") return like(as, expression);
  if (as == "@>" || as == "<@" || as == "&&")
    return {"array_meets(" + left.sql + ", " + right.sql + ")", kBool};
  return refuse("operator " + name);
}

Translator::Part Translator::any(const std::string& name, const PgQuery__AExpr& expression, bool all) {
  const bool negated = name == "<>" && all;
  if (!negated && (name != "=" || all)) return refuse("operator " + name + " with ANY or ALL");
  const std::string word = negated ? " NOT IN (" : " IN (";
  const Part left = value(expression.lexpr);
  const auto* right = expression.rexpr;
  while (right != nullptr && right->node_case == PG_QUERY__NODE__NODE_TYPE_CAST)
    right = right->type_cast->arg;
  if (right != nullptr && right->node_case == PG_QUERY__NODE__NODE_A_ARRAY_EXPR) {
    const auto& array = *right->a_array_expr;
    return {"(" + left.sql + word + list(array.n_elements, array.elements) + "))", kBool};
  }
  if (const auto text = constant_text(right)) {
    const auto found = elements(*text);
    if (!found) return refuse("this array");
    std::string joined;
    for (const auto& one : *found) joined.append(joined.empty() ? "" : ", ").append(one);
    return {"(" + left.sql + word + joined + "))", kBool};
  }
  const std::string within = "array_has(" + value(expression.rexpr).sql + ", " + left.sql + ")";
  return {negated ? "(NOT " + within + ")" : within, kBool};
}

Translator::Part Translator::like(const std::string& name, const PgQuery__AExpr& expression) {
  const std::string word = name.starts_with('!') ? " NOT LIKE " : " LIKE ";
  const Part left = value(expression.lexpr);
  const auto* right = expression.rexpr;
  if (right != nullptr && right->node_case == PG_QUERY__NODE__NODE_FUNC_CALL) {
    const auto& call = *right->func_call;
    if (last_name(call.n_funcname, call.funcname) == "like_escape" && call.n_args == 2)
      return {"(" + left.sql + word + value(call.args[0]).sql + " ESCAPE " + value(call.args[1]).sql + ")",
              kBool};
  }
  return {"(" + left.sql + word + value(right).sql + " ESCAPE '\\')", kBool};
}

Translator::Part Translator::between(const PgQuery__AExpr& expression, bool negated) {
  const auto* right = expression.rexpr;
  if (right == nullptr || right->node_case != PG_QUERY__NODE__NODE_LIST || right->list->n_items != 2)
    return refuse("this BETWEEN");
  return {"(" + value(expression.lexpr).sql + (negated ? " NOT BETWEEN " : " BETWEEN ") +
              value(right->list->items[0]).sql + " AND " + value(right->list->items[1]).sql + ")",
          kBool};
}

}  // namespace sceau::connect
