// The journal: every signature that a clear-sign key was about to make, chained by SHA-256.
//
// Invariant: an entry and the key's counter become durable in one transaction, before the key is used. So a
// counter never comes twice, and a signature that was lost or cancelled is explained by its entry. The head
// after entry n is SHA-256(head before || entry n); before the first it is zeros. The last kKeptEntries are
// kept, each with the head after it; the head itself covers all there ever were.
#pragma once

#include "clearsign/objects.h"
#include "crypto/hash.h"
#include "store/store.h"

namespace sceau::firmware::clearsign {

inline constexpr std::uint32_t kKeptEntries = 128;

enum class Act : std::uint8_t { kStatement = 1, kDecision = 2, kDerivation = 3 };

struct Entry {
  std::uint8_t slot = 0;
  Act act = Act::kStatement;
  std::uint32_t counter = 0;
  std::int64_t time = 0;  // as the host said it, seconds since 1970-01-01
  Hash statement{};       // digest of its bytes
  Hash shown{};           // digest of its lines
};

// number u32 | slot | act | counter u32 | time i64 | statement | shown; numbers are big-endian
inline constexpr std::size_t kEntrySize = 4 + 1 + 1 + 4 + 8 + 2 * kHashSize;
using EntryBytes = std::array<std::uint8_t, kEntrySize>;

struct JournalHead {
  std::uint32_t count = 0;  // entries ever written; they are numbered from 1
  Hash hash{};
};

class Journal {
 public:
  explicit Journal(Store& store) : store_(store) {}

  // kCorrupt, kHardware.
  Result<JournalHead> head();
  // Appends the entry and sets the slot's counter to entry.counter, in one transaction; the head after it.
  // kFull: nothing has changed. kCorrupt, kHardware.
  Result<JournalHead> append(const Entry& entry);
  // The entry's bytes, then the head after it. kNotFound: never written, or not kept any more.
  Result<std::size_t> read(std::uint32_t number, ByteSpan into);

 private:
  Store& store_;
};

}  // namespace sceau::firmware::clearsign
