// The asymmetric keys of the slots, with their policies.
#pragma once

#include "crypto/p256.h"
#include "piv/objects.h"
#include "store/store.h"

namespace sceau::firmware::piv {

enum class Origin : std::uint8_t { kGenerated = 1, kImported = 2 };

struct Key {
  std::uint8_t algorithm = kEccP256;
  PinPolicy pin_policy = PinPolicy::kOnce;
  TouchPolicy touch_policy = TouchPolicy::kNever;
  Origin origin = Origin::kGenerated;
  P256KeyPair pair;
};

// The policy a slot has when none is asked for (SP 800-73-5 part 1, table 5).
PinPolicy default_pin_policy(std::uint8_t slot);

class Keys {
 public:
  explicit Keys(Store& store) : store_(store) {}

  // kNotFound: the slot is empty; kCorrupt, kHardware.
  Result<Key> read(std::uint8_t slot);
  // kFull: nothing changed; kHardware.
  Status write(std::uint8_t slot, const Key& key);

  // As a record of the store, for transactions that write more than the key.
  using Bytes = SecretArray<4 + kP256Scalar + kP256Point>;
  static Bytes encode(const Key& key);

 private:
  Store& store_;
};

}  // namespace sceau::firmware::piv
