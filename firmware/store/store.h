// Objects that survive a power cut at any instant, on NOR flash.
//
// ============================================ Specification ============================================
//
// DEFINITIONS. An *object* is a key (1 to 0xFFFE) with a value of 0 to kMaxObject bytes. The *state* of the
// store is the set of its objects. A *change* sets one object, or removes all objects of a range of keys. A
// *transaction* is a list of changes that happens whole or not at all. The flash is `page_count` pages of
// `page_size` bytes; programming clears bits, erasing a page sets all of its bits.
//
// OPERATIONS
//   mount()           brings the flash into order after power-on. Needs: nothing; a blank flash is an empty
//                     store. Must be called once, before anything else.
//   read(key)         the value last set by a finished transaction, or kNotFound.
//   apply(changes)    one transaction. kFull is found out before the first change: then nothing has changed.
// Where a torn header is told from a whole one, it is by its CRC-32. After kHardware the store refuses
// everything until the next mount().
//
// PROMISES, when power is cut at any instant, and the interrupted program or erase operation has changed any
// subset of the bits that it was to change:
//   1. after mount() the state is the one before or the one after the interrupted transaction;
//   2. when apply() has returned kOk, the state is the one after;
//   3. values replaced or removed are overwritten with zeros before apply() returns, or by the next mount();
//      so are those of transactions that never happened;
//   4. any number of cuts, at any instants, mount() included, never loses room for good;
//   5. values are encrypted and authenticated (AES-256-GCM) under a key derived from the device's secret, and
//      bound to key, part and transaction: flash bytes moved or altered read as kCorrupt, never as a value.
// Not promised: detection of an older image of the whole flash put back by somebody who opened the device.
//
// BYTES. All numbers little-endian. A page begins with a header of 32 bytes:
//   0  magic 0x31504353 ("SCP1")     4  erase count         8  CRC-32 of bytes 0..7
//  12  source: page n being compacted into this one, n | ~n << 16; else all ones
//  16  copied: zero once that copy is complete; else all ones         20  unused, all ones
// A page of all ones is blank: it is free, with an erase count nobody has written down. After the header come
// records, each a multiple of 4 bytes, back to back; what follows the last record is all ones. A record:
//   0  length of the plain part u16 | kind u8 (1 value, 2 removal) | flags u8 (bit 0: last of its
//   transaction) 4  key u16 | part u8, parts u8 (value) or last key of the range u16 (removal) 8  transaction
//   u32              12  CRC-32 of bytes 0..11
//  16  state: 0xFFFFFFFF written, 0x0000FFFF in force, 0 gone
//  20  nonce (12), ciphertext (length, padded with zeros to 4), tag (16); absent in a removal
// A value longer than kPartSize is kept in parts. A record header of zeros closes the page: nothing follows.
// The nonce is random; the associated data is bytes 0..11.
//
// A TRANSACTION is (a) room is made by compaction; (b) its records are programmed, state all ones; (c) the
// state of the last one becomes "in force": this is the instant at which the transaction happens; (d) the
// others follow; (e) records that they replace or remove become zeros from their state on; (f) its removals
// become zeros. Only one transaction is ever under way. Numbers never start again: after 0xFFFFFFFF, which no
// flash lives to see, a change is kHardware. Else somebody who wrote that number into a header, which is not
// authenticated, would have every later change give way to what it replaces.
//
// mount() looks at all pages. Let t be the highest transaction number in a valid record header.
//   - A page whose header is not valid, and which is not blank, is erased. (An erase is preceded by making
//     the magic zero, so a page half erased is never taken for a good one.)
//   - Compaction: "copied" is not zero but "source" is not all ones: erase this page, the source is whole.
//     "copied" is zero and "source" names a page: erase that page, then make "source" zero.
//   - A record header that is not valid, or anything but ones after the last record: make the rest of the
//     page zero. That can only be a record of a transaction that did not happen.
//   - Records of t, if its last one is in force, are put in force; this finishes (d). Any other record that
//     is not in force is made zero. Removals of t are carried out, this finishes (e) and (f); of two records
//     in force for one key and part, those of the lower transaction are made zero.
// A "written" and a "gone" state cannot be confused: (c) clears only the upper half of the word, and any
// cleared bit in the lower half means gone; a record that never came in force loses its lower half first.
// Each of these steps may itself be cut and begun again.
//
// COMPACTION copies all records in force of one page, verbatim, to a free page and erases the first. One free
// page is always left for it, and as records never change in the copy and the source stays whole until the
// copy is marked complete, it can be cut and begun again any number of times. So every byte that holds no
// record in force can be had back (promise 4), except less than one record a page.
//
// WEAR. A free page is taken by lowest erase count; the page compacted is the one with most to give back,
// unless the erase counts differ by more than kWearSpread: then the least erased page moves first.
//
// ROOM. Transactions of Room::kOrdinary leave room for kReserve records of full size, so that those of
// Room::kReserved (counters, retries, removals, resets) find room when the store is full for everybody else.
#pragma once

