#include <algorithm>

#include "identifiers.h"
#include "planners.h"

namespace sceau::release {
namespace {

bool listed(const std::vector<std::string>& allowed, const std::string& name) {
  return allowed.empty() || std::any_of(allowed.begin(), allowed.end(), [&](const std::string& candidate) {
           return source::same_name(candidate, name);
         });
}

Status within_project(const source::CheckedSql& asked, const ProjectRules& rules) {
  for (const std::string& table : asked.tables()) {
    if (!listed(rules.tables, table)) {
      return Error{ErrorKind::refused,
                   "checking the SQL: table " + table +
                       " is outside the project: ask for another project, or leave it out"};
    }
  }
  for (const source::ColumnRead& read : asked.reads()) {
    const std::string name = read.table + "." + read.column;
    if (!listed(rules.columns, name)) {
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

Result<Plan> plan(const source::Catalogue& catalogue, Kind kind, const std::vector<std::string>& sql,
                  const Policy& policy, const ProjectRules& rules, source::Engine engine) {
  if (auto checked = check(policy); !checked) return checked.error();
  if (kind == Kind::work) {
    return Error{
        ErrorKind::refused,
        "planning the extraction: kind work needs a workspace inside the source, which a read-only SQLite "
        "file has not: ask for aggregate or individual"};
  }
  if (sql.size() != 1) {
    return Error{ErrorKind::refused, "planning the extraction: " + std::to_string(sql.size()) +
                                         " statements where kind " + std::string(to_string(kind)) +
                                         " takes exactly one SELECT: send one"};
  }
  auto select = source::read_select(sql[0], catalogue);
  if (!select) return select.error();
  if (auto checked = check_identifiers(*select); !checked) return checked.error();
  auto asked = source::print(*select, catalogue, engine);
  if (!asked) return asked.error();
  if (auto checked = within_project(*asked, rules); !checked) return checked.error();
  auto planned = kind == Kind::individual ? plan_individual(*select, catalogue, engine)
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
  }
  return planned;
}

}  // namespace sceau::release
