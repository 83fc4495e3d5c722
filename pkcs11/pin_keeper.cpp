#include "pin_keeper.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

namespace sceau::pkcs11 {
namespace {

constexpr std::size_t kMostBytes = 64;

std::size_t page_size() { return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)); }

}  // namespace

void PinKeeper::keep(const Secret& pin) {
  const std::lock_guard lock(mutex_);
  release();
  if (pin.empty() || pin.size() > kMostBytes) return;
  const std::size_t size = page_size();
  void* page = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return;
  if (::mlock(page, size) != 0 || ::madvise(page, size, MADV_DONTDUMP) != 0 ||
      ::madvise(page, size, MADV_WIPEONFORK) != 0) {
    ::munmap(page, size);
    return;
  }
  page_ = static_cast<std::uint8_t*>(page);
  page_[0] = static_cast<std::uint8_t>(pin.size());
  std::copy(pin.view().begin(), pin.view().end(), page_ + 1);
}

void PinKeeper::forget() {
  const std::lock_guard lock(mutex_);
  release();
}

void PinKeeper::release() {
  if (page_ == nullptr) return;
  const std::size_t size = page_size();
  wipe({page_, size});
  ::munmap(page_, size);
  page_ = nullptr;
}

std::optional<Secret> PinKeeper::kept() const {
  const std::lock_guard lock(mutex_);
  if (page_ == nullptr || page_[0] == 0) return std::nullopt;
  return Secret(ByteView(page_ + 1, page_[0]));
}

}  // namespace sceau::pkcs11
