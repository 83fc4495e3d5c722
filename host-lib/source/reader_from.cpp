#include <algorithm>

#include "reader.h"

namespace sceau::source {
namespace {

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
  relation.id = next_relation_++;
  if (relation.table != nullptr) {
    for (RelationColumn& column : relation.columns) {
      column.origin = Origin{relation.table->name, column.name, relation.id};
    }
  }
  From from;
  from.relation = relation.id;
  scope.visible.push_back(relation.id);
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
      refuse("TABLESAMPLE takes people by chance: choose them by a condition");
      return {};
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
  Relation relation = relation_of(*table);
  if (range.alias != nullptr) relation.name = alias;
  return add_relation(std::move(relation), into, scope);
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
      used_ctes_.insert(&found);
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
  if (range.lateral != 0) refuse("LATERAL is not followed: join the tables instead");
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

Expression Reader::using_columns(const PgQuery__JoinExpr& join, Select& into, Scope& scope,
                                 std::size_t left_end) {
  const std::size_t begin = scope.visible.size();
  std::vector<Expression> equalities;
  for (std::size_t i = 0; i < join.n_using_clause && !failed(); ++i) {
    const std::string name = text_of(join.using_clause[i]);
    std::optional<Expression> left;
    std::optional<Expression> right;
    for (std::size_t v = 0; v < begin; ++v) {
      const Relation& relation = *into.find(scope.visible[v]);
      for (std::size_t c = 0; c < relation.columns.size(); ++c) {
        if (!same_name(relation.columns[c].name, name)) continue;
        auto& side = v < left_end ? left : right;
        const bool merged =
            side && std::any_of(scope.merged.begin(), scope.merged.end(), [&](const MergedColumn& m) {
              return m.relation == side->relation && m.column == side->column;
            });
        if (side && !merged)
          refuse("USING column " + in_quotes(name) + " is ambiguous: write ON with table names");
        if (!side) side = column_of(relation, static_cast<int>(c));
      }
    }
    if (!left || !right) {
      refuse("USING column " + in_quotes(name) + " is not on both sides of the join");
      return {};
    }
    scope.merged.push_back({left->relation, left->column});
    if (!same_class(*left, *right, "USING")) return {};
    equalities.push_back(equal(*left, *right));
  }
  if (equalities.size() == 1) return equalities[0];
  Expression both;
  both.kind = Kind::both;
  both.children = std::move(equalities);
  return finish(std::move(both));
}

From Reader::join(const PgQuery__JoinExpr& join, Select& into, Scope& scope, const Ctes* ctes) {
  if (join.is_natural != 0) refuse("NATURAL JOIN joins on whatever is named alike: write USING or ON");
  knows(join.base, {"jointype", "larg", "rarg", "using_clause", "quals", "rtindex"});
  // A RIGHT JOIN is a LEFT JOIN whose sides change places; so do its columns' only where they are named.
  const bool turned = join.jointype == PG_QUERY__JOIN_TYPE__JOIN_RIGHT;
  const bool left_join = turned || join.jointype == PG_QUERY__JOIN_TYPE__JOIN_LEFT;
  if (!left_join && join.jointype != PG_QUERY__JOIN_TYPE__JOIN_INNER) {
    refuse("FULL joins are not followed: write a LEFT JOIN from a table of all people");
  }
  if (failed() || join.larg == nullptr || join.rarg == nullptr) return {};
  ++depth_;
  if (depth_ > deepest_nesting) refuse("its joins are nested too deeply: write it flatter");
  // Names in ON mean the relations of this join only.
  Scope own{scope.select, {}, {}, scope.outer};
  From from;
  from.left_join = left_join;
  from.sides.push_back(from_item(turned ? *join.rarg : *join.larg, into, own, ctes));
  const std::size_t left_end = own.visible.size();
  if (!failed()) from.sides.push_back(from_item(turned ? *join.larg : *join.rarg, into, own, ctes));
  --depth_;
  if (failed()) return {};
  if (left_join) {
    for (Relation& relation : into.relations) {
      const auto begin = own.visible.begin() + static_cast<std::ptrdiff_t>(left_end);
      if (std::find(begin, own.visible.end(), relation.id) != own.visible.end()) relation.nullable = true;
    }
  }
  if (join.n_using_clause > 0) {
    from.on = using_columns(join, into, own, left_end);
  } else if (join.quals != nullptr) {
    from.on = predicate(join.quals, {&own, ctes, false});
  }
  if (left_join && !from.on) refuse("LEFT JOIN needs ON or USING");
  scope.visible.insert(scope.visible.end(), own.visible.begin(), own.visible.end());
  scope.merged.insert(scope.merged.end(), own.merged.begin(), own.merged.end());
  return from;
}

}  // namespace sceau::source
