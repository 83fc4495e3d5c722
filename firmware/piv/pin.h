// PIN and PUK: references, tries, comparison (SP 800-73-5 part 2, 3.2; part 1, 4.5).
//
// Invariants: a try is counted down, and that is durable, before anything is compared; a reference rests only
// as HMAC-SHA-256 under a key derived from the device's secret; comparison takes the same steps wherever the
// difference lies. Values are 8 bytes, 6 to 8 of them not FF, the rest FF at the end.
#pragma once

#include "board/board.h"
#include "piv/objects.h"
#include "store/store.h"

namespace sceau::firmware::piv {

inline constexpr std::size_t kPinSize = 8;
inline constexpr std::uint8_t kDefaultTries = 3;

enum class Reference : std::uint8_t { kPin = 0x80, kPuk = 0x81 };

struct Tries {
  std::uint8_t limit = 0;
  std::uint8_t left = 0;
};

enum class Match : std::uint8_t { kYes, kNo, kBlocked };

class PinVault {
 public:
  PinVault(Board& board, Store& store) : board_(board), store_(store) {}

  // kNotFound before the first start, kHardware, kCorrupt.
  Result<Tries> tries(Reference which);
  Result<bool> is_default(Reference which);

  // Counts a try down, compares, and gives all tries back on a match. kHardware, kCorrupt, kFull: the try may
  // have been spent.
  Result<Match> verify(Reference which, ByteView value);

  // Replaces a reference and gives it `limit` tries, in one transaction. The caller has seen the authority.
  Status replace(Reference which, ByteView value, std::uint8_t limit);

  // Back to 123456 and 12345678 with the limits given, in one transaction that first carries out `before` (at
  // most kMaxBefore changes).
  static constexpr std::size_t kMaxBefore = 8;
  Status restore_defaults(std::uint8_t pin_limit, std::uint8_t puk_limit, std::span<const Change> before);

  // Bytes of references compared since power-on: what a test watches.
  std::uint32_t compared() const { return compared_; }

  static bool well_formed(ByteView value);

 private:
  static constexpr std::size_t kSalt = 16;
  struct Record {  // salt, hash, whether it is the default value
    SecretArray<kSalt + kHashSize + 1> bytes;
    ByteView salt() const { return ByteView(bytes).first(kSalt); }
    ByteView hash() const { return ByteView(bytes).subspan(kSalt, kHashSize); }
  };
  using TriesRecord = std::array<std::uint8_t, 2>;

  Result<Hash> keyed_hash(Reference which, ByteView salt, ByteView value);
  Result<Record> make_record(Reference which, ByteView value);
  Result<Record> read_record(Reference which);
  Status write_tries(Reference which, Tries tries);

  Board& board_;
  Store& store_;
  std::uint32_t compared_ = 0;
};

}  // namespace sceau::firmware::piv
