#include <algorithm>

#include "reader.h"

namespace sceau::source {
namespace {

constexpr int most_relations = 64;

Expression equal(Expression left, Expression right) {
  Expression equality;
  equality.kind = Expression::Kind::compare;
  equality.text = "=";
  equality.label = std::min(left.label, right.label);
  equality.children.push_back(std::move(left));
  equality.children.push_back(std::move(right));
  return equality;
}

}  // namespace

void Reader::from_clause(const PgQuery__SelectStmt& statement, Select& into, Scope& scope, const Ctes* ctes) {
  for (std::size_t i = 0; i < statement.n_from_clause && !failed(); ++i) {
    const Node& node = *statement.from_clause[i];
    if (node.node_case == PG_QUERY__NODE__NODE_RANGE_SUBSELECT && node.range_subselect->lateral != 0 &&
        !into.from.empty()) {
      From left = std::move(into.from.back());
      into.from.back() = lateral(*node.range_subselect, std::move(left), into, scope, {false, nullptr, ctes});
      continue;
    }
    From item = from_item(node, into, scope, ctes);
    into.from.push_back(std::move(item));
  }
  if (into.from.empty()) refuse("a SELECT that reads no table of the catalogue: name one in FROM");
  if (next_relation_ > most_relations) refuse("it reads too many tables: split it");
}

std::string Reader::alias_of(const PgQuery__Alias* alias, std::string_view otherwise, bool columns) {
  if (alias == nullptr) return std::string(otherwise);
  if (columns) {
    knows(alias->base, {"aliasname", "colnames"});
  } else {
    knows(alias->base, {"aliasname"});
  }
  return alias->aliasname;
}

From Reader::add_relation(Relation relation, Select& into, Scope& scope) {
  for (const Relation& other : into.relations) {
    if (same_name(other.name, relation.name)) {
      refuse("table name " + in_quotes(relation.name) + " is twice in one FROM: give each its own alias");
    }
  }
  if (relation.id == 0) relation.id = next_relation_++;
  if (relation.table != nullptr) {
    for (RelationColumn& column : relation.columns) {
      column.origin = Origin{relation.table->name, column.name, relation.id};
    }
  }
  From from;
  from.relation = relation.id;
  scope.visible.push_back(relation.id);
  const auto columns = own_columns(relation);
  scope.shown.insert(scope.shown.end(), columns.begin(), columns.end());
  into.relations.push_back(std::move(relation));
  return from;
}

From Reader::from_item(const Node& node, Select& into, Scope& scope, const Ctes* ctes) {
  switch (node.node_case) {
    case PG_QUERY__NODE__NODE_RANGE_VAR:
      return range_table(*node.range_var, into, scope, ctes);
    case PG_QUERY__NODE__NODE_RANGE_SUBSELECT:
      return range_select(*node.range_subselect, into, scope, ctes);
    case PG_QUERY__NODE__NODE_JOIN_EXPR:
      return join(*node.join_expr, into, scope, ctes);
    case PG_QUERY__NODE__NODE_RANGE_FUNCTION:
      return series(*node.range_function, into, scope);
    case PG_QUERY__NODE__NODE_RANGE_TABLE_SAMPLE:
      return sample(*node.range_table_sample, into, scope, ctes);
    default:
      refuse(in_quotes(node_name(node)) + " in FROM is not followed: read tables of the catalogue");
      return {};
  }
}

From Reader::range_table(const PgQuery__RangeVar& range, Select& into, Scope& scope, const Ctes* ctes) {
  const bool workspace = check_schema(range);
  knows(range.base, {"schemaname", "relname", "inh", "relpersistence", "alias"});
  if (range.inh == 0) refuse("ONLY before a table is not followed: name the table alone");
  const std::string name = range.relname;
  const std::string alias = alias_of(range.alias, name);
  if (failed()) return {};
  if (!workspace && cte(name, alias, into, scope, ctes)) {
    From from;
    from.relation = into.relations.empty() ? 0 : into.relations.back().id;
    return from;
  }
  const Table* table = catalogue_.find(name);
  if (table == nullptr || (workspace && !table->in_workspace())) {
    refuse("table " + in_quotes(name) +
           (workspace ? " is not in the workspace: make it with kind work"
                      : " is not in the catalogue: only its tables can be read"));
    return {};
  }
  auto viewed = view_rows(*table);
  if (failed()) return {};
  Relation relation = viewed ? std::move(*viewed) : relation_of(*table);
  if (range.alias != nullptr) relation.name = alias;
  return add_relation(std::move(relation), into, scope);
}

// A view is its SELECT, read with the tables as they are now. Its text names no view, and so none itself.
std::optional<Relation> Reader::view_rows(const Table& table) {
  if (table.view.empty()) return std::nullopt;
  if (next_relation_ > 200) refuse("its views multiply without measure: use each once");
  const auto tree = parse(table.view);
  const Node* statement = tree && (*tree)->n_stmts == 1 ? (*tree)->stmts[0]->stmt : nullptr;
  if (statement == nullptr || statement->node_case != PG_QUERY__NODE__NODE_SELECT_STMT)
    refuse("view " + in_quotes(table.name) + " cannot be read any more: make it again");
  if (failed()) return std::nullopt;
  Relation relation = relation_of(select(*statement->select_stmt, nullptr, nullptr));
  relation.name = table.name;
  return relation;
}

// Whether the workspace's name stands before the table's; no other may.
bool Reader::check_schema(const PgQuery__RangeVar& range) {
  const bool workspace = std::string_view(range.schemaname) == workspace_name;
  if ((!workspace && *range.schemaname != '\0') || *range.catalogname != '\0') {
    refuse("a schema's or database's name before table " + in_quotes(range.relname) +
           ": name the table alone");
  }
  return workspace;
}

Relation Reader::relation_of(const Table& table) {
  Relation relation;
  relation.name = table.name;
  relation.table = &table;
  for (const Column& column : table.columns) {
    relation.columns.push_back({column.name, column.type, column.label, {}, column.longest});
  }
  return relation;
}

bool Reader::cte(const std::string& name, const std::string& alias, Select& into, Scope& scope,
                 const Ctes* ctes) {
  for (const Ctes* level = ctes; level != nullptr; level = level->outer) {
    for (std::size_t i = level->count; level->with != nullptr && i > 0; --i) {
      const Node& node = *level->with->ctes[i - 1];
      if (node.node_case != PG_QUERY__NODE__NODE_COMMON_TABLE_EXPR) continue;
      const PgQuery__CommonTableExpr& found = *node.common_table_expr;
      if (name != found.ctename) continue;
      knows(found.base, {"ctename", "aliascolnames", "ctematerialized", "ctequery"});
      const bool again = !used_ctes_.insert(&found).second;
      const std::size_t chances = chances_;
      if (found.ctequery == nullptr || found.ctequery->node_case != PG_QUERY__NODE__NODE_SELECT_STMT) {
        refuse("CTE " + in_quotes(name) + " is not a SELECT");
        return true;
      }
      // It sees the CTEs written before it, and is read anew wherever it is used.
      const Ctes before{level->with, i - 1, level->outer};
      if (next_relation_ > 200) refuse("its CTEs multiply without measure: use each once");
      if (failed()) return true;
      Relation relation = relation_of(select(*found.ctequery->select_stmt, nullptr, &before));
      relation.name = alias;
      if (again && chances_ > chances)
        refuse("CTE " + in_quotes(name) + " with random() is read twice: put it into a table first");
      if (!failed()) name_columns(found.n_aliascolnames, found.aliascolnames, relation);
      if (!failed()) add_relation(std::move(relation), into, scope);
      return true;
    }
  }
  return false;
}

Relation Reader::relation_of(Select&& select) {
  Relation relation;
  for (const Output& output : select.outputs) {
    RelationColumn column{output.name, output.value.type, output.value.label, {}, output.value.longest};
    if (output.value.is_column()) {
      if (const Relation* inner = select.find(output.value.relation)) {
        column.origin = inner->columns[static_cast<std::size_t>(output.value.column)].origin;
      }
    }
    relation.columns.push_back(std::move(column));
  }
  relation.select = std::make_shared<Select>(std::move(select));
  return relation;
}

From Reader::range_select(const PgQuery__RangeSubselect& range, Select& into, Scope& scope,
                          const Ctes* ctes) {
  if (range.lateral != 0) refuse("LATERAL stands right of what it looks at: FROM t CROSS JOIN LATERAL (…)");
  knows(range.base, {"subquery", "alias"});
  if (range.alias == nullptr) refuse("a SELECT in FROM needs a name: add AS name");
  if (failed() || range.subquery == nullptr ||
      range.subquery->node_case != PG_QUERY__NODE__NODE_SELECT_STMT) {
    refuse("something in FROM that is not a SELECT");
    return {};
  }
  Relation relation = relation_of(select(*range.subquery->select_stmt, nullptr, ctes));
  relation.name = alias_of(range.alias, {}, true);
  if (!failed() && range.alias != nullptr)
    name_columns(range.alias->n_colnames, range.alias->colnames, relation);
  if (failed()) return {};
  return add_relation(std::move(relation), into, scope);
}

// The column of that name among the relations of one side of a join.
std::optional<Expression> Reader::side_column(const std::string& name, const Select& into, const Scope& scope,
                                              std::pair<std::size_t, std::size_t> side) {
  std::optional<Expression> found;
  for (std::size_t v = side.first; v < side.second; ++v) {
    const Relation& relation = *into.find(scope.visible[v]);
    for (std::size_t c = 0; c < relation.columns.size(); ++c) {
      if (!same_name(relation.columns[c].name, name)) continue;
      const auto merged = std::find_if(scope.merged.begin(), scope.merged.end(), [&](const MergedColumn& m) {
        return found && m.relation == found->relation && m.column == found->column;
      });
      if (found && merged == scope.merged.end())
        refuse("USING column " + in_quotes(name) + " is ambiguous: write ON with table names");
      if (merged != scope.merged.end() && merged->both)
        refuse("USING column " + in_quotes(name) + " comes of a FULL JOIN: write ON with table names");
      if (!found) found = column_of(relation, static_cast<int>(c));
    }
  }
  return found;
}

Expression Reader::using_columns(const std::vector<std::string>& names, bool full, Select& into, Scope& scope,
                                 std::size_t left_end) {
  std::vector<Expression> equalities;
  const std::size_t all = scope.visible.size();
  std::vector<MergedColumn> merged;
  for (const std::string& name : names) {
    auto left = side_column(name, into, scope, {0, left_end});
    auto right = side_column(name, into, scope, {left_end, all});
    if (!left || !right) {
      refuse("USING column " + in_quotes(name) + " is not on both sides of the join");
      return {};
    }
    merged.push_back({left->relation, left->column, {}});
    if (!same_class(*left, *right, "USING")) return {};
    if (full) {
      const Type type = left->type == right->type ? left->type : Type::real;
      merged.back().both = finish(call_of("coalesce", type, {*left, *right}));
    }
    equalities.push_back(equal(*left, *right));
  }
  scope.merged.insert(scope.merged.end(), merged.begin(), merged.end());
  show_merged(names, merged, into, scope);
  if (equalities.size() == 1) return equalities[0];
  return finish(condition_of(Kind::both, {}, std::move(equalities)));
}

// What USING names, or NATURAL means: the columns that both sides have.
std::vector<std::string> Reader::shared_columns(const PgQuery__JoinExpr& join, const Select& into,
                                                const Scope& own, std::size_t left_end) {
  std::vector<std::string> names;
  for (const int id : own.visible) {
    if (computed_.contains(id))
      refuse("NATURAL JOIN and USING are not followed beside LATERAL of one row: write ON");
  }
  for (std::size_t i = 0; i < join.n_using_clause; ++i) names.push_back(text_of(join.using_clause[i]));
  if (join.is_natural == 0) return names;
  const auto is_right = [&](const std::string& name) {
    for (std::size_t v = left_end; v < own.visible.size(); ++v) {
      for (const RelationColumn& column : into.find(own.visible[v])->columns) {
        if (same_name(column.name, name)) return true;
      }
    }
    return false;
  };
  for (std::size_t v = 0; v < left_end; ++v) {
    for (const RelationColumn& column : into.find(own.visible[v])->columns) {
      const bool known = std::any_of(names.begin(), names.end(),
                                     [&](const std::string& name) { return same_name(name, column.name); });
      if (!known && !column.name.empty() && is_right(column.name)) names.push_back(column.name);
    }
  }
  const auto place = [&](const std::string& name) {
    return std::find_if(own.shown.begin(), own.shown.end(),
                        [&](const ShownColumn& one) { return same_name(shown_name(one, into), name); });
  };
  std::stable_sort(names.begin(), names.end(),
                   [&](const std::string& a, const std::string& b) { return place(a) < place(b); });
  if (names.empty()) refuse("NATURAL JOIN of tables that have no column in common: write CROSS JOIN");
  return names;
}

// The database can do it for equalities of one side's columns with the other's alone.
void Reader::check_full(const Expression& on, const Scope& own, std::size_t left_end) {
  const auto is_left = [&](const Expression& e) {
    const auto end = own.visible.begin() + static_cast<std::ptrdiff_t>(left_end);
    return std::find(own.visible.begin(), end, e.relation) != end;
  };
  const std::vector<Expression>& parts = on.kind == Kind::both ? on.children : std::vector<Expression>(1, on);
  for (const Expression& part : parts) {
    const bool equality = part.kind == Kind::compare && part.text == "=" && part.children[0].is_column() &&
                          part.children[1].is_column();
    if (!equality || is_left(part.children[0]) == is_left(part.children[1]))
      refuse("FULL JOIN is followed ON equal columns of its two sides alone");
  }
}

// Both sides of a join; LATERAL on the right is a join by itself.
void Reader::sides(const PgQuery__JoinExpr& join, From& from, Select& into, Scope& own, const Ctes* ctes) {
  // A RIGHT JOIN is a LEFT JOIN whose sides change places; so do its columns' only where they are named.
  const bool turned = join.jointype == PG_QUERY__JOIN_TYPE__JOIN_RIGHT;
  from.full_join = join.jointype == PG_QUERY__JOIN_TYPE__JOIN_FULL;
  from.left_join = turned || join.jointype == PG_QUERY__JOIN_TYPE__JOIN_LEFT;
  from.sides.push_back(from_item(turned ? *join.rarg : *join.larg, into, own, ctes));
  const std::size_t left_end = own.visible.size();
  const auto left_columns = static_cast<std::ptrdiff_t>(own.shown.size());
  const Node& right = turned ? *join.larg : *join.rarg;
  if (failed()) return;
  if (right.node_case == PG_QUERY__NODE__NODE_RANGE_SUBSELECT && right.range_subselect->lateral != 0) {
    if (turned || from.full_join || join.n_using_clause > 0 || join.is_natural != 0)
      return refuse("LATERAL is followed after JOIN and LEFT JOIN, with ON");
    From left = std::move(from.sides[0]);
    from = lateral(*right.range_subselect, std::move(left), into, own, {from.left_join, join.quals, ctes});
    return;
  }
  from.sides.push_back(from_item(right, into, own, ctes));
  if (failed()) return;
  // * means them in the order of the text.
  if (turned) std::rotate(own.shown.begin(), own.shown.begin() + left_columns, own.shown.end());
  for (std::size_t v = from.full_join ? 0 : left_end; v < own.visible.size(); ++v) {
    for (Relation& relation : into.relations) {
      const bool missing = (from.left_join || from.full_join) && relation.id == own.visible[v];
      relation.nullable = relation.nullable || missing;
    }
  }
  if (join.n_using_clause > 0 || join.is_natural != 0) {
    const auto names = shared_columns(join, into, own, left_end);
    if (!failed()) from.on = using_columns(names, from.full_join, into, own, left_end);
  } else if (join.quals != nullptr) {
    from.on = predicate(join.quals, {&own, ctes, false});
  }
  if ((from.left_join || from.full_join) && !from.on) refuse("LEFT and FULL JOIN need ON or USING");
  if (!failed() && from.full_join) check_full(*from.on, own, left_end);
}

From Reader::join(const PgQuery__JoinExpr& join, Select& into, Scope& scope, const Ctes* ctes) {
  knows(join.base, {"jointype", "is_natural", "larg", "rarg", "using_clause", "quals", "rtindex"});
  if (join.jointype < PG_QUERY__JOIN_TYPE__JOIN_INNER || join.jointype > PG_QUERY__JOIN_TYPE__JOIN_RIGHT)
    refuse("a join that is not followed: write JOIN, LEFT JOIN, RIGHT JOIN or FULL JOIN");
  if (failed() || join.larg == nullptr || join.rarg == nullptr) return {};
  ++depth_;
  if (depth_ > deepest_nesting) refuse("its joins are nested too deeply: write it flatter");
  // Names in ON mean the relations of this join only.
  Scope own{scope.select, {}, {}, scope.outer};
  From from;
  if (!failed()) sides(join, from, into, own, ctes);
  --depth_;
  if (failed()) return {};
  scope.visible.insert(scope.visible.end(), own.visible.begin(), own.visible.end());
  scope.merged.insert(scope.merged.end(), own.merged.begin(), own.merged.end());
  scope.shown.insert(scope.shown.end(), own.shown.begin(), own.shown.end());
  return from;
}

}  // namespace sceau::source
