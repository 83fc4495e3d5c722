// Projects, who works in them, and the sources that they draw on.
#include <algorithm>

#include "rules.h"
#include "shown_file.h"

namespace sceau::registry {
namespace {

// The widest scope in which everybody who signed is an administrator: everywhere, or the first signer's
// organisation.
std::string scope_of(const Registry::State& state, const Submission& submission, Time now) {
  const auto& signatures = submission.evidence.signatures;
  const bool advance = submission.statement.body.contains("approvals");
  const bool everywhere = std::ranges::all_of(signatures, [&](const evidence::Signature& signature) {
    const auto person = state.people.find(signature.person);
    // Of what is approved in advance the first to sign opens it; the others need not administer.
    if (advance && &signature != &signatures.front()) return true;
    return person != state.people.end() && has_role(person->second, Role::administrator, kEverywhere, now);
  });
  if (everywhere || signatures.empty()) return std::string(kEverywhere);
  const auto person = state.people.find(signatures.front().person);
  return person == state.people.end() ? std::string(kEverywhere) : person->second.organisation;
}

Result<const Project*> open_project(const Act& act) {
  const std::string& id = text_of(act.body(), "project");
  const auto found = act.state.projects.find(id);
  if (found == act.state.projects.end()) {
    return refusal("no project \"" + id + "\" is open: open it with project.open");
  }
  if (found->second.closed) return refusal("project \"" + id + "\" is closed");
  return &found->second;
}

// "TABLE.COLUMN" or "TABLE.*".
Status check_columns(const Act& act) {
  const auto columns = texts_of(act.body(), "columns");
  for (const std::string& name : columns) {
    const auto dot = name.find('.');
    const bool plain = std::ranges::all_of(name, [](unsigned char c) { return c > ' ' && c < 0x7F; });
    if (!plain || dot == 0 || dot == std::string::npos || dot + 1 == name.size()) {
      return refusal("a project's column is \"" + name +
                     "\": write TABLE.COLUMN, or TABLE.* for all of a table's");
    }
  }
  if (act.body().contains("approvals") && columns.empty()) {
    return refusal("a project that is approved in advance must say for which columns: list them");
  }
  return {};
}

// Those who signed and are approvers: of a project whose requests are approved in advance they sign, too.
std::set<std::string> approvers_among(const Registry::State& state, const Submission& submission, Time now) {
  std::set<std::string> approvers;
  for (const evidence::Signature& signature : submission.evidence.signatures) {
    const auto person = state.people.find(signature.person);
    if (person != state.people.end() && has_role(person->second, Role::approver, now)) {
      approvers.insert(signature.person);
    }
  }
  return approvers;
}

// An administrator; and, where that is approved in advance, so many approvers, who sign as they would a
// request.
Status need_powers(const Act& act, std::string_view scope, std::int64_t approvals,
                   std::string_view about = {}) {
  if (approvals == 0) return need_administrators(act, 1, scope, about);
  const auto approvers = approvers_among(act.state, act.submission, act.context.now);
  bool administered = false;
  for (const Signer& signer : act.authentication.signers) {
    const auto person = act.state.people.find(signer.person);
    if (person == act.state.people.end()) return refusal(signer.person + " is nobody here");
    const bool other = act.state.single || signer.person != about;
    if (other && has_role(person->second, Role::administrator, scope, act.context.now)) administered = true;
    if (!approvers.contains(signer.person)) continue;
    const KeyKind key = key_kind(signer);
    if (act.state.policy.clear_sign && key != KeyKind::clear_sign)
      return refusal("approving in advance wants a clear-sign key by policy, and " + signer.person +
                     "'s is none");
    if (auto good = check_key_kind(act.state.policy, "individual", key, "approved"); !good) return good;
  }
  if (!administered) return need_administrators(act, 1, scope, about);
  if (static_cast<std::int64_t>(approvers.size()) < approvals) {
    return refusal(act.statement().type + " needs " + std::to_string(approvals) +
                   " approvers beside its administrator, since it approves in advance, and " +
                   std::to_string(approvers.size()) + " signed: have others sign the same bytes");
  }
  return {};
}

// Whether approvers beside its administrator put her there: else each of her requests is approved by itself.
bool signed_by_approvers(const Act& act, const Project& project) {
  return project.approvals > 0 && std::ranges::any_of(act.authentication.signers, [&](const Signer& signer) {
           return project.approvers.contains(signer.person);
         });
}

}  // namespace

Status check_project_open(const Act& act) {
  const std::string& id = text_of(act.body(), "project");
  if (act.state.projects.contains(id))
    return refusal("project \"" + id + "\" exists already: choose another id");
  const std::string scope = scope_of(act.state, act.submission, act.context.now);
  if (auto powers = need_powers(act, scope, int_of(act.body(), "approvals")); !powers) return powers;
  if (auto good = check_columns(act); !good) return good;
  for (const std::string& source : texts_of(act.body(), "sources")) {
    if (!act.state.sources.contains(source)) {
      return refusal("source \"" + source + "\" is not registered: add it with source.add");
    }
  }
  const Time from = time_of(act.body(), "from"), until = time_of(act.body(), "until");
  if (until <= from || until <= act.context.now) {
    return refusal("project \"" + id + "\" would end before it begins, or has ended: give it a later end");
  }
  return {};
}

Status apply_project_open(const Change& change) {
  const statement::Value& body = change.body();
  Project project;
  project.id = text_of(body, "project");
  project.title = text_of(body, "title");
  project.organisation = scope_of(change.state, change.submission, change.record.at);
  project.sources = texts_of(body, "sources");
  project.kinds = texts_of(body, "kinds");
  project.from = time_of(body, "from");
  project.until = time_of(body, "until");
  project.max_rows = int_of(body, "max_rows");
  project.columns = texts_of(body, "columns");
  if (body.contains("approvals")) {
    project.approvals = int_of(body, "approvals");
    project.approvers = approvers_among(change.state, change.submission, change.record.at);
  }
  const std::string id = project.id;
  change.state.projects[id] = std::move(project);
  return {};
}

Status check_project_assign(const Act& act) {
  auto project = open_project(act);
  if (!project) return project.error();
  const std::string& id = text_of(act.body(), "person");
  auto person = active_person(act.state, id, act.context.now);
  if (!person) return person.error();
  for (const std::string& scope : {(*project)->organisation, (*person)->organisation}) {
    const std::int64_t approvals = signed_by_approvers(act, **project) ? 1 : 0;
    if (auto powers = need_powers(act, scope, approvals, id); !powers) return powers;
  }
  if (time_of(act.body(), "until") <= act.context.now) {
    return refusal("the assignment would have ended already: give it a later end");
  }
  return {};
}

Status apply_project_assign(const Change& change) {
  const auto found = change.state.projects.find(text_of(change.body(), "project"));
  if (found == change.state.projects.end()) return {};
  const std::string& person = text_of(change.body(), "person");
  found->second.people[person] = time_of(change.body(), "until");
  std::set<std::string>& vouched = found->second.vouched[person];
  vouched.clear();
  if (found->second.approvals > 0)
    vouched = approvers_among(change.state, change.submission, change.record.at);
  return {};
}

Status check_project_close(const Act& act) {
  auto project = open_project(act);
  if (!project) return project.error();
  return need_administrators(act, 1, (*project)->organisation);
}

Status apply_project_close(const Change& change) {
  const auto found = change.state.projects.find(text_of(change.body(), "project"));
  if (found != change.state.projects.end()) found->second.closed = true;
  end_workspaces_of_project(change.state, text_of(change.body(), "project"));
  return {};
}

Status check_source_add(const Act& act) {
  if (auto powers = need_administrators(act, 2, kEverywhere); !powers) return powers;
  const std::string& id = text_of(act.body(), "source");
  const auto known = act.state.sources.find(id);
  if (known != act.state.sources.end() && known->second.engine != text_of(act.body(), "engine")) {
    return refusal("source \"" + id + "\" is registered as a " + known->second.engine +
                   " database and stays one: say that --engine, or choose another id");
  }
  auto catalogue = act.context.blob(digest_of(act.body(), "catalogue"));
  if (!catalogue) {
    return refusal("the catalogue of \"" + id + "\" was not sent along: " + catalogue.error().message);
  }
  auto shown = check_shown(as_text(*catalogue), "reading the catalogue");
  return shown ? shown : refusal(shown.error().message);
}

// Adding a source that is known gives it a new catalogue.
Status apply_source_add(const Change& change) {
  const std::string& id = text_of(change.body(), "source");
  const auto known = change.state.sources.find(id);
  if (known != change.state.sources.end() && known->second.catalogue != digest_of(change.body(), "catalogue"))
    untie_workspaces(change.state, id);
  change.state.sources[id] = {id, text_of(change.body(), "engine"), digest_of(change.body(), "catalogue")};
  return {};
}

}  // namespace sceau::registry
