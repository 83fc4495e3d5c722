#include "policy_check.h"

#include <algorithm>

#include "acts.h"
#include "policy.h"
#include "registry_view.h"
#include "sql_text.h"

namespace sceau::tool {
namespace {

using statement::Array;
using statement::Object;
using statement::Value;

std::string words(const Value& object, const std::string& name) {
  std::string text;
  for (const Value& item : list_field(object, name)) {
    if (item.is_text()) text.append(text.empty() ? "" : ", ").append(shown(item.as_text()));
  }
  return text;
}

std::int64_t number(const Value& object, const std::string& name) {
  const Value* found = object.find(name);
  return found != nullptr && found->is_int() ? found->as_int() : 0;
}

std::string approvals_text(const Value& prospect) {
  const Value* rule = prospect.find("approvals");
  if (rule == nullptr || !rule->is_object() || number(*rule, "needed") == 0)
    return "    no approval is needed\n";
  std::string text = "    " + std::to_string(number(*rule, "needed")) + " to approve";
  if (const auto other = number(*rule, "from_another_organisation"); other > 0)
    text += ", " + std::to_string(other) + " of them from another organisation";
  const auto missing = number(*rule, "missing");
  text += missing == 0 ? "; all given in advance" : "; it would wait for " + std::to_string(missing);
  const auto could = words(*rule, "could_approve");
  return text + "; who could: " + (could.empty() ? "nobody" : could) + "\n";
}

std::string plan_text(const Value& prospect) {
  const Value* plan = prospect.find("plan");
  if (plan == nullptr || !plan->is_object()) return {};
  std::string text;
  std::vector<std::vector<std::string>> rows{{"    COLUMN THAT WOULD LEAVE", "LABEL", "AS"}};
  for (const Value& column : list_field(*plan, "columns")) {
    rows.push_back({"    " + shown(field_text(column, "name")), shown(field_text(column, "label")),
                    shown(field_text(column, "treatment"))});
  }
  if (rows.size() > 1) text = table(rows) + "\n";
  for (const Value& notice : list_field(*plan, "notices")) {
    if (notice.is_text()) text.append("    note: ").append(shown(notice.as_text())).append("\n");
  }
  return text;
}

std::string prospect_text(const Value& prospect) {
  std::string text = "  " + shown(field_text(prospect, "kind")) + " on " +
                     shown(field_text(prospect, "source")) + " in project " +
                     shown(field_text(prospect, "project"));
  if (field_text(prospect, "allowed") != "yes") {
    text += ": no\n";
    for (const Value& line : list_field(prospect, "objections")) {
      if (line.is_text()) text.append("    ").append(with_commands(shown(line.as_text()))).append("\n");
    }
    return text + plan_text(prospect);
  }
  text += ": yes, until " + field_text(prospect, "until") + ", at most " +
          counted(static_cast<std::uint64_t>(number(prospect, "max_rows")), "row") + "\n";
  text += "    signed with token " + words(prospect, "tokens");
  const auto key = field_text(prospect, "key");
  if (key != "any") text.append(" (a ").append(key).append(" key, by policy)");
  return text + "\n" + approvals_text(prospect) + plan_text(prospect);
}

Result<Object> question_of(Workplace& place, const PolicyCheckOptions& options, const std::string& person) {
  Object question{{"person", person}};
  if (!options.project.empty()) question.emplace("project", options.project);
  if (!options.source.empty()) question.emplace("source", options.source);
  if (!options.kind.empty()) question.emplace("kind", options.kind);
  if (options.rows > 0) question.emplace("max_rows", options.rows);
  if (!options.sql.empty()) {
    auto sql = read_sql(options.sql);
    if (!sql) return sql.error();
    question.emplace("sql", statement::texts(*sql));
  }
  if (options.changes.empty()) return question;
  auto policy = policy_now(place);
  if (!policy) return policy.error();
  PolicyFiles files{options.metadata_root, place.clock.now()};
  auto changed = changed_policy(std::move(*policy), options.changes, files);
  if (!changed) return changed.error();
  question.emplace("policy", std::move(*changed));
  Array blobs;
  for (const Bytes& blob : files.blobs) blobs.emplace_back(to_base64(blob));
  question.emplace("blobs", std::move(blobs));
  return question;
}

bool some_allowed(const Value& answer) {
  return list_field(answer, "objections").empty() &&
         std::ranges::any_of(list_field(answer, "prospects"),
                             [](const Value& prospect) { return field_text(prospect, "allowed") == "yes"; });
}

}  // namespace

std::string prospects_text(const Value& answer) {
  std::string text = shown(field_text(answer, "person")) + ", at " + field_text(answer, "at") + ":\n";
  for (const Value& line : list_field(answer, "objections")) {
    if (line.is_text()) text.append("  ").append(with_commands(shown(line.as_text()))).append("\n");
  }
  for (const Value& prospect : list_field(answer, "prospects")) text += prospect_text(prospect);
  text.pop_back();
  return text;
}

Status check_policy(Workplace& place, const PolicyCheckOptions& options) {
  auto holder = open_logged_in(place, options.token);
  if (!holder) return holder.error();
  std::string person = options.person;
  if (person.empty()) {
    auto who = (*holder)->signatory();
    if (!who) return who.error();
    person = who->person;
  }
  auto question = question_of(place, options, person);
  if (!question) return question.error();
  auto connection = place.connect();
  if (!connection) return connection.error();
  auto answer = (*connection)->gate->ask("/policy/check", *question);
  if (!answer) return answer.error();
  place.output.result(*answer, prospects_text(*answer));
  if (some_allowed(*answer)) return {};
  return Error{ErrorKind::refused, "nothing of that would be taken now: the lines above say why"};
}

}  // namespace sceau::tool
