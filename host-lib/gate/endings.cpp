#include "endings.h"

#include <utility>

namespace sceau::gate {

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

void Endings::wait(const std::string& person) {
  std::unique_lock held(mutex_);
  changed_.wait(held, [&] { return !by_person_.contains(person); });
}

}  // namespace sceau::gate
