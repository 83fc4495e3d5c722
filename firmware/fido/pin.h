// The FIDO PIN: how it rests, its tries, and the settings that bind it (CTAP 2.1, 6.5 and 6.11).
//
// Invariants: a try is counted down, and that is durable, before anything is compared; the PIN rests only as
// HMAC-SHA-256 under a key derived from the device's secret; comparison takes the same steps wherever the
// difference lies. After three wrong ones in a row none is compared until power has gone.
#pragma once

#include "board/board.h"
#include "crypto/hash.h"
#include "fido/objects.h"
#include "fido/status.h"
#include "store/store.h"

namespace sceau::firmware::fido {

struct Settings {
  bool always_uv = false;
  std::uint8_t min_pin = kDefaultMinPin;  // code points
  bool force_change = false;
  bool enterprise = false;
};

// SHA-256 of the ids of the relying parties that may learn the least PIN length (6.11.4).
struct MinPinRelyingParties {
  std::array<Hash, kMaxMinPinRelyingParties> hashes{};
  std::size_t count = 0;

  bool contains(const Hash& hash) const {
    for (std::size_t i = 0; i < count; ++i) {
      if (hashes[i] == hash) return true;
    }
    return false;
  }
};

class Pin {
 public:
  static constexpr std::size_t kPinHash = 16;  // what platforms send: the left half of SHA-256 of the PIN

  Pin(Board& board, Store& store) : board_(board), store_(store) {}

  bool is_set() const { return store_.contains(place::kPin); }
  // kCorrupt, kHardware.
  Result<std::uint8_t> tries();
  bool blocked_until_power() const { return wrong_in_a_row_ >= kPinLimitPerPower; }
  void power_up() { wrong_in_a_row_ = 0; }

  // kSuccess: it is the PIN. kPinNotSet, kPinBlocked, kPinAuthBlocked, kPinInvalid, kOther: the try may have
  // been spent.
  CtapStatus verify(ByteView pin_hash);
  // Replaces the PIN, gives it all tries and lifts a forced change, in one transaction. kPinPolicyViolation:
  // shorter than the least length, longer than 63 bytes, no UTF-8, or the same where another is forced;
  // kKeyStoreFull, kOther.
  CtapStatus replace(ByteView pin);

  // kCorrupt, kHardware.
  Result<Settings> settings();
  Status write(const Settings& settings);
  // Settings, and the relying parties where they are given, in one transaction.
  Status write(const Settings& settings, const MinPinRelyingParties* parties);
  Result<MinPinRelyingParties> relying_parties();
  // Code points of the PIN; kNotFound: there is none.
  Result<std::uint8_t> length();

  // Bytes compared since power-on: what a test watches.
  std::uint32_t compared() const { return compared_; }

 private:
  static constexpr std::size_t kSalt = 16;
  using Record = SecretArray<kSalt + kHashSize + 1>;  // salt, hash, code points

  Result<Hash> keyed_hash(ByteView salt, ByteView pin_hash);
  Result<Record> read_record();
  Status write_tries(std::uint8_t tries);
  CtapStatus compare(ByteView pin_hash);

  Board& board_;
  Store& store_;
  std::uint8_t wrong_in_a_row_ = 0;
  std::uint32_t compared_ = 0;
};

}  // namespace sceau::firmware::fido
