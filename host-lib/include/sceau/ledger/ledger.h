// The ledger: an append-only, durable list of leaves under one Merkle tree, with what they commit to beside.
//
// Invariants
//   - An append that succeeded is on disk (one committed transaction, fsynced) before it returns; a failed
//     one is not there. (Only when the disk failed at that very sync, and the process ended before the next
//     append, may its entries be found whole at the next opening: nobody had been told of them.)
//   - Entries have consecutive indices from 0; all entries of one append stand side by side.
//   - Every leaf is a leaf.h leaf and commits to the opening that came with it.
//   - A checkpoint is signed for each committed batch, stored in the same transaction, and handed out only
//     after the commit. Two different trees of one size are never handed out.
//   - One process at a time may write; any number may read meanwhile.
// All members are safe to call from several threads. Appends that arrive while another commits share the next
// transaction, root and checkpoint; one that comes alone commits at once.
//
// Failures: not_found (no such index, size, blob; an opening that was erased), invalid (input), unavailable
// (disk full, I/O error, another writer: may work later), corrupt (stored data contradicts itself), refused
// (a write to a ledger that is open for reading only; create over an existing one).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sceau/ledger/leaf.h"
#include "sceau/ledger/note.h"
#include "sceau/ledger/opening.h"
#include "sceau/ledger/proof.h"
#include "sceau/ledger/tile.h"
#include "sceau/ledger/tree.h"

namespace sceau::ledger {

struct Entry {
  Bytes leaf;                // write_leaf, at most 65,535 bytes
  Opening opening;           // what leaf commits to
  std::vector<Bytes> blobs;  // what many entries share (certificates, CRLs): each stored once, by SHA-256
};

// The entry for an opening: writes the leaf. invalid when the type is malformed.
Result<Entry> make_entry(Time at, std::string_view type, Opening opening, std::vector<Bytes> blobs = {});

struct Head {
  std::uint64_t size = 0;
  Digest root{};

  friend bool operator==(const Head&, const Head&) = default;
};

// All that proves one entry offline: the proof, the leaf, and the opening unless it was erased.
struct Receipt {
  Proof proof;
  Bytes leaf;
  std::optional<Opening> opening;
};

struct LedgerOptions {
  std::string sqlite_vfs;  // the SQLite VFS to use; empty for the system's own. Tests put a failing one here.
  // Opens the envelope of a sealed statement. not_found: it has no key for this one, whose opening then comes
  // without its statement. Without this function, all of them do.
  std::function<Result<Bytes>(ByteView envelope)> unseal{};
};

class Store;
class StoreReader;

class Ledger {
 public:
  // Makes a new ledger in the file `path` and signs the checkpoint of the empty tree. refused when one is
  // there already. `origin` names the log, e.g. "registre.exemple.fr/entrepot".
  static Result<std::unique_ptr<Ledger>> create(const std::filesystem::path& path, std::string_view origin,
                                                NoteSigner signer, const LedgerOptions& options = {});
  // Opens for writing, after checking head, newest checkpoint (signed by this very key), tiles and the newest
  // entries against each other: corrupt when they differ, unavailable when another process writes.
  static Result<std::unique_ptr<Ledger>> open(const std::filesystem::path& path, NoteSigner signer,
                                              const LedgerOptions& options = {});
  // Opens for reading, also while another process writes. Checks nothing but the form: see check.h.
  static Result<std::unique_ptr<Ledger>> open_read_only(const std::filesystem::path& path,
                                                        const LedgerOptions& options = {});
  ~Ledger();
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  // Appends all entries side by side in one transaction: the index of the first. invalid for no entry at all,
  // a leaf longer than 65,535 bytes, or one that does not commit to its opening.
  Result<std::uint64_t> append(std::vector<Entry> entries);

  [[nodiscard]] const std::string& origin() const;
  // The newest committed tree.
  [[nodiscard]] Result<Head> head() const;
  // Its signed checkpoint.
  [[nodiscard]] Result<std::string> checkpoint() const;
  // The signed checkpoint of just this size; not_found when none was made.
  [[nodiscard]] Result<std::string> checkpoint_at(std::uint64_t size) const;
  // The root of any size up to head().size; not_found beyond.
  [[nodiscard]] Result<Digest> root_at(std::uint64_t size) const;

  [[nodiscard]] Result<Bytes> leaf(std::uint64_t index) const;
  // not_found when there is no such entry or its opening was erased; the message says which. corrupt when
  // what a sealed statement's envelope holds is not what its digest says.
  [[nodiscard]] Result<Opening> opening(std::uint64_t index) const;
  // Erases an opening for good: overwritten in the file, absent from its journal. Erasing it again succeeds.
  Status erase_opening(std::uint64_t index);

  // Stores a blob durably; the same bytes again cost nothing.
  Result<Digest> put_blob(ByteView bytes);
  [[nodiscard]] Result<Bytes> blob(const Digest& digest) const;

  // Proofs; not_found for a size beyond head().size, invalid for index >= size or old_size > new_size.
  [[nodiscard]] Result<std::vector<Digest>> inclusion(std::uint64_t index, std::uint64_t size) const;
  [[nodiscard]] Result<std::vector<Digest>> consistency(std::uint64_t old_size, std::uint64_t new_size) const;
  // Proof under the newest checkpoint, leaf and opening.
  [[nodiscard]] Result<Receipt> receipt(std::uint64_t index) const;

  // The bytes that tile_path(level, n, width) and entries_path(n, width) name, for any width reached so far.
  [[nodiscard]] Result<Bytes> tile(unsigned level, std::uint64_t n, unsigned width = kTileWidth) const;
  [[nodiscard]] Result<Bytes> entries(std::uint64_t n, unsigned width = kTileWidth) const;

  // Calls back for every entry from `first` up to the head as it was at the start, in order; the opening is
  // none when erased. Ends early, with its error, when the callback fails. The callback may use the ledger.
  using Visitor = std::function<Status(std::uint64_t index, ByteView leaf, const std::optional<Opening>&)>;
  Status for_each(const Visitor& visitor, std::uint64_t first = 0) const;

  // How many transactions have appended entries since this object was made.
  [[nodiscard]] std::uint64_t commits() const;

  // A view that stands still while others append, for check.h. Its type is this room's own.
  [[nodiscard]] Result<std::unique_ptr<StoreReader>> snapshot() const;

 private:
  struct State;
  explicit Ledger(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace sceau::ledger
