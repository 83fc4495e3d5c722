// What a person could ask for, and why a request would be refused, before anything is signed. The question:
//
//   {"person": ID, "project": ID?, "source": ID?, "kind": KIND?, "max_rows": INT?, "sql": [TEXT, …]?,
//    "policy": POLICY?, "blobs": [base64, …]?}
//
// What is left out stands for each; `policy` is a candidate, as a policy.set would state it, with the blobs
// that it names. The answer lists one prospect a project, source and kind (registry/explanation.h), with the
// plan of `sql` where it is given: columns that would leave, or why it would be refused.
#include <array>
#include <map>

#include "columns.h"
#include "sceau/statement/schema.h"
#include "state.h"

namespace sceau::gate {
namespace {

using statement::Array;
using statement::Object;
using statement::Value;

constexpr std::size_t kQuestionLimit = std::size_t{1} << 20;
constexpr std::size_t kStatements = 64;
constexpr std::size_t kSqlLimit = 16384;
constexpr std::size_t kPlanned = 12;  // prospects, of one question

struct Question {
  registry::Question about;
  std::vector<std::string> sql;
  std::optional<Value> policy;
  std::map<Digest, Bytes> blobs;
};

Error not_a_question(const std::string& why) {
  return {ErrorKind::invalid, "reading the question about policy: " + why};
}

Status read_texts(const Value& object, Question& question) {
  const std::array<std::pair<const char*, std::string*>, 4> texts{{{"person", &question.about.person},
                                                                   {"project", &question.about.project},
                                                                   {"source", &question.about.source},
                                                                   {"kind", &question.about.kind}}};
  for (const auto& [name, place] : texts) {
    if (!object.contains(name)) continue;
    auto text = statement::text_field(object, name);
    if (!text) return text.error();
    if (!statement::is_registry_id(*text))
      return not_a_question(std::string(name) + " is no name of a registry's");
    *place = std::move(*text);
  }
  if (question.about.person.empty()) return not_a_question("it is about nobody: name a person");
  if (question.about.kind.empty()) return {};
  auto kind = release::kind_from(question.about.kind);
  return kind ? Status{} : kind.error();
}

Status read_sql_and_blobs(const Value& object, Question& question) {
  if (object.contains("sql")) {
    auto sql = statement::texts_field(object, "sql");
    if (!sql) return sql.error();
    if (sql->empty() || sql->size() > kStatements) return not_a_question("sql has 1 to 64 statements");
    std::size_t bytes = 0;
    for (const std::string& one : *sql) bytes += one.size();
    if (bytes > kSqlLimit) return not_a_question("sql has 16384 bytes at most, as a statement has");
    question.sql = std::move(*sql);
  }
  if (!object.contains("blobs")) return {};
  auto blobs = statement::texts_field(object, "blobs");
  if (!blobs) return blobs.error();
  for (const std::string& text : *blobs) {
    auto blob = from_base64(text);
    if (!blob) return blob.error();
    question.blobs.emplace(sha256(*blob), *blob);
  }
  return {};
}

Result<Question> read_question(ByteView bytes) {
  auto object = statement::parse_wire(bytes, kQuestionLimit);
  if (!object) return object.error();
  if (!object->is_object()) return not_a_question("it is no object");
  for (const auto& [name, value] : object->as_object()) {
    constexpr std::array<std::string_view, 8> known{"blobs",  "kind",    "max_rows", "person",
                                                    "policy", "project", "source",   "sql"};
    if (std::find(known.begin(), known.end(), name) == known.end())
      return not_a_question("\"" + name.substr(0, 60) + "\" is no part of one");
  }
  Question question;
  if (auto read = read_texts(*object, question); !read) return read.error();
  if (auto read = read_sql_and_blobs(*object, question); !read) return read.error();
  if (object->contains("max_rows")) {
    auto rows = statement::int_field(*object, "max_rows");
    if (!rows) return rows.error();
    if (*rows < 1) return not_a_question("max_rows is 1 or more");
    question.about.max_rows = *rows;
  }
  if (const Value* policy = object->find("policy"); policy != nullptr) {
    if (auto valid = statement::validate("policy.set", Object{{"policy", *policy}}); !valid)
      return valid.error();
    question.policy = *policy;
  }
  return question;
}

Object prospect_value(const registry::Prospect& prospect) {
  const registry::ApprovalRule& rule = prospect.approvals;
  return {{"allowed", prospect.objections.empty()},
          {"approvals", Object{{"by", statement::texts(rule.by)},
                               {"could_approve", statement::texts(prospect.could_approve)},
                               {"from_another_organisation", rule.from_another},
                               {"missing", prospect.missing},
                               {"needed", rule.needed}}},
          {"key", registry::key_kind_text(prospect.key)},
          {"kind", prospect.kind},
          {"max_rows", prospect.max_rows},
          {"objections", statement::texts(prospect.objections)},
          {"project", prospect.project},
          {"source", prospect.source},
          {"tokens", statement::texts(prospect.tokens)},
          {"until", to_rfc3339(prospect.until)}};
}

}  // namespace

// One question, asked of the registry as it stands and then, without holding it, of the planner.
class PolicyCheck {
 public:
  PolicyCheck(Gate::State& state, Question question) : state_(state), question_(std::move(question)) {}

