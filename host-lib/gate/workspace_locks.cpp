#include "workspace_locks.h"

#include <chrono>

namespace sceau::gate {

template <typename Lock>
std::optional<WorkspaceLocks::Held<Lock>> WorkspaceLocks::wait(const registry::WorkspaceKey& key,
                                                               const std::stop_token& stop) {
  constexpr int looks = 300;
  constexpr std::chrono::milliseconds between{200};
  std::shared_ptr<Mutex> mutex;
  {
    const std::lock_guard held(mutex_);
    auto& known = locks_[key];
    if (!known) known = std::make_shared<Mutex>();
    mutex = known;
  }
  Lock lock(*mutex, std::defer_lock);
  for (int look = 0; look < looks && !stop.stop_requested(); ++look) {
    if (lock.try_lock_for(between)) return Held<Lock>{std::move(mutex), std::move(lock)};
  }
  return std::nullopt;
}

std::optional<WorkspaceLocks::Alone> WorkspaceLocks::work(const registry::WorkspaceKey& key,
                                                          const std::stop_token& stop) {
  return wait<std::unique_lock<Mutex>>(key, stop);
}

std::optional<WorkspaceLocks::Reading> WorkspaceLocks::read(const registry::WorkspaceKey& key,
                                                            const std::stop_token& stop) {
  return wait<std::shared_lock<Mutex>>(key, stop);
}

}  // namespace sceau::gate
