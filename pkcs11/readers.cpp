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
  {
    const std::lock_guard lock(waiting_mutex_);
    if (stopped_) return false;
    waiting_.push_back(*own);
  }
  auto changed = own->wait_for_change(known, timeout);
  const std::lock_guard lock(waiting_mutex_);
  waiting_.pop_back();
  return changed;
}

void PcscReaders::stop() {
  const std::lock_guard lock(waiting_mutex_);
  stopped_ = true;
  for (const token::Readers& readers : waiting_) readers.cancel();
}

}  // namespace sceau::pkcs11