  Result<std::string> answer() {
    const Time now = state_.recorder.now();
    auto asked = state_.recorder.read(
        [&](const registry::Registry& registry) -> Status { return ask(registry, now); });
    if (!asked) return asked.error();
    if (!question_.sql.empty() && explanation_.prospects.size() > kPlanned)
      return not_a_question("sql is looked at for 12 prospects at most: name a project, a source or a kind");
    Array prospects;
    for (std::size_t i = 0; i < explanation_.prospects.size(); ++i) {
      registry::Prospect& prospect = explanation_.prospects[i];
      Object plan;
      if (!question_.sql.empty()) plan = planned(prospect, bases_[i]);
      Object value = prospect_value(prospect);
      if (!plan.empty()) value.emplace("plan", std::move(plan));
      prospects.emplace_back(std::move(value));
    }
    return statement::to_canonical(Object{{"at", to_rfc3339(now)},
                                          {"objections", statement::texts(explanation_.objections)},
                                          {"person", question_.about.person},
                                          {"prospects", std::move(prospects)}});
  }

 private:
  Status ask(const registry::Registry& registry, Time now) {
    std::optional<registry::Policy> candidate;
    if (question_.policy) {
      const registry::Context context{
          now, registry.size(), {}, [this](const Digest& digest) { return blob(digest); }};
      auto read = registry.candidate(*question_.policy, context);
      if (!read) return Error{read.error().kind, "this policy could not be set: " + read.error().message};
      candidate = std::move(*read);
    }
    const registry::Policy& policy = candidate ? *candidate : registry.policy();
    explanation_ = registry.explain(question_.about, policy, now);
    for (const registry::Prospect& one : explanation_.prospects)
      bases_.push_back(Planner::basis(registry, {one.project, question_.about.person, one.source}, policy));
    return {};
  }

  Result<Bytes> blob(const Digest& digest) const {
    const auto brought = question_.blobs.find(digest);
    if (brought != question_.blobs.end()) return brought->second;
    return state_.recorder.log().blob(digest);
  }

  // What the SQL would give; what speaks against it joins the other objections.
  Object planned(registry::Prospect& prospect, const Result<PlanBasis>& basis) {
    if (!basis) return {};  // there is no such source: the registry has said so
    const Object body{
        {"kind", prospect.kind}, {"parameters", Array{}}, {"sql", statement::texts(question_.sql)}};
    auto plan = state_.planner.plan(body, *basis);
    if (!plan) {
      prospect.objections.push_back(plan.error().message);
      return {};
    }
    return {{"columns", columns_of(plan->plan.columns)},
            {"notices", statement::texts(plan->plan.notices)},
            {"tables", statement::texts(plan->plan.tables)}};
  }

  Gate::State& state_;
  Question question_;
  registry::Explanation explanation_;
  std::vector<Result<PlanBasis>> bases_;
};

Result<std::string> Gate::policy_check_document(const Caller& caller, ByteView question) const {
  auto read = read_question(question);
  if (!read) return read.error();
  if (caller.person != read->about.person && !decides_on(caller, read->about.person)) {
    return Error{ErrorKind::refused,
                 "asking what " + read->about.person +
                     " could do: that is for approvers, administrators and auditors: ask about yourself"};
  }
  if (read->policy && !caller.administrator) {
    return Error{ErrorKind::refused,
                 "asking about another policy: that is for administrators, who could set it"};
  }
  return PolicyCheck(*state_, std::move(*read)).answer();
}

}  // namespace sceau::gate
