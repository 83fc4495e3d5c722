// What a database must do for the ledger: keep rows, and commit a batch whole or not at all. One driver a
// file; the ledger itself knows no SQL.
//
// Tables, the same in every driver: entry(idx, leaf), opening(idx, salt, statement, evidence, verdict),
// tile(level, n, width, bytes), checkpoint(size, note), blob(sha256, bytes), head(next, size, root) with one
// row, locked for the batch. A tile is one row, the widest seen: a narrower one is its beginning.
// Failures: not_found, unavailable (disk, I/O, locks), corrupt (the database says so), internal.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sceau/ledger/ledger.h"

namespace sceau::ledger {

struct StoredHead {
  std::uint64_t next = 0;  // index of the next entry
  Head head;
};

struct StoredTile {
  unsigned level = 0;
  std::uint64_t n = 0;
  unsigned width = 0;
  Bytes bytes;
};

struct StoredCheckpoint {
  std::uint64_t size = 0;
  std::string note;
};

struct StoredEntry {
  std::uint64_t index = 0;
  Bytes leaf;
  std::optional<Opening> opening;
};

struct StoredBlob {
  Digest name{};
  Bytes bytes;
};

// All that one transaction appends.
struct Batch {
  std::uint64_t first = 0;  // what head.next must be before
  std::vector<Entry> entries;
  std::vector<StoredTile> tiles;
  StoredCheckpoint checkpoint;
  Head head;
};

// How many rows a walk through the ledger reads at once.
inline constexpr unsigned kRowsAtOnce = 256;

// One connection for reading; its caller sees to it that one thread at a time uses it.
class StoreReader {
 public:
  StoreReader() = default;
  virtual ~StoreReader() = default;
  StoreReader(const StoreReader&) = delete;
  StoreReader& operator=(const StoreReader&) = delete;

  virtual Result<StoredHead> head() = 0;
  virtual Result<Bytes> leaf(std::uint64_t index) = 0;
  virtual Result<Opening> opening(std::uint64_t index) = 0;
  virtual Result<StoredTile> tile(unsigned level, std::uint64_t n) = 0;
  virtual Result<StoredCheckpoint> newest_checkpoint() = 0;
  virtual Result<std::string> checkpoint(std::uint64_t size) = 0;
  virtual Result<Bytes> blob(const Digest& name) = 0;

  // Up to `count` rows in order from `first` on, or after the one named: for walking through all.
  virtual Result<std::vector<StoredEntry>> entries(std::uint64_t first, unsigned count,
                                                   bool with_openings) = 0;
  virtual Result<std::vector<StoredCheckpoint>> checkpoints(std::uint64_t first_size, unsigned count) = 0;
  virtual Result<std::vector<StoredBlob>> blobs(const std::optional<Digest>& after, unsigned count) = 0;

  struct Counts {
    std::uint64_t entries = 0, openings = 0, openings_beyond = 0, tiles = 0, checkpoints = 0;
  };
  // How many rows there are; openings_beyond: those whose index is not below `size`.
  virtual Result<Counts> counts(std::uint64_t size) = 0;
};

// The one writer. Its caller sees to it that one thread at a time uses it.
class Store {
 public:
  Store() = default;
  virtual ~Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // Makes the tables, with this checkpoint of the empty tree, in one transaction. refused when there are any.
  virtual Status initialise(const StoredCheckpoint& empty) = 0;
  // Durable when it returns. unavailable when head.next is not batch.first any more.
  virtual Status commit(const Batch& batch) = 0;
  virtual Status erase_opening(std::uint64_t index) = 0;
  virtual Status put_blob(const Digest& name, ByteView bytes) = 0;
};

}  // namespace sceau::ledger
