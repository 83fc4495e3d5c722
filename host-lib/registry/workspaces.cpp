// Workspaces: the tables that people made inside a source, folded from the results of their scripts.
#include "rules.h"

namespace sceau::registry {
namespace {

bool changes_workspace(const statement::Value& body) {
  return body.contains("made") || body.contains("dropped");
}

statement::Value untied(const statement::Value& table) {
  statement::Object untied = table.as_object();
  for (const char* field : {"person", "belongs_to", "joined_on"}) untied.erase(field);
  untied["about"] = "untied";
  untied["why"] = "it was made under an earlier catalogue, whose labels count no more: make it again";
  return untied;
}

}  // namespace

WorkspaceKey workspace_of(const Request& request) { return {request.project, request.by, request.source}; }

Status check_workspace(const Registry::State& state, const Request& request) {
  const auto working = state.working.find(workspace_of(request));
  if (working == state.working.end()) return {};
  return refusal("script " + to_hex(working->second).substr(0, 12) + " of " + request.by +
                 " has not ended in the same workspace: ask again when it has");
}

Status check_work_result(const Act& act, const Request& request) {
  const statement::Value& body = act.body();
  const bool delivered = text_of(body, "outcome") == "delivered";
  if (changes_workspace(body) && (request.kind != "work" || !delivered))
    return refusal("a result says that a workspace was changed, which only a delivered one of kind work can");
  const bool empty = int_of(body, "rows") == 0 && int_of(body, "bytes") == 0 &&
                     digest_of(body, "sha256") == sha256(ByteView{});
  if (request.kind == "work" && !empty) return refusal("a result of kind work says that rows left");
  return {};
}

void begin_in_workspace(Registry::State& state, Request& request) {
  const auto found = state.workspaces.find(workspace_of(request));
  if (found != state.workspaces.end()) request.workspace = found->second;
  if (request.kind == "work") state.working[workspace_of(request)] = request.digest;
}

void apply_work_result(const Change& change, const Request& request) {
  const statement::Value& body = change.body();
  if (!changes_workspace(body)) return;
  Registry::State& state = change.state;
  const auto project = state.projects.find(request.project);
  const auto person = state.people.find(request.by);
  if (project == state.projects.end() || project->second.closed || person == state.people.end() ||
      person->second.left)
    return;
  // Without its request a result would be passed over.
  for (const std::uint64_t entry : {change.record.index, request.entry})
    state.work_results[entry] = request.project;
  const auto source = state.sources.find(request.source);
  const bool current =
      source != state.sources.end() && source->second.catalogue == digest_of(body, "catalogue");
  auto& held = state.workspaces[workspace_of(request)];
  auto tables = held ? std::make_shared<WorkTables>(*held) : std::make_shared<WorkTables>();
  if (body.contains("dropped")) {
    for (const std::string& name : texts_of(body, "dropped")) tables->erase(name);
  }
  if (body.contains("made")) {
    for (const statement::Value& table : array_of(body, "made")) {
      statement::Object kept = (current ? table : untied(table)).as_object();
      kept["entry"] = change.record.index;
      tables->insert_or_assign(text_of(table, "name"),
                               std::make_shared<const statement::Value>(std::move(kept)));
    }
  }
  held = std::move(tables);
}

void end_workspaces_of_project(Registry::State& state, std::string_view project) {
  std::erase_if(state.workspaces, [&](const auto& item) { return item.first[0] == project; });
}

void end_workspaces_of_person(Registry::State& state, std::string_view person) {
  std::erase_if(state.workspaces, [&](const auto& item) { return item.first[1] == person; });
}

void untie_workspaces(Registry::State& state, std::string_view source) {
  for (auto& [key, held] : state.workspaces) {
    if (key[2] != source) continue;
    auto tables = std::make_shared<WorkTables>(*held);
    for (auto& [name, table] : *tables) table = std::make_shared<const statement::Value>(untied(*table));
    held = std::move(tables);
  }
}

}  // namespace sceau::registry
