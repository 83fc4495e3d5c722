#include "waiters.h"

#include <vector>

#include "connection.h"

namespace sceau::sceaud {

void Waiters::add(const Digest& request, const std::shared_ptr<Connection>& connection) {
  const std::lock_guard held(mutex_);
  waiting_.emplace(request, connection);
}

void Waiters::remove(const Digest& request, const Connection* connection) {
  const std::lock_guard held(mutex_);
  const auto [first, last] = waiting_.equal_range(request);
  for (auto at = first; at != last;) {
    const auto other = at->second.lock();
    at = !other || other.get() == connection ? waiting_.erase(at) : std::next(at);
  }
}

void Waiters::notify(const Digest& request) {
  std::vector<std::shared_ptr<Connection>> awake;
  {
    const std::lock_guard held(mutex_);
    const auto [first, last] = waiting_.equal_range(request);
    for (auto at = first; at != last; ++at) {
      if (auto connection = at->second.lock()) awake.push_back(std::move(connection));
    }
  }
  for (const auto& connection : awake) connection->wake();
}

}  // namespace sceau::sceaud