#include "board/board.h"
#include "core/bytes.h"
#include "core/status.h"
#include "crypto/hash.h"
#include "store/record.h"

namespace sceau::firmware {

struct Change {
  enum class Kind : std::uint8_t { kSet, kRemove };

  static Change set(ObjectKey key, ByteView value) { return {Kind::kSet, key, key, value}; }
  static Change remove(ObjectKey key) { return {Kind::kRemove, key, key, {}}; }
  static Change remove_range(ObjectKey first, ObjectKey last) { return {Kind::kRemove, first, last, {}}; }

  Kind kind = Kind::kSet;
  ObjectKey key = 0;
  ObjectKey last = 0;  // of the range removed, itself included
  ByteView value;      // must stay valid until apply() returns
};

enum class Room : std::uint8_t { kOrdinary, kReserved };

class Store {
 public:
  static constexpr std::size_t kMaxObject = 4096;
  static constexpr std::size_t kMaxPages = 64;
  static constexpr std::size_t kMaxRecords = 408;
  static constexpr std::size_t kReserve = 4;        // records of full size, kept from ordinary transactions
  static constexpr std::size_t kSpareRecords = 16;  // places in the index, likewise
  static constexpr std::uint32_t kWearSpread = 4;

  // Borrows the board for its flash, random source and unique secret.
  explicit Store(Board& board);

  // kHardware: the flash failed or has a shape that the store cannot use (see Specification).
  Status mount();

  // Writes the value to `into` and returns its size. kNotFound; kTooLong: `into` is smaller than the value;
  // kCorrupt: the bytes do not authenticate; kHardware.
  Result<std::size_t> read(ObjectKey key, ByteSpan into);
  // Size of the value. kNotFound, kHardware.
  Result<std::size_t> size(ObjectKey key);
  bool contains(ObjectKey key) const;
  // A mark of all objects of a range of keys: another one after any of them was set or removed, the same
  // after power cuts and compaction. It is their records' nonces, which are random and used once, folded by
  // XOR. kHardware.
  using Mark = std::array<std::uint8_t, kSealNonce>;
  Result<Mark> mark(ObjectKey first, ObjectKey last);

  // One transaction: removals first, then the values set, each key at most once. kInvalid: a key set twice or
  // a value longer than kMaxObject. kFull: nothing has changed. kHardware.
  Status apply(std::span<const Change> changes, Room room);
  Status set(ObjectKey key, ByteView value, Room room) {
    const Change change = Change::set(key, value);
    return apply({&change, 1}, room);
  }
  Status remove(ObjectKey key) {
    const Change change = Change::remove(key);
    return apply({&change, 1}, Room::kReserved);
  }

  // Bytes of records that are sure to fit, after compaction, for an ordinary transaction; a lower bound.
  std::size_t free_bytes() const;
  // Records that the index has room for in ordinary transactions.
  std::size_t free_places() const {
    return indexed_ + kSpareRecords < kMaxRecords ? kMaxRecords - kSpareRecords - indexed_ : 0;
  }

