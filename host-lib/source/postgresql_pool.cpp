#include "postgresql_pool.h"

namespace sceau::source {
namespace {

constexpr std::size_t most_kept = 8;
constexpr std::chrono::minutes longest_kept{10};

}  // namespace

std::unique_ptr<PostgresqlSession> SessionPool::kept() {
  const std::lock_guard held(mutex_);
  if (kept_.empty()) return nullptr;
  auto session = std::move(kept_.back());
  kept_.pop_back();
  return session;
}

Result<std::unique_ptr<PostgresqlSession>> SessionPool::take(
    const std::function<Status(PostgresqlSession&)>& begin) {
  while (auto session = kept()) {
    if (session->age() >= longest_kept || !session->at_rest()) continue;
    auto begun = begin(*session);
    if (begun) return session;
    if (session->lost()) continue;
    give_back(std::move(session));
    return begun.error();
  }
  auto opened = PostgresqlSession::open(place_);
  if (!opened) return opened;
  if (auto begun = begin(**opened); !begun) return begun.error();
  return opened;
}

void SessionPool::give_back(std::unique_ptr<PostgresqlSession> session) {
  if (!session || !session->undo()) return;
  std::unique_ptr<PostgresqlSession> dropped;  // closed without the lock
  const std::lock_guard held(mutex_);
  kept_.push_back(std::move(session));
  if (kept_.size() <= most_kept) return;
  dropped = std::move(kept_.front());
  kept_.erase(kept_.begin());
}

}  // namespace sceau::source
