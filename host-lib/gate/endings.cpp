#include "endings.h"

#include <chrono>
#include <utility>

namespace sceau::gate {
namespace {

// Whoever waits holds one of the gate's threads.
constexpr std::chrono::seconds kLongestWait{5};

}  // namespace

Endings::Ending::Ending(Endings& endings, std::string person)
    : endings_(endings), person_(std::move(person)) {
  const std::lock_guard held(endings_.mutex_);
  ++endings_.by_person_[person_];
}

Endings::Ending::~Ending() {
  const std::lock_guard held(endings_.mutex_);
  const auto mine = endings_.by_person_.find(person_);
  if (--mine->second == 0) endings_.by_person_.erase(mine);
  endings_.changed_.notify_all();
}

Status Endings::wait(const std::string& person) {
  std::unique_lock held(mutex_);
  if (changed_.wait_for(held, kLongestWait, [&] { return !by_person_.contains(person); })) return {};
  return Error{ErrorKind::unavailable,
               "the result of your last script is still being written: ask again in a while"};
}

}  // namespace sceau::gate
