// One script at a time in a workspace, and none while its tables are read: what was planned with a
// workspace's labels must run over the tables that they are about.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <stop_token>

#include "sceau/registry/state.h"

namespace sceau::gate {

class WorkspaceLocks {
 public:
  using Mutex = std::shared_timed_mutex;
  // Waits until `stop`, and no longer than a while: nothing then. The lock keeps its mutex.
  template <typename Lock>
  struct Held {
    std::shared_ptr<Mutex> mutex;
    Lock lock;
  };
  using Alone = Held<std::unique_lock<Mutex>>;
  using Reading = Held<std::shared_lock<Mutex>>;
  std::optional<Alone> work(const registry::WorkspaceKey& key, const std::stop_token& stop);
  std::optional<Reading> read(const registry::WorkspaceKey& key, const std::stop_token& stop);

 private:
  template <typename Lock>
  std::optional<Held<Lock>> wait(const registry::WorkspaceKey& key, const std::stop_token& stop);

  std::mutex mutex_;
  std::map<registry::WorkspaceKey, std::shared_ptr<Mutex>> locks_;
};

}  // namespace sceau::gate
