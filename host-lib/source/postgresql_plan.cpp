#include "postgresql_plan.h"

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

namespace sceau::source {
namespace {

Error admitted_but(const std::string& what) {
  return {ErrorKind::refused, "running the SQL: the database would " + what +
                                  ", which the checked tree does not: tell the administrator"};
}

// Whether a relation is a partition, near or far, of a table that the tree reads.
Result<bool> is_part_of(PostgresqlSession& session, const std::string& schema, const std::string& relation,
                        const Touched& touched, const Deadline& deadline) {
  auto root = session.ask(
      "SELECT n.nspname, c.relname FROM pg_class p JOIN pg_namespace s ON s.oid = p.relnamespace JOIN "
      "pg_class c ON c.oid "
      "= pg_partition_root(p.oid) JOIN pg_namespace n ON n.oid = c.relnamespace WHERE s.nspname = $1 AND "
      "p.relname = $2",
      {schema, relation}, deadline);
  if (!root) return root.error();
  return PQntuples(root->get()) == 1 && PQgetvalue(root->get(), 0, 0) == touched.schema &&
         touched.tables.contains(PQgetvalue(root->get(), 0, 1));
}

}  // namespace

// What the planner would read: relations of the tree, and nothing that runs code of the database's own.
Status agree(PostgresqlSession& session, const std::string& sql, const Touched& touched,
             const Deadline& deadline, const std::vector<std::string>& values) {
  auto answer = session.ask(explain(sql).sql, values, deadline);
  return answer ? agree(session, *answer, touched, deadline) : answer.error();
}

Question explain(const std::string& sql) { return {"EXPLAIN (VERBOSE, COSTS OFF, FORMAT JSON) " + sql, {}}; }

Status agree(PostgresqlSession& session, const Answer& explained, const Touched& touched,
             const Deadline& deadline) {
  const auto plan = nlohmann::json::parse(PQgetvalue(explained.get(), 0, 0), nullptr, false);
  if (plan.is_discarded()) return admitted_but("run what cannot be read");
  std::vector<std::pair<std::string, std::string>> relations;
  std::string other;
  const std::function<void(const nlohmann::json&)> visit = [&](const nlohmann::json& node) {
    if (node.is_object()) {
      if (node.contains("Relation Name"))
        relations.emplace_back(node.value("Schema", std::string()), node["Relation Name"].get<std::string>());
      for (const char* word : {"Function Name", "Table Function Name", "Tuplestore Name"})
        if (node.contains(word)) other = word;
    }
    if (node.is_structured()) {
      for (const auto& child : node) visit(child);
    }
  };
  visit(plan);
  if (!other.empty()) return admitted_but("call something (" + other + ")");
  for (const auto& [schema, relation] : relations) {
    if (schema == touched.schema && touched.tables.contains(relation)) continue;
    if (schema == touched.workspace_schema && touched.workspace.contains(relation)) continue;
    auto part = is_part_of(session, schema, relation, touched, deadline);
    if (!part) return part.error();
    if (!*part) return admitted_but(std::string("read ").append(schema).append(".").append(relation));
  }
  return {};
}

Result<std::uint64_t> expected_rows(PostgresqlSession& session, const std::string& sql,
                                    const Deadline& deadline, const std::vector<std::string>& values) {
  auto answer = session.ask("EXPLAIN (FORMAT JSON) " + sql, values, deadline);
  if (!answer) return answer.error();
  const auto plan = nlohmann::json::parse(PQgetvalue(answer->get(), 0, 0), nullptr, false);
  const auto rows = nlohmann::json::json_pointer("/0/Plan/Plan Rows");
  if (plan.is_discarded() || !plan.contains(rows) || !plan[rows].is_number())
    return Error{ErrorKind::unavailable, "estimating the rows: the database's plan cannot be read"};
  return static_cast<std::uint64_t>(std::max(0.0, plan[rows].get<double>()));
}

}  // namespace sceau::source
