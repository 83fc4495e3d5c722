// The one way into the ledger: judges proposals against the registry, appends what they become, and applies
// it.
//
// Invariants
//   - The registry is exactly the ledger folded: an entry is applied after it is durable, never before, and
//     every durable entry is applied before anybody is told of it.
//   - Proposals that wait while another batch commits share the next one. Within a batch nothing may depend
//     on another part of it: each proposal has a key and keys in a batch differ; an exclusive one is alone.
//   - Gate time never goes back: a leaf's time is at least that of the leaf before.
//   - When applying a durable entry fails, nothing more is written until a restart: corrupt, ever after.
// One of the callers' threads leads a batch while the others wait; there is no thread of the recorder's own.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "sceau/ledger/ledger.h"
#include "sceau/registry/registry.h"

namespace sceau::gate {

// What a proposal is judged with.
struct Standing {
  const registry::Registry& registry;
  Time now = 0;             // gate time: the leaf's own
  std::uint64_t size = 0;   // of the ledger
  std::uint64_t epoch = 0;  // see Recorder::epoch()
};

struct Proposal {
  std::string key;         // proposals with the same key never share a batch
  bool exclusive = false;  // changes who may do what: shares a batch with nobody
  // Decides, and makes the entry, or those that become durable together, in their order. An error writes
  // nothing and is the answer. Called once, in any thread; it must not call the recorder.
  std::function<Result<std::vector<ledger::Entry>>(const Standing&)> judge;
};

// The draft that is one entry.
Result<std::vector<ledger::Entry>> alone(Result<ledger::Entry> entry);

class Recorder {
 public:
  Recorder(std::unique_ptr<ledger::Ledger> log, registry::Registry registry, const Clock& clock);

  // Fills the index of statements and the time of the newest leaf from the ledger.
  Status load();

  // The index of the new entry, of several the first, durable and applied. Fails as judge() does, as
  // Ledger::append does, or with corrupt.
  Result<std::uint64_t> record(Proposal proposal);

  // Calls back while the registry stands still; writers wait, so be brief.
  template <typename Reader>
  auto read(const Reader& reader) const {
    const auto held = hold();
    return reader(registry_);
  }

  // Changes whenever an exclusive proposal was applied: what was authenticated before must be again.
  [[nodiscard]] std::uint64_t epoch() const;
  // Where the newest entry with that statement digest is.
  [[nodiscard]] std::optional<std::uint64_t> find(const Digest& statement) const;
  [[nodiscard]] Time now() const;
  [[nodiscard]] ledger::Ledger& log() const { return *log_; }

 private:
  struct Waiting {
    Proposal proposal;
    std::optional<Result<std::vector<ledger::Entry>>> drafted;
    std::uint64_t index = 0;                      // of the first entry, once it is durable
    std::optional<Result<std::uint64_t>> answer;  // under queue_mutex_
  };

  // Writers go first: readers that come while one waits stand behind it.
  [[nodiscard]] std::shared_lock<std::shared_mutex> hold() const;
  std::vector<Waiting*> take_batch();
  void commit(const std::vector<Waiting*>& batch);
  Status append_and_apply(const std::vector<Waiting*>& drafted);
  // From here on nothing more is written. Answers why.
  Error stop_writing(std::uint64_t index, const Error& why);
  Status apply(std::uint64_t index, const ledger::Entry& entry);

  std::unique_ptr<ledger::Ledger> log_;
  const Clock& clock_;

  mutable std::mutex turnstile_;
  mutable std::shared_mutex registry_mutex_;
  registry::Registry registry_;
  std::map<Digest, std::uint64_t> statements_;
  std::uint64_t epoch_ = 0;
  Time newest_ = 0;  // of the newest leaf
  std::optional<Error> broken_;

  std::mutex queue_mutex_;
  std::condition_variable changed_;
  std::deque<Waiting*> queue_;
  bool leading_ = false;
};

}  // namespace sceau::gate
