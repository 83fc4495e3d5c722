// One PIN, kept only where the configuration asks for it, and only as long as its user is logged in.
//
// It lies in a page of its own that is never swapped out, never dumped, and empty in the child of a fork; it
// is wiped when it is forgotten. Where the system refuses any of that, nothing is kept. Safe for several
// threads.
#pragma once

#include <mutex>
#include <optional>

#include "sceau/base/secret.h"

namespace sceau::pkcs11 {

class PinKeeper {
 public:
  PinKeeper() = default;
  ~PinKeeper() { forget(); }
  PinKeeper(const PinKeeper&) = delete;
  PinKeeper& operator=(const PinKeeper&) = delete;

  // In the place of what was kept. A PIN too long to be one is not kept.
  void keep(const Secret& pin);
  void forget();
  // A copy, for one use.
  [[nodiscard]] std::optional<Secret> kept() const;

 private:
  void release();

  mutable std::mutex mutex_;
  std::uint8_t* page_ = nullptr;  // the size in its first byte, then the PIN
};

}  // namespace sceau::pkcs11
