// Projects, who works in them, and the sources that they draw on.
#include <algorithm>

#include "rules.h"

namespace sceau::registry {
namespace {

// The widest scope in which everybody who signed is an administrator: everywhere, or the first signer's
// organisation.
std::string scope_of(const Registry::State& state, const Submission& submission, Time now) {
  const auto& signatures = submission.evidence.signatures;
  const bool everywhere = std::ranges::all_of(signatures, [&](const evidence::Signature& signature) {
    const auto person = state.people.find(signature.person);
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

}  // namespace

Status check_project_open(const Act& act) {
  const std::string& id = text_of(act.body(), "project");
  if (act.state.projects.contains(id))
    return refusal("project \"" + id + "\" exists already: choose another id");
  const std::string scope = scope_of(act.state, act.submission, act.context.now);
  if (auto powers = need_administrators(act, 1, scope); !powers) return powers;
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
  if (auto powers = need_administrators(act, 1, (*project)->organisation, id); !powers) return powers;
  if (auto powers = need_administrators(act, 1, (*person)->organisation, id); !powers) return powers;
  if (time_of(act.body(), "until") <= act.context.now) {
    return refusal("the assignment would have ended already: give it a later end");
  }
  return {};
}

Status apply_project_assign(const Change& change) {
  const auto found = change.state.projects.find(text_of(change.body(), "project"));
  if (found == change.state.projects.end()) return {};
  found->second.people[text_of(change.body(), "person")] = time_of(change.body(), "until");
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
    return refusal("source \"" + id + "\" is a " + known->second.engine + " database: choose another id");
  }
  if (auto catalogue = act.context.blob(digest_of(act.body(), "catalogue")); !catalogue) {
    return refusal("the catalogue of \"" + id + "\" was not sent along: " + catalogue.error().message);
  }
  return {};
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
