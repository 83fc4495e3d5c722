// Data objects: GET DATA and PUT DATA (SP 800-73-5 part 2, 3.1.2 and 3.3.1).
#pragma once

#include "apdu/apdu.h"
#include "piv/objects.h"
#include "store/store.h"

namespace sceau::firmware::piv {

// Keys of another application that PIV shows, so that a program can list them without selecting that
// application, which would end PIV's log-in. Nothing secret comes this way.
class ShownKeys {
 public:
  // The slots that hold a key, one byte each.
  virtual void list(Writer& response) const = 0;
  // What a program needs to know of one. kNotFound: the slot is empty; kCorrupt, kHardware.
  virtual Status show(std::uint8_t slot, Writer& response) = 0;

 protected:
  ~ShownKeys() = default;
};

class DataObjects {
 public:
  // Borrows both.
  DataObjects(Store& store, ShownKeys& shown) : store_(store), shown_(shown) {}

  // Tag 5FFF20 is made when it is read: 53 { 80 mark, 81 slots with a key, 82 slots with a certificate, 83
  // slots of keys that 5FFFC1 to 5FFFC8 show }. The mark is another one after any change of a key or an
  // object, so that what a program has kept of the card is checked with one command.
  // `pin_verified`: fingerprints, facial image, iris and printed information are readable after the PIN only.
  StatusWord get(ByteView command_data, bool pin_verified, Writer& response);
  // An empty value removes the object. The caller has seen the management key.
  StatusWord put(ByteView command_data);

 private:
  StatusWord write_stored(ObjectKey place, Writer& response);
  StatusWord write_key_history(Writer& response);
  StatusWord write_directory(Writer& response);
  StatusWord write_shown(std::uint8_t slot, Writer& response);

  Store& store_;
  ShownKeys& shown_;
};

// What a fresh card holds: `random` is 16 bytes for the card's identifiers.
using Chuid = std::array<std::uint8_t, 59>;
using CapabilityContainer = std::array<std::uint8_t, 51>;
Chuid make_chuid(std::span<const std::uint8_t, 16> random);
CapabilityContainer make_capability_container(std::span<const std::uint8_t, 16> random);

inline constexpr ObjectKey kChuidPlace = place::kObjects + (kTagChuid & 0xFF);
inline constexpr ObjectKey kCapabilityContainerPlace = place::kObjects + (kTagCapabilityContainer & 0xFF);

}  // namespace sceau::firmware::piv
