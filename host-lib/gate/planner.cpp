#include "planner.h"

#include <exception>

#include "project_rules.h"

namespace sceau::gate {
namespace {

constexpr std::size_t kCataloguesKept = 32, kWorkspacesKept = 128;

}  // namespace

Result<PlanBasis> Planner::basis(const registry::Registry& registry,
                                 const registry::WorkspaceKey& workspace) {
  return basis(registry, workspace, registry.policy());
}

Result<PlanBasis> Planner::basis(const registry::Registry& registry, const registry::WorkspaceKey& workspace,
                                 const registry::Policy& policy) {
  const std::string& source = workspace[2];
  const registry::Source* known = registry.source(source);
  if (known == nullptr) {
    return Error{ErrorKind::refused, "planning the request: there is no source \"" + source +
                                         "\": two administrators add it with source.add"};
  }
  auto engine = source::engine_from(known->engine);
  if (!engine) return engine.error();
  PlanBasis basis{policy.digest, known->catalogue, *engine, {}, {}, workspace, registry.workspace(workspace)};
  basis.project = project_rules(registry.project(workspace[0]), policy.rules, workspace[1]);
  basis.rules.minimum_people = static_cast<std::uint32_t>(policy.minimum_people);
  basis.rules.dominance_percent = static_cast<std::uint32_t>(policy.dominance_percent);
  basis.rules.time_limit_seconds = static_cast<std::uint32_t>(policy.time_limit);
  if (policy.row_limit > 0) basis.rules.row_limit = static_cast<std::uint64_t>(policy.row_limit);
  return basis;
}

Result<PlannedRequest> Planner::plan(const statement::Value& request_body, const PlanBasis& basis) {
  auto kind_text = statement::text_field(request_body, "kind");
  if (!kind_text) return kind_text.error();
  auto kind = release::kind_from(*kind_text);
  if (!kind) return kind.error();
  auto sql = statement::texts_field(request_body, "sql");
  if (!sql) return sql.error();
  auto parameters = statement::texts_field(request_body, "parameters");
  if (!parameters) return parameters.error();
  auto labels = catalogue(basis.catalogue);
  if (!labels) return labels.error();
  auto before = workspace(basis);
  if (!before) return before.error();
  // Somebody else's SQL: a defect that it finds is its own end, and not the gate's.
  try {
    auto plan =
        release::plan(**labels, *kind, *sql, basis.rules, basis.project, basis.engine, **before, *parameters);
    if (!plan) return plan.error();
    return PlannedRequest{basis, std::move(*plan)};
  } catch (const std::exception& defect) {
    return Error{ErrorKind::internal, "planning the request: this gate has a defect with such SQL (" +
                                          std::string(defect.what()) +
                                          "): write it otherwise, and tell the gate's operator"};
  }
}

Result<std::shared_ptr<source::Source>> Planner::source(const std::string& name, source::Engine engine) {
  const std::lock_guard held(mutex_);
  if (const auto found = sources_.find(name); found != sources_.end()) return found->second;
  const auto configured = config_.sources.find(name);
  if (configured == config_.sources.end()) {
    return Error{ErrorKind::unavailable, "opening source \"" + name +
                                             "\": the gate's sceau.toml has no [sources." + name +
                                             "]: its operator adds it"};
  }
  const SourcePlace& place = configured->second;
  if (place.engine != engine) {
    return Error{
        ErrorKind::unavailable,
        "opening source \"" + name +
            "\": the gate's sceau.toml names another kind of database than was registered: its operator "
            "corrects [sources." +
            name + "]"};
  }
  auto opened = engine == source::Engine::sqlite ? source::open_sqlite(place.file)
                                                 : source::open_postgresql(place.postgresql);
  if (!opened) {
    return Error{ErrorKind::unavailable, "opening source \"" + name + "\": " + opened.error().message};
  }
  std::shared_ptr<source::Source> source = std::move(*opened);
  sources_.emplace(name, source);
  return source;
}

Status Planner::check(const std::string& name, source::Source& source, const PlanBasis& basis) {
  const std::pair<std::string, Digest> what{name, basis.catalogue};
  {
    const std::lock_guard held(mutex_);
    if (checked_.contains(what)) return {};
  }
  auto labels = catalogue(basis.catalogue);
  if (!labels) return labels.error();
  if (auto checked = source.check(**labels); !checked) return checked;
  const std::lock_guard held(mutex_);
  checked_.insert(what);
  return {};
}

Result<std::shared_ptr<const release::Workspace>> Planner::workspace(const PlanBasis& basis) {
  KnownWorkspace before;
  {
    const std::lock_guard held(mutex_);
    const auto found = workspaces_.find(basis.workspace);
    if (found != workspaces_.end()) before = found->second;
  }
  if (before.read && before.from == basis.tables) return before.read;
  auto read = read_workspace(basis.tables.get(), basis.workspace, before);
  if (!read) return read.error();
  auto shared = std::make_shared<const release::Workspace>(std::move(*read));
  const std::lock_guard held(mutex_);
  if (workspaces_.size() >= kWorkspacesKept) workspaces_.clear();
  workspaces_.insert_or_assign(basis.workspace, KnownWorkspace{basis.tables, shared});
  return shared;
}

Result<std::shared_ptr<const source::Catalogue>> Planner::catalogue(const Digest& digest) {
  {
    const std::lock_guard held(mutex_);
    if (const auto found = catalogues_.find(digest); found != catalogues_.end()) return found->second;
  }
  auto text = log_.blob(digest);
  if (!text) return text.error().within("reading the source's catalogue");
  auto read = source::Catalogue::from_toml(as_text(*text));
  if (!read) return Error{ErrorKind::refused, "reading the source's catalogue: " + read.error().message};
  auto shared = std::make_shared<const source::Catalogue>(std::move(*read));
  const std::lock_guard held(mutex_);
  if (catalogues_.size() >= kCataloguesKept) catalogues_.clear();
  catalogues_.emplace(digest, shared);
  return shared;
}

}  // namespace sceau::gate
