// What ran follows from what was signed: the request's SQL, planned again with the catalogue and the policy
// in force when it began to run, gives the SQL and the columns that the result states.
#include "../project_rules.h"
#include "../workspace.h"
#include "audit_pass.h"
#include "sceau/release/extraction.h"
#include "sceau/source/catalogue.h"

namespace sceau::gate {
namespace {

release::Policy release_policy(const registry::Policy& policy) {
  release::Policy rules;
  rules.minimum_people = static_cast<std::uint32_t>(policy.minimum_people);
  rules.dominance_percent = static_cast<std::uint32_t>(policy.dominance_percent);
  rules.time_limit_seconds = static_cast<std::uint32_t>(policy.time_limit);
  if (policy.row_limit > 0) rules.row_limit = static_cast<std::uint64_t>(policy.row_limit);
  return rules;
}

Result<release::Plan> plan_over(const Pass& pass, const statement::Value& request,
                                const registry::Request& known, const std::string& engine_name,
                                const registry::WorkTables* tables) {
  const auto rules = pass.policies.find(known.policy);
  if (rules == pass.policies.end()) return Error{ErrorKind::not_found, "its policy was never in force"};
  auto text = pass.ledger.blob(known.catalogue);
  if (!text) return text.error().within("its catalogue");
  auto labels = source::Catalogue::from_toml(as_text(*text));
  if (!labels) return labels.error().within("its catalogue");
  auto kind_text = statement::text_field(request, "kind");
  if (!kind_text) return kind_text.error();
  auto kind = release::kind_from(*kind_text);
  if (!kind) return kind.error();
  auto sql = statement::texts_field(request, "sql");
  if (!sql) return sql.error();
  auto parameters = statement::texts_field(request, "parameters");
  if (!parameters) return parameters.error();
  auto engine = source::engine_from(engine_name);
  if (!engine) return engine.error();
  auto workspace = read_workspace(tables, {known.project, known.by, known.source});
  if (!workspace) return workspace.error();
  return release::plan(*labels, *kind, *sql, release_policy(rules->second),
                       project_rules(pass.registry.project(known.project), rules->second.rules, known.by),
                       *engine, *workspace, *parameters);
}

Result<release::Plan> plan_again(const Pass& pass, const statement::Value& request,
                                 const registry::Request& known, const std::string& engine_name) {
  return plan_over(pass, request, known, engine_name, known.workspace.get());
}

// What left was what its approvers saw.
void audit_approved(Pass& pass, const registry::Record& record, const statement::Value& request,
                    const registry::Request& known, const std::string& engine_name,
                    const release::Plan& planned) {
  if (known.approvals.empty() || known.workspace == known.asked_over) return;
  const auto asked = plan_over(pass, request, known, engine_name, known.asked_over.get());
  if (!check_as_approved(planned, asked, known, known.workspace.get()))
    pass.find(record.index, "it delivered what was changed in the workspace after its approvers saw it");
}

statement::Value columns_value(const release::Plan& plan) {
  statement::Array columns;
  for (const release::ResultColumn& column : plan.columns) {
    columns.emplace_back(statement::Object{{"name", column.name},
                                           {"label", source::to_string(column.label)},
                                           {"treatment", release::to_string(column.treatment)}});
  }
  return columns;
}

// The labels of a workspace's tables, and whom their rows are about.
void audit_change(Pass& pass, const registry::Record& record, const release::Plan& planned,
                  const statement::Value& body) {
  const auto outcome = statement::text_field(body, "outcome");
  const statement::Object change =
      outcome && *outcome == "delivered" ? change_object(planned.change) : statement::Object{};
  for (const char* member : {"made", "dropped"}) {
    const statement::Value* said = body.find(member);
    const auto derived = change.find(member);
    const bool same =
        said == nullptr ? derived == change.end() : derived != change.end() && *said == derived->second;
    if (!same)
      pass.find(record.index, std::string("what it says was ")
                                  .append(member)
                                  .append(" in the workspace does not follow from the signed request"));
  }
}

}  // namespace

void tell_what_ran(const Pass& pass, ExtractionStory& story) {
  const auto request = pass.requests.find(story.request.digest);
  const registry::Source* source = pass.registry.source(story.request.source);
  if (!story.sql_run.empty() || !story.request.running || request == pass.requests.end() || source == nullptr)
    return;
  auto planned = plan_again(pass, request->second, story.request, source->engine);
  if (planned) story.sql_run = stated_sql(*planned);
}

void audit_plan(Pass& pass, const registry::Record& record, const registry::Submission& result) {
  const statement::Value& body = result.statement.body;
  const auto digest = statement::digest_field(body, "request");
  const auto sql_run = statement::texts_field(body, "sql_run");
  const auto outcome = statement::text_field(body, "outcome");
  if (!digest || !sql_run || !outcome) return;
  // A result without SQL is of a request that never reached the source.
  if (sql_run->empty() && *outcome != "delivered") return;
  const auto request = pass.requests.find(*digest);
  if (request == pass.requests.end()) {
    return pass.note("entry " + std::to_string(record.index) + ": the request's opening " + pass.not_read() +
                     ", so what ran cannot be derived again");
  }
  const registry::Request* known = pass.registry.request(*digest);
  if (known == nullptr) return;
  if (!known->running)
    return pass.find(record.index, "it says what it ran of a request that never began to run");
  const registry::Source* source = pass.registry.source(known->source);
  if (source == nullptr) return;
  // A source never changes its engine.
  auto planned = plan_again(pass, request->second, *known, source->engine);
  // What other results said of its workspace may have been erased with them.
  if (!planned && pass.results_gone) {
    return pass.note("entry " + std::to_string(record.index) +
                     ": results were erased, so what ran in a workspace cannot be derived again");
  }
  if (!planned) {
    return pass.find(record.index, "it ran what may not run: " + planned.error().message);
  }
  if (stated_sql(*planned) != *sql_run) {
    pass.find(record.index, "the SQL that it says it ran does not follow from the signed request");
  }
  const auto columns = statement::array_field(body, "columns");
  if (!columns || **columns != columns_value(*planned)) {
    pass.find(record.index, "the columns that it says it delivered do not follow from the signed request");
  }
  audit_change(pass, record, *planned, body);
  if (*outcome == "delivered" && !pass.results_gone)
    audit_approved(pass, record, request->second, *known, source->engine, *planned);
}

}  // namespace sceau::gate
