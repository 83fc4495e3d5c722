#include <algorithm>
#include <utility>

#include "reader.h"

namespace sceau::source {
namespace {

constexpr std::size_t most_outputs = 300;

// Counts nesting for the lifetime of one call.
class Deeper {
 public:
  explicit Deeper(int& depth) : depth_(depth) { ++depth_; }
  ~Deeper() { --depth_; }
  Deeper(const Deeper&) = delete;
  Deeper& operator=(const Deeper&) = delete;

 private:
  int& depth_;
};

bool is_distinct_on(const PgQuery__SelectStmt& statement) {
  if (statement.n_distinct_clause == 0) return false;
  const Node* first = statement.distinct_clause[0];
  return statement.n_distinct_clause != 1 ||
         (first != nullptr && first->node_case != PG_QUERY__NODE__NODE__NOT_SET);
}

bool has_grouping_sets(const PgQuery__SelectStmt& statement) {
  return std::any_of(statement.group_clause, statement.group_clause + statement.n_group_clause,
                     [](const Node* node) { return node->node_case == PG_QUERY__NODE__NODE_GROUPING_SET; });
}

}  // namespace

std::string in_quotes(std::string_view text) { return "\"" + std::string(text) + "\""; }

bool Select::grouped() const {
  if (!group_by.empty() || having) return true;
  bool found = false;
  const auto look = [&](const Expression& e) { found = found || e.kind == Expression::Kind::aggregate; };
  for (const Output& output : outputs) for_each(output.value, look);
  for (const OrderBy& order : order_by) for_each(order.value, look);
  return found;
}

const Relation* Select::find(int relation) const {
  for (const Relation& candidate : relations) {
    if (candidate.id == relation) return &candidate;
  }
  return nullptr;
}

void Reader::refuse(const std::string& what) {
  if (!error_) error_ = Error{ErrorKind::refused, "reading the SQL: " + what};
}

bool Reader::knows(const ProtobufCMessage& message, std::initializer_list<std::string_view> fields) {
  const std::string unknown = unknown_field(message, fields);
  if (!unknown.empty()) {
    refuse(in_quotes(unknown) + " of " + in_quotes(message.descriptor->short_name) +
           " is not something the gate follows: write the SELECT without it");
  }
  return unknown.empty();
}

Result<Select> Reader::read(const PgQuery__ParseResult& tree) {
  if (tree.n_stmts != 1) {
    refuse(std::to_string(tree.n_stmts) + " statements where exactly one SELECT is meant: send one");
    return *error_;
  }
  const Node* statement = tree.stmts[0]->stmt;
  if (statement == nullptr || statement->node_case != PG_QUERY__NODE__NODE_SELECT_STMT) {
    refuse(in_quotes(statement == nullptr ? "nothing" : node_name(*statement)) +
           " is not a SELECT: only SELECT may run here");
    return *error_;
  }
  Select read = select(*statement->select_stmt, nullptr, nullptr);
  read.parameters = parameter_types();
  if (error_) return *error_;
  return read;
}

Select Reader::select(const PgQuery__SelectStmt& statement, const Scope* outer, const Ctes* ctes) {
  const Deeper deeper(depth_);
  if (depth_ > deepest_nesting) refuse("it is nested too deeply: write it flatter");
  if (failed()) return {};
  Ctes own{statement.with_clause, 0, ctes};
  if (own.with != nullptr) {
    own = ctes_of(own.with, ctes);
    ctes = &own;
  }
  Select read;
  if (statement.n_values_lists > 0) {
    read = constant_rows(statement);
  } else if (statement.n_from_clause == 0 && statement.op == PG_QUERY__SET_OPERATION__SETOP_NONE) {
    read = constant_select(statement);
  } else if (has_grouping_sets(statement)) {
    read = grouping_sets(statement, outer, ctes);
  } else {
    read = statement.op == PG_QUERY__SET_OPERATION__SETOP_NONE ? plain(statement, outer, ctes)
                                                               : combined(statement, outer, ctes);
  }
  check_ctes_used(own.with);
  return read;
}

Ctes Reader::ctes_of(const PgQuery__WithClause* with, const Ctes* outer) {
  if (with == nullptr) return {nullptr, 0, outer};
  knows(with->base, {"ctes", "recursive"});
  if (with->recursive != 0) refuse("WITH RECURSIVE can run without end: write it without");
  return {with, with->n_ctes, outer};
}

void Reader::check_ctes_used(const PgQuery__WithClause* with) {
  if (with == nullptr || failed()) return;
  for (std::size_t i = 0; i < with->n_ctes; ++i) {
    const Node& node = *with->ctes[i];
    if (node.node_case == PG_QUERY__NODE__NODE_COMMON_TABLE_EXPR &&
        !used_ctes_.contains(node.common_table_expr)) {
      refuse("CTE " + in_quotes(node.common_table_expr->ctename) + " is never used: remove it");
    }
  }
}

Select Reader::plain(const PgQuery__SelectStmt& statement, const Scope* outer, const Ctes* ctes) {
  Select into;
  Scope scope{&into, {}, {}, outer, &statement};
  joining_.push_back({&scope, false, {}});
  Select read = rows(statement, into, scope, ctes);
  if (!joining_.back().apart.empty()) refuse("a SELECT as a value stands where it is not followed");
  joining_.pop_back();
  return read;
}

// The SELECT that `scope` is of.
Select Reader::rows(const PgQuery__SelectStmt& statement, Select& into, Scope& scope, const Ctes* ctes) {
  knows(statement.base,
        {"distinct_clause", "target_list", "from_clause", "where_clause", "group_clause", "having_clause",
         "sort_clause", "limit_count", "limit_option", "with_clause", "op", "window_clause"});
  const auto* left_out = std::exchange(left_out_, nullptr);
  from_clause(statement, into, scope, ctes);
  if (failed()) return into;
  if (statement.where_clause != nullptr)
    into.where = predicate(statement.where_clause, {&scope, ctes, false});
  const bool first = is_distinct_on(statement);
  if (!first) distinct(statement, into);
  outputs(statement, into, {&scope, ctes, true});
  grouping(statement, into, {&scope, ctes, true});
  left_out_ = left_out;
  without_groups(into, {&scope, ctes, true});
  left_out_ = nullptr;
  if (first) {
    join_apart(into);
    return first_rows(statement, into, {&scope, ctes, into.grouped()});
  }
  ordering(statement, into, {&scope, ctes, true});
  settle_grouping(into, {});
  join_apart(into);
  raise(into, left_out != nullptr);
  limit(statement, into);
  check_row(into);
  if (!failed() && into.grouped()) check_grouped(into);
  return std::move(into);
}

Select Reader::combined(const PgQuery__SelectStmt& statement, const Scope* outer, const Ctes* ctes) {
  knows(statement.base,
        {"op", "all", "larg", "rarg", "sort_clause", "limit_count", "limit_option", "with_clause"});
  const bool is_union = statement.op == PG_QUERY__SET_OPERATION__SETOP_UNION;
  if (!is_union && statement.all != 0) refuse("INTERSECT ALL and EXCEPT ALL are not followed: leave ALL out");
  Select into;
  if (failed() || statement.larg == nullptr || statement.rarg == nullptr) return into;
  into.combine = !is_union
                     ? (statement.op == PG_QUERY__SET_OPERATION__SETOP_EXCEPT ? Select::Combine::except
                                                                              : Select::Combine::intersect)
                 : statement.all != 0 ? Select::Combine::union_all
                                      : Select::Combine::union_distinct;
  // INTERSECT binds more tightly than what is left of it.
  const bool apart = into.combine == Select::Combine::intersect &&
                     statement.larg->op != PG_QUERY__SET_OPERATION__SETOP_INTERSECT;
  into.parts.push_back(part(*statement.larg, apart, outer, ctes));
  into.parts.push_back(part(*statement.rarg, true, outer, ctes));
  if (failed()) return into;
  align(into);
  ordering(statement, into, {nullptr, ctes, false});
  limit(statement, into);
  return into;
}

// One part of a combination. What needs parentheses there, which SQLite does not know, is a SELECT from it;
// an order without a LIMIT says nothing.
Select Reader::part(const PgQuery__SelectStmt& statement, bool apart, const Scope* outer, const Ctes* ctes) {
  Select read = select(statement, outer, ctes);
  if (!read.limit) read.order_by.clear();
  const bool combined = read.combine != Select::Combine::none;
  if (failed() || (!read.limit && !(combined && apart))) return read;
  return around(std::move(read));
}

void Reader::align(Select& into) {
  const auto& left = into.parts[0].outputs;
  const auto& right = into.parts[1].outputs;
  if (left.size() != right.size())
    refuse("the parts of a UNION have different numbers of columns: align them");
  for (std::size_t i = 0; i < left.size() && !failed(); ++i) {
    const Expression& a = left[i].value;
    const Expression& b = right[i].value;
    if (a.label != b.label && (is_identifying(a.label) || is_identifying(b.label))) {
      refuse("column " + in_quotes(left[i].name) + " of a UNION mixes " + std::string(to_string(a.label)) +
             " with " + std::string(to_string(b.label)) + ": give both parts the same kind of column");
    }
    if ((a.type == Type::text) != (b.type == Type::text)) {
      refuse("column " + in_quotes(left[i].name) +
             " of a UNION mixes text and numbers: give both parts one type");
    }
    Expression column;
    column.kind = Kind::column;
    column.column = static_cast<int>(i);
    column.label = std::min(a.label, b.label);
    column.type = a.type == b.type ? a.type : Type::real;
    column.longest = std::max(a.longest, b.longest);
    into.outputs.push_back({left[i].name, column});
  }
}

void Reader::distinct(const PgQuery__SelectStmt& statement, Select& into) {
  if (statement.n_distinct_clause == 0) return;
  into.distinct = true;
}

std::string Reader::output_name(const PgQuery__ResTarget& target, const Expression& value,
                                const Select& select) {
  if (*target.name != '\0') return target.name;
  if (value.is_column()) {
    const Relation* relation = select.find(value.relation);
    if (relation != nullptr && !relation->columns[static_cast<std::size_t>(value.column)].name.empty())
      return relation->columns[static_cast<std::size_t>(value.column)].name;
  }
  // Computed, but written as a column.
  if (target.val->node_case == PG_QUERY__NODE__NODE_COLUMN_REF)
    return text_of(target.val->column_ref->fields[target.val->column_ref->n_fields - 1]);
  if (target.val->node_case == PG_QUERY__NODE__NODE_SUB_LINK && !joining_.back().apart.empty())
    return joining_.back().apart.back().names[0];
  if (value.kind == Kind::function || value.kind == Kind::aggregate) return value.text;
  return value.kind == Kind::cases ? "case" : "column";
}

void Reader::outputs(const PgQuery__SelectStmt& statement, Select& into, const Place& place) {
  for (std::size_t i = 0; i < statement.n_target_list && !failed(); ++i) {
    const Node& node = *statement.target_list[i];
    if (node.node_case != PG_QUERY__NODE__NODE_RES_TARGET)
      return refuse("a result that is not an expression");
    const PgQuery__ResTarget& target = *node.res_target;
    if (!knows(target.base, {"name", "val"}) || target.val == nullptr)
      return refuse("a result without a value");
    if (target.val->node_case == PG_QUERY__NODE__NODE_COLUMN_REF) {
      const PgQuery__ColumnRef& ref = *target.val->column_ref;
      const Node* last = ref.n_fields == 0 ? nullptr : ref.fields[ref.n_fields - 1];
      if (last != nullptr && last->node_case == PG_QUERY__NODE__NODE_A_STAR) {
        if (ref.n_fields > 2) return refuse("a schema's name before .*: name the table alone");
        all_columns(into, *place.scope, ref.n_fields == 2 ? text_of(ref.fields[0]) : std::string());
        continue;
      }
    }
    Expression read = is_by_chance(target.val) ? drawn() : value(target.val, place);
    std::string name = output_name(target, read, into);
    if (name.size() > 63 || name.find('"') != std::string::npos) {
      refuse("the name of result " + std::to_string(i + 1) + " has quotes or more than 63 bytes: rename it");
    }
    into.outputs.push_back({std::move(name), std::move(read)});
  }
  if (into.outputs.empty()) refuse("a SELECT without results: name at least one");
  if (into.outputs.size() > most_outputs) refuse("it has too many results: split it");
}

void Reader::grouping(const PgQuery__SelectStmt& statement, Select& into, const Place& place) {
  for (std::size_t i = 0; i < statement.n_group_clause && !failed(); ++i) {
    const Node& node = *statement.group_clause[i];
    std::optional<Expression> group;
    if (node.node_case == PG_QUERY__NODE__NODE_A_CONST) {
      const Expression number = constant(*node.a_const);
      const std::size_t position =
          number.kind == Kind::number ? std::strtoul(number.text.c_str(), nullptr, 10) : 0;
      if (position < 1 || position > into.outputs.size()) return refuse("GROUP BY a constant: name a column");
      group = into.outputs[position - 1].value;
    } else if (node.node_case == PG_QUERY__NODE__NODE_COLUMN_REF && node.column_ref->n_fields == 1) {
      const std::string name = text_of(node.column_ref->fields[0]);
      group = find_column(*place.scope, {}, name);
      for (std::size_t o = 0; !group && o < into.outputs.size(); ++o) {
        if (same_name(into.outputs[o].name, name)) group = into.outputs[o].value;
      }
    }
    if (!group) group = value(&node, {place.scope, place.ctes, false});
    bool aggregated = group->children.empty() && !group->is_column();
    for_each(*group, [&](const Expression& e) {
      aggregated = aggregated || e.kind == Kind::aggregate || e.kind == Kind::window;
    });
    if (aggregated)
      return refuse("GROUP BY a constant or an aggregate: name a column or an expression of columns");
    into.group_by.push_back(std::move(*group));
  }
  if (statement.having_clause != nullptr) into.having = predicate(statement.having_clause, place);
}

void Reader::ordering(const PgQuery__SelectStmt& statement, Select& into, const Place& place) {
  for (std::size_t i = 0; i < statement.n_sort_clause && !failed(); ++i) {
    const Node& item = *statement.sort_clause[i];
    if (item.node_case != PG_QUERY__NODE__NODE_SORT_BY) return refuse("an ORDER BY that is not followed");
    const PgQuery__SortBy& sort = *item.sort_by;
    if (!knows(sort.base, {"node", "sortby_dir", "sortby_nulls"}) || sort.node == nullptr) return;
    std::optional<Expression> by;
    if (sort.node->node_case == PG_QUERY__NODE__NODE_A_CONST) {
      const Expression number = constant(*sort.node->a_const);
      const std::size_t position =
          number.kind == Kind::number ? std::strtoul(number.text.c_str(), nullptr, 10) : 0;
      if (position < 1 || position > into.outputs.size()) return refuse("ORDER BY a constant: name a column");
      by = into.outputs[position - 1].value;
    } else if (sort.node->node_case == PG_QUERY__NODE__NODE_COLUMN_REF &&
               sort.node->column_ref->n_fields == 1) {
      const std::string name = text_of(sort.node->column_ref->fields[0]);
      for (const Output& output : into.outputs) {
        if (!by && same_name(output.name, name)) by = output.value;
      }
    }
    if (!by && place.scope == nullptr)
      return refuse("ORDER BY of a UNION must name one of its result columns");
    if (!by && is_by_chance(sort.node)) by = drawn();
    if (!by) by = value(sort.node, place);
    const bool descending = sort.sortby_dir == PG_QUERY__SORT_BY_DIR__SORTBY_DESC;
    const bool first = sort.sortby_nulls == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_FIRST ||
                       (descending && sort.sortby_nulls != PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_LAST);
    if (sort.sortby_dir == PG_QUERY__SORT_BY_DIR__SORTBY_USING)
      return refuse("ORDER BY … USING is not followed");
    // A constant orders nothing, and a bare number would be read as a position.
    if (by->is_column() || !by->children.empty() || by->kind == Kind::aggregate || is_chance(*by)) {
      into.order_by.push_back({std::move(*by), descending, first});
    }
  }
}

void Reader::limit(const PgQuery__SelectStmt& statement, Select& into) {
  if (statement.limit_option == PG_QUERY__LIMIT_OPTION__LIMIT_OPTION_WITH_TIES)
    refuse("WITH TIES is not followed");
  if (statement.limit_count == nullptr || failed()) return;
  const Node& node = *statement.limit_count;
  const bool number = node.node_case == PG_QUERY__NODE__NODE_A_CONST &&
                      node.a_const->val_case == PG_QUERY__A__CONST__VAL_IVAL && node.a_const->ival->ival >= 0;
  if (!number) return refuse("LIMIT must be a plain number");
  into.limit = static_cast<std::uint64_t>(node.a_const->ival->ival);
}

}  // namespace sceau::source
