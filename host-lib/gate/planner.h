// What a request would run: its source's catalogue and the policy in force, planned by the release room.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "sceau/gate/home.h"
#include "sceau/ledger/ledger.h"
#include "sceau/registry/registry.h"
#include "sceau/release/extraction.h"
#include "sceau/source/source.h"
#include "workspace.h"

namespace sceau::gate {

// The versions that a plan was made with: when they have changed, it must be made again.
struct PlanBasis {
  Digest policy{}, catalogue{};
  source::Engine engine = source::Engine::sqlite;
  release::Policy rules;
  release::ProjectRules project;  // policy and project make it
  registry::WorkspaceKey workspace{};
  std::shared_ptr<const registry::WorkTables> tables;  // of it; null: none
  bool operator==(const PlanBasis& other) const {
    return policy == other.policy && catalogue == other.catalogue && engine == other.engine &&
           tables == other.tables;
  }
};

struct PlannedRequest {
  PlanBasis basis;
  release::Plan plan;
};

class Planner {
 public:
  Planner(const HomeConfig& config, const ledger::Ledger& log) : config_(config), log_(log) {}

  // Policy and catalogue for a source, whoever's workspace there, and what the project lets that person see
  // of it. refused when no such source was added.
  static Result<PlanBasis> basis(const registry::Registry& registry, const registry::WorkspaceKey& workspace);
  // The same under a policy that may follow the one in force.
  static Result<PlanBasis> basis(const registry::Registry& registry, const registry::WorkspaceKey& workspace,
                                 const registry::Policy& policy);
  // Fails as release::plan does, with its line.
  Result<PlannedRequest> plan(const statement::Value& request_body, const PlanBasis& basis);
  // The database behind a source's id. unavailable when the configuration names none, or one of another
  // engine.
  Result<std::shared_ptr<source::Source>> source(const std::string& name, source::Engine engine);
  // That the database is as the catalogue says, and lets the gate do no more than it must: looked at once a
  // catalogue.
  Status check(const std::string& name, source::Source& source, const PlanBasis& basis);
  // The catalogue with that digest, a blob of the ledger.
  Result<std::shared_ptr<const source::Catalogue>> catalogue(const Digest& digest);

 private:
  // What the basis says of its workspace; what nobody changed is read once.
  Result<std::shared_ptr<const release::Workspace>> workspace(const PlanBasis& basis);
  const HomeConfig& config_;
  const ledger::Ledger& log_;
  std::mutex mutex_;
  std::map<Digest, std::shared_ptr<const source::Catalogue>> catalogues_;
  std::map<registry::WorkspaceKey, KnownWorkspace> workspaces_;
  std::map<std::string, std::shared_ptr<source::Source>> sources_;
  std::set<std::pair<std::string, Digest>> checked_;
};

}  // namespace sceau::gate
