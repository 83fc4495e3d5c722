// Small pieces of a tree, made by the gate.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sceau/source/query.h"

namespace sceau::release::build {

using source::Expression;
using Kind = source::Expression::Kind;

inline Expression node(Kind kind, std::string text, source::Type type, std::vector<Expression> children) {
  Expression made;
  made.kind = kind;
  made.text = std::move(text);
  made.type = type;
  made.children = std::move(children);
  for (const Expression& child : made.children) made.label = std::min(made.label, child.label);
  return made;
}

inline Expression zero() { return node(Kind::number, "0.0", source::Type::real, {}); }
inline Expression one() { return node(Kind::number, "1.0", source::Type::real, {}); }

// value + 0.0: the same number, never a whole one, so that nothing overflows into an error.
inline Expression as_real(Expression value) {
  return node(Kind::arithmetic, "+", source::Type::real, {std::move(value), zero()});
}

inline Expression is_null(Expression value, bool negated) {
  Expression made = node(Kind::is_null, {}, source::Type::integer, {std::move(value)});
  made.negated = negated;
  return made;
}

inline Expression when(Expression condition, Expression then, Expression otherwise) {
  return node(Kind::cases, {}, source::Type::real,
              {std::move(condition), std::move(then), std::move(otherwise)});
}

inline Expression column(const source::Relation& relation, std::size_t column) {
  const source::RelationColumn& found = relation.columns[column];
  Expression made = node(Kind::column, {}, found.type, {});
  made.relation = relation.id;
  made.column = static_cast<int>(column);
  made.label = found.label;
  return made;
}

}  // namespace sceau::release::build
