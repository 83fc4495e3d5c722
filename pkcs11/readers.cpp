#include "readers.h"

#include <algorithm>
#include <utility>

namespace sceau::pkcs11 {

sceau::Result<std::vector<token::ReaderStatus>> PcscReaders::list() {
  const std::lock_guard lock(listing_mutex_);
  if (listing_) {
    auto listed = listing_->list();
    if (listed) return listed;
    listing_.reset();
  }
  auto opened = token::Readers::open();
  if (!opened) return opened.error();
  listing_ = std::move(*opened);
  return listing_->list();
}

sceau::Result<std::unique_ptr<token::Channel>> PcscReaders::connect(const std::string& reader) {
  auto own = token::Readers::open();
  if (!own) return own.error();
  return own->connect(reader);  // the channel keeps the connection
}

sceau::Result<bool> PcscReaders::wait(const std::vector<token::ReaderStatus>& known,
                                      std::chrono::milliseconds timeout) {
  auto own = token::Readers::open();
  if (!own) return own.error();
  std::list<token::Readers>::iterator place;
  {
    const std::lock_guard lock(waiting_mutex_);
    if (stopped_) return false;
    place = waiting_.insert(waiting_.end(), *own);
  }
  auto changed = own->wait_for_change(known, timeout);
  const std::lock_guard lock(waiting_mutex_);
  waiting_.erase(place);
  left_.notify_all();
  return changed;
}

// PC/SC forgets to cancel a wait that is only about to begin: so again, until all have left.
void PcscReaders::stop() {
  constexpr std::chrono::milliseconds kPause{20};
  std::unique_lock lock(waiting_mutex_);
  stopped_ = true;
  while (!waiting_.empty()) {
    for (const token::Readers& readers : waiting_) readers.cancel();
    left_.wait_for(lock, kPause);
  }
}

}  // namespace sceau::pkcs11
