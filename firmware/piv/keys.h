// The asymmetric keys of the slots, with their policies.
#pragma once

#include "crypto/key_pair.h"
#include "piv/objects.h"
#include "store/store.h"

namespace sceau::firmware::piv {

enum class Origin : std::uint8_t { kGenerated = 1, kImported = 2 };

struct Key {
  PinPolicy pin_policy = PinPolicy::kOnce;
  TouchPolicy touch_policy = TouchPolicy::kNever;
  Origin origin = Origin::kGenerated;
  KeyPair pair;

  std::uint8_t algorithm() const;
};

// The type that a PIV algorithm identifier names; kInvalid: none of them.
Result<KeyType> key_type(std::uint8_t algorithm);

// The policy a slot has when none is asked for (SP 800-73-5 part 1, table 5).
PinPolicy default_pin_policy(std::uint8_t slot);

class Keys {
 public:
  explicit Keys(Store& store) : store_(store) {}

  bool contains(std::uint8_t slot) const;
  // kNotFound: the slot is empty; kCorrupt, kHardware.
  Result<Key> read(std::uint8_t slot);
  // Replaces the slot's key, if there is one. kFull: nothing changed; kHardware.
  Status write(std::uint8_t slot, const Key& key);
  // In one transaction; a key in `to` is replaced. kNotFound: `from` is empty; kFull, kCorrupt, kHardware.
  Status move(std::uint8_t from, std::uint8_t to);
  // Overwrites it. kNotFound: the slot is empty; kHardware.
  Status remove(std::uint8_t slot);

  // The bytes in the store, for transactions that write more than the key: algorithm, PIN policy, touch
  // policy, origin, secret part, public part.
  using Record = BoundedSecret<4 + kMaxSecret + kMaxPublic>;
  static Record encode(const Key& key);

 private:
  Store& store_;
};

}  // namespace sceau::firmware::piv
