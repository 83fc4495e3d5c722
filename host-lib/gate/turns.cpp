#include "turns.h"

namespace sceau::gate {

Turns::Turn Turns::take(const std::stop_token& stop) {
  std::unique_lock held(mutex_);
  const std::uint64_t mine = ++came_;
  waiting_.push_back(mine);
  const bool got = changed_.wait(held, stop, [&] { return free_ > 0 && waiting_.front() == mine; });
  std::erase(waiting_, mine);
  if (got) --free_;
  changed_.notify_all();
  return Turn(got ? this : nullptr);
}

void Turns::give_back() {
  const std::lock_guard held(mutex_);
  ++free_;
  changed_.notify_all();
}

}  // namespace sceau::gate
