// A script of kind work on its way; this room's own.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>

#include "either_stop.h"
#include "planner.h"
#include "state.h"

namespace sceau::gate {

// What a script has to itself from before its `running` step to its result: its workspace, its database, and
// that it runs nowhere else.
class ScriptHold {
 public:
  // Waits while another script uses the workspace, and then for one of the gate's runs. unavailable: the
  // workspace takes too long, nobody waits any more, or no such database can be reached; refused: this
  // request is in hand already.
  static Result<std::unique_ptr<ScriptHold>> take(Gate::State& state, const registry::WorkspaceKey& workspace,
                                                  const Digest& request, const std::stop_token& gone);
  ~ScriptHold();
  ScriptHold(const ScriptHold&) = delete;
  ScriptHold& operator=(const ScriptHold&) = delete;

  [[nodiscard]] source::Source& source() const { return *source_; }
  // When the gate ends, or whoever waits for the script is gone.
  [[nodiscard]] std::stop_token stop() const { return stop_.token(); }

 private:
  ScriptHold(Gate::State& state, const Digest& request, const std::stop_token& gone)
      : state_(state), request_(request), stop_(state.stop.get_token(), gone) {}

  Gate::State& state_;
  const Digest request_;
  const EitherStop stop_;
  std::shared_ptr<source::Source> source_;
  std::optional<WorkspaceLocks::Alone> alone_;
  Turns::Turn turn_;
  bool in_hand_ = false;
};

// Hears, once, that a script was committed, and its notices; its result may still be on its way.
using OnScriptCommitted = std::function<void(const std::vector<std::string>& notices)>;

// Runs a script whose `running` step is durable, to its result. `planned` was made with `basis`, which is
// what that step began with; why it could not be made is the script's end. `on_committed` may be empty.
Status run_begun(Gate::State& state, const ScriptHold& hold, const Digest& request, const PlanBasis& basis,
                 const Result<PlannedRequest>& planned, const OnScriptCommitted& on_committed);

}  // namespace sceau::gate
