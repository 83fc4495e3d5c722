#include "silent_failures.h"

#include "build.h"

namespace sceau::release {
namespace {

using source::Expression;
using source::Output;
using source::Select;
using ExpressionKind = Expression::Kind;

// Applies `change` to every expression of the tree, the innermost first.
template <typename Change>
void rewrite(Expression& e, const Change& change);
template <typename Change>
void rewrite(Select& select, const Change& change);

template <typename Change>
void rewrite(source::From& from, const Change& change) {
  for (source::From& side : from.sides) rewrite(side, change);
  if (from.on) rewrite(*from.on, change);
}

template <typename Change>
void rewrite(Expression& e, const Change& change) {
  for (Expression& child : e.children) rewrite(child, change);
  if (e.select) rewrite(*e.select, change);
  change(e);
}

template <typename Change>
void rewrite(Select& select, const Change& change) {
  for (Select& part : select.parts) rewrite(part, change);
  for (source::Relation& relation : select.relations) {
    if (relation.select) rewrite(*relation.select, change);
  }
  for (source::From& item : select.from) rewrite(item, change);
  for (Output& output : select.outputs) rewrite(output.value, change);
  if (select.where) rewrite(*select.where, change);
  for (Expression& group : select.group_by) rewrite(group, change);
  if (select.having) rewrite(*select.having, change);
  for (source::OrderBy& order : select.order_by) rewrite(order.value, change);
}

// sum() and abs() of whole numbers can overflow, and an error is an answer too: they are computed over reals
// and given back as whole numbers.
void without_overflow(Expression& e) {
  const bool is_sum = e.kind == ExpressionKind::aggregate && e.text == "sum";
  const bool is_abs = e.kind == ExpressionKind::function && e.text == "abs";
  if (!is_sum && !is_abs) return;
  const source::Type type = e.type;
  e.children[0] = build::as_real(std::move(e.children[0]));
  e.type = source::Type::real;
  if (type != source::Type::integer) return;
  Expression rounded = build::node(ExpressionKind::function, "round", source::Type::real, {std::move(e)});
  e = build::node(ExpressionKind::cast, {}, source::Type::integer, {std::move(rounded)});
}

// a AND (b AND c) is one list, as the reader makes it.
Expression both(Expression a, Expression b) {
  Expression all = build::node(ExpressionKind::both, {}, source::Type::integer, {});
  for (Expression* side : {&a, &b}) {
    if (side->kind != ExpressionKind::both) {
      all.children.push_back(std::move(*side));
    } else {
      for (Expression& child : side->children) all.children.push_back(std::move(child));
    }
  }
  return all;
}

// One NULL among the keys makes NOT IN (SELECT …) unknown for everybody, and a NULL before it asks whether
// the list is empty: one person's rows would decide about another's. So keys that are NULL are left out of
// both.
void without_unknown_keys(Expression& e) {
  if (e.kind == ExpressionKind::both) {
    Expression flat = build::node(ExpressionKind::both, {}, e.type, {});
    for (Expression& child : e.children) flat = both(std::move(flat), std::move(child));
    e = std::move(flat);
  }
  if (e.kind != ExpressionKind::in_select || !is_identifying(e.children[0].label)) return;
  Select& inner = *e.select;
  Expression known = build::is_null(inner.outputs[0].value, true);
  inner.where = inner.where ? both(std::move(*inner.where), std::move(known)) : std::move(known);
  Expression present = build::is_null(e.children[0], true);
  e = both(std::move(present), std::move(e));
}

}  // namespace

void say_nothing_by_failing(Select& select) {
  rewrite(select, without_overflow);
  rewrite(select, without_unknown_keys);
}

}  // namespace sceau::release
