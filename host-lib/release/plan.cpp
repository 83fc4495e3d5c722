#include <algorithm>

#include "identifiers.h"
#include "planners.h"
#include "together.h"

namespace sceau::release {
namespace {

// Calls `visit` for each SELECT of the tree.
template <typename Visit>
void each_select(const source::Select& select, const Visit& visit);
template <typename Visit>
void each_select(const source::Expression& e, const Visit& visit) {
  if (e.select) each_select(*e.select, visit);
  for (const source::Expression& child : e.children) each_select(child, visit);
}
template <typename Visit>
void each_select(const source::From& from, const Visit& visit) {
  for (const source::From& side : from.sides) each_select(side, visit);
  if (from.on) each_select(*from.on, visit);
}
template <typename Visit>
void each_select(const source::Select& select, const Visit& visit) {
  visit(select);
  for (const source::Select& part : select.parts) each_select(part, visit);
  for (const source::Relation& relation : select.relations) {
    if (relation.select) each_select(*relation.select, visit);
  }
  for (const source::From& item : select.from) each_select(item, visit);
  for (const source::Output& output : select.outputs) each_select(output.value, visit);
  for (const source::Expression& group : select.group_by) each_select(group, visit);
  for (const source::OrderBy& order : select.order_by) each_select(order.value, visit);
  if (select.where) each_select(*select.where, visit);
  if (select.having) each_select(*select.having, visit);
}

// Calls `look` for each expression of the SELECT itself.
template <typename Look>
void each_expression(const source::From& from, const Look& look) {
  for (const source::From& side : from.sides) each_expression(side, look);
  if (from.on) for_each(*from.on, look);
}
template <typename Look>
void each_expression(const source::Select& select, const Look& look) {
  for (const source::From& item : select.from) each_expression(item, look);
  for (const source::Output& output : select.outputs) for_each(output.value, look);
  for (const source::Expression& group : select.group_by) for_each(group, look);
  for (const source::OrderBy& order : select.order_by) for_each(order.value, look);
  if (select.where) for_each(*select.where, look);
  if (select.having) for_each(*select.having, look);
}

// What only kind work may do, and what nothing may leave from.
Status fit_to_leave(const source::Select& whole) {
  Status status;
  const std::string first_work = ": put its result into a table with kind work, and read that";
  const auto look = [&](const source::Expression& e) {
    if (source::is_for_work(e) && status)
      status = cannot_leave((e.text == "~" ? "a pattern after ~" : e.text + "()") + first_work);
    if (e.kind == source::Expression::Kind::window && status)
      status = cannot_leave("a window function: put its result into a table with kind work, and read that");
  };
  each_select(whole, [&](const source::Select& select) {
    if (!select.values.empty() && status) status = cannot_leave("VALUES in FROM" + first_work);
    each_expression(select, look);
    for (const source::Relation& relation : select.relations) {
      if (relation.table != nullptr && !relation.table->untied.empty() && status)
        status = cannot_leave("nothing leaves from table \"" + relation.table->name +
                              "\": " + relation.table->untied);
    }
  });
  return status;
}

bool listed(const std::vector<std::string>& allowed, const std::string& name) {
  return allowed.empty() || std::any_of(allowed.begin(), allowed.end(), [&](const std::string& candidate) {
           return source::same_name(candidate, name);
         });
}

// What a workspace holds was read from tables that were within the project.
bool is_own(const source::Catalogue& catalogue, const std::string& table) {
  const source::Table* known = catalogue.find(table);
  return known != nullptr && known->in_workspace();
}

Status within_project(const std::set<std::string>& tables, const std::set<source::ColumnRead>& reads,
                      const ProjectRules& rules, const source::Catalogue& catalogue) {
  for (const std::string& table : tables) {
    if (!listed(rules.tables, table) && !is_own(catalogue, table)) {
      return Error{ErrorKind::refused,
                   "checking the SQL: table " + table +
                       " is outside the project: ask for another project, or leave it out"};
    }
  }
  for (const source::ColumnRead& read : reads) {
    const std::string name = read.table + "." + read.column;
    if (!listed(rules.columns, name) && !listed(rules.columns, read.table + ".*") &&
        !is_own(catalogue, read.table)) {
      return Error{ErrorKind::refused,
                   "checking the SQL: column " + name +
                       " is outside the project: ask for another project, or leave it out"};
    }
  }
  return {};
}

}  // namespace

Error cannot_leave(const std::string& what) {
  return {ErrorKind::refused, "checking what would leave: " + what};
}

Status check_within(const std::set<std::string>& tables, const std::set<source::ColumnRead>& reads,
                    const ProjectRules& rules, const source::Catalogue& catalogue) {
  return within_project(tables, reads, rules, catalogue);
}

Result<Plan> plan(const source::Catalogue& base, Kind kind, const std::vector<std::string>& sql,
                  const Policy& policy, const ProjectRules& rules, source::Engine engine,
                  const Workspace& workspace, const std::vector<std::string>& parameters) {
  if (auto checked = check(policy); !checked) return checked.error();
  if (kind != Kind::individual && !parameters.empty())
    return Error{ErrorKind::refused, "planning the extraction: kind " + std::string(to_string(kind)) +
                                         " takes no parameters, for nobody approves what they are: only "
                                         "requests of kind individual have them"};
  if (kind == Kind::work) {
    if (engine == source::Engine::sqlite)
      return Error{
          ErrorKind::refused,
          "planning the extraction: kind work needs a workspace inside the source, which a read-only SQLite "
          "file has not: ask for aggregate or individual"};
    return plan_work(base, sql, rules, workspace);
  }
  const source::Catalogue catalogue = base.with(workspace.tables);
  if (sql.size() != 1) {
    return Error{ErrorKind::refused, "planning the extraction: " + std::to_string(sql.size()) +
                                         " statements where kind " + std::string(to_string(kind)) +
                                         " takes exactly one SELECT: send one"};
  }
  auto select = source::read_select(sql[0], catalogue, parameters.size());
  if (!select) return select.error();
  const auto where = kind == Kind::individual ? Standing::approved : Standing::leaving;
  if (auto checked = check_identifiers(*select, where); !checked) return checked.error();
  if (auto fit = fit_to_leave(*select); !fit) return fit.error();
  const source::Reading asked = source::reading_of(*select);
  if (auto checked = within_project(asked.tables, asked.reads, rules, catalogue); !checked)
    return checked.error();
  if (auto checked = check_together(*select, rules); !checked) return checked.error();
  auto planned = kind == Kind::individual ? plan_individual(*select, catalogue, engine, parameters)
                                          : plan_aggregate(std::move(*select), catalogue, policy, engine);
  if (!planned) return planned;
  planned->kind = kind;
  for (const source::CheckedSql& statement : planned->detail->statements) {
    planned->sql_run.push_back(statement.text());
    for (const std::string& table : statement.tables()) {
      if (std::find(planned->tables.begin(), planned->tables.end(), table) == planned->tables.end()) {
        planned->tables.push_back(table);
      }
    }
    for (const std::string& table : statement.workspace()) {
      if (std::find(planned->own.begin(), planned->own.end(), table) == planned->own.end())
        planned->own.push_back(table);
    }
  }
  return planned;
}

}  // namespace sceau::release