  struct Wear {
    std::uint32_t lowest = 0;
    std::uint32_t highest = 0;
  };
  Wear wear() const;

 private:
  struct Location {  // of a record in force; small, for there are many
    ObjectKey key = 0;
    std::uint8_t part = 0;
    std::uint8_t page = 0;
    std::uint16_t offset = 0;
    std::uint8_t words = 0;  // of the whole record, 4 bytes each
    bool newest = false;     // of the transaction under way, or of the last one
    std::size_t size() const { return std::size_t{4} * words; }
  };
  static_assert(kMaxRecord / 4 <= 255);
  struct Page {
    std::uint32_t erased = 0;
    std::uint16_t used = 0;  // offset of the first free byte; 0: blank, no header yet
    std::uint16_t live = 0;  // bytes of records in force
  };
  using Pages = std::array<Page, kMaxPages>;

  // store.cpp: reading, and the steps of a transaction
  Status check(std::span<const Change> changes, Room room) const;
  const Location* find(ObjectKey key, std::uint8_t part) const;
  Result<std::size_t> read_record(const Location& location, ByteSpan into, std::uint8_t& parts);
  Status write_value(const Change& change, bool last_change);
  Status write_part(const Change& change, std::size_t part, std::size_t parts, bool last);
  Status write_removal(const Change& change, bool last);
  Status append(const RecordHeader& header, ByteView body);
  Status put_in_force(std::size_t first_new);
  Status remove_replaced(std::span<const Change> changes);

  // space.cpp: where records go, compaction, wear
  bool fits(std::span<const Change> changes, Room room) const;
  bool take(Pages& pages, std::size_t size) const;
  int choose_page(const Pages& pages, std::size_t size) const;
  int choose_free(const Pages& pages, bool most_worn) const;
  std::size_t free_pages(const Pages& pages) const;
  Status make_room(std::span<const Change> changes, Room room);
  int most_garbage() const;
  int least_worn() const;
  Status compact(std::size_t victim, std::size_t target);
  Status copy_record(Location& location, std::size_t target);
  Status open_page(std::size_t page);
  Status renew_page(std::size_t page);

  // mount.cpp
  Status mount_page(std::size_t page);
  Status settle_compaction(std::size_t page);
  Status scan_page(std::size_t page);
  Status settle_states(std::size_t page, bool happened);
  Status carry_out_removals(std::size_t page);
  Status remove_range(ObjectKey first, ObjectKey last);
  Status adopt_page(std::size_t page);
  Status adopt(const Location& location, std::uint32_t transaction);
  Result<bool> last_transaction_happened();

  // flash.cpp: the only functions that touch the flash
  Status read_flash(std::size_t page, std::size_t offset, ByteSpan into);
  Status program(std::size_t page, std::size_t offset, ByteView bytes);
  Status program_word(std::size_t page, std::size_t offset, std::uint32_t word);
  Result<std::uint32_t> read_word(std::size_t page, std::size_t offset);
  Status clear(std::size_t page, std::size_t from, std::size_t to);
  Result<bool> all_bytes_are(std::size_t page, std::size_t from, std::size_t to, std::uint8_t value);
  // The record at `offset`; a size of 0 when there is none: free space, a closed page or a torn header.
  Result<Record> read_header(std::size_t page, std::size_t offset);
  Status wipe_record(std::size_t page, std::size_t offset, std::size_t size);
  void drop(std::size_t index);

  Board& board_;
  Flash& flash_;
  DerivedKey key_;
  std::size_t page_size_ = 0;
  std::size_t page_count_ = 0;
  bool usable_ = false;
  std::uint32_t transaction_ = 0;
  Pages pages_{};
  std::array<Location, kMaxRecords> index_{};
  std::size_t indexed_ = 0;
};

}  // namespace sceau::firmware
