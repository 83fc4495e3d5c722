#include "sceau/ledger/check.h"

#include "growing_tree.h"
#include "store.h"

namespace sceau::ledger {
namespace {

Error check_failed(const std::string& what) { return {ErrorKind::corrupt, "ledger check: " + what}; }

// Walks entries and checkpoints side by side, growing the tree again from nothing.
class Checker {
 public:
  Checker(StoreReader& reader, const NoteVerifier* log, std::string origin)
      : reader_(reader), log_(log), origin_(std::move(origin)) {}

  Result<CheckReport> run();

 private:
  Status check_entries();
  Status check_entry(const StoredEntry& entry);
  Status check_tiles();
  Status check_checkpoints();  // all those of the tree's present size
  Status check_note(const StoredCheckpoint& checkpoint);
  Status check_blobs();
  Status check_counts();

  StoreReader& reader_;
  const NoteVerifier* log_;
  std::string origin_;
  CheckReport report_;
  GrowingTree tree_;
  std::vector<StoredCheckpoint> pending_;  // read, and not reached yet
};

Result<CheckReport> Checker::run() {
  auto stored = reader_.head();
  if (!stored) return stored.error();
  report_.head = stored->head;
  if (stored->next != stored->head.size) return check_failed("the head names an entry beyond its tree");
  for (const auto step : {&Checker::check_entries, &Checker::check_blobs, &Checker::check_counts}) {
    if (Status status = (this->*step)(); !status) return status.error();
  }
  return report_;
}

Status Checker::check_entries() {
  const std::uint64_t size = report_.head.size;
  if (Status status = check_checkpoints(); !status) return status;
  for (std::uint64_t next = 0; next < size;) {
    auto rows = reader_.entries(next, kRowsAtOnce, true);
    if (!rows) return rows.error();
    for (const StoredEntry& row : *rows) {
      if (row.index != next) break;
      if (next == size) return check_failed("entry " + std::to_string(next) + " lies beyond the head");
      if (Status status = check_entry(row); !status) return status;
      ++next;
      if (Status status = check_checkpoints(); !status) return status;
    }
    if (rows->empty() || rows->back().index + 1 != next) {
      return check_failed("entry " + std::to_string(next) + " is missing");
    }
    if (Status status = check_tiles(); !status) return status;
  }
  if (tree_.head() != report_.head) return check_failed("the head's root is not that of its entries");
  if (!pending_.empty()) {
    return check_failed("checkpoint of size " + std::to_string(pending_.front().size) +
                        " lies beyond the head");
  }
  auto newest = reader_.newest_checkpoint();
  if (!newest) return newest.error();
  if (newest->size != size) return check_failed("the newest checkpoint is not that of the head");
  return {};
}

Status Checker::check_entry(const StoredEntry& entry) {
  const std::string name = "entry " + std::to_string(entry.index);
  auto leaf = parse_leaf(entry.leaf);
  if (!leaf) return check_failed(name + ": " + leaf.error().message);
  if (!entry.opening) {
    ++report_.erased;
  } else if (commitment(*entry.opening) != leaf->commitment) {
    return check_failed(name + ": its opening is not what the leaf commits to");
  } else {
    ++report_.openings;
  }
  tree_.append(entry.leaf);
  return {};
}

// The tiles that the newest entries filled or widened. One that is still growing is compared as far as it
// goes.
Status Checker::check_tiles() {
  for (const StoredTile& expected : tree_.take_changed()) {
    const unsigned final_width = tile_width(expected.level, expected.n, report_.head.size);
    if (expected.width != final_width) continue;
    const std::string name = tile_path(expected.level, expected.n, expected.width);
    auto stored = reader_.tile(expected.level, expected.n);
    if (!stored && stored.error().kind != ErrorKind::not_found) return stored.error();
    if (!stored) return check_failed(name + " is missing");
    if (stored->width != expected.width || stored->bytes != expected.bytes) {
      return check_failed(name + " does not follow from the entries");
    }
    ++report_.tiles;
  }
  return {};
}

Status Checker::check_checkpoints() {
  const std::uint64_t size = tree_.size();
  if (pending_.empty()) {
    auto rows = reader_.checkpoints(size, kRowsAtOnce);
    if (!rows) return rows.error();
    pending_.assign(std::make_move_iterator(rows->rbegin()), std::make_move_iterator(rows->rend()));
  }
  if (pending_.empty() || pending_.back().size != size) return {};
  if (Status status = check_note(pending_.back()); !status) return status;
  pending_.pop_back();
  ++report_.checkpoints;
  return {};
}

Status Checker::check_note(const StoredCheckpoint& stored) {
  const std::string name = "checkpoint of size " + std::to_string(stored.size);
  auto note = parse_note(stored.note);
  if (!note) return check_failed(name + ": " + note.error().message);
  auto checkpoint = parse_checkpoint_text(note->text);
  if (!checkpoint) return check_failed(name + ": " + checkpoint.error().message);
  if (checkpoint->origin != origin_)
    return check_failed(name + " is of another origin, " + checkpoint->origin);
  if (checkpoint->size != stored.size || checkpoint->root != tree_.head().root) {
    return check_failed(name + " is not that of the entries");
  }
  if (log_ != nullptr) {
    auto opened = open_checkpoint(stored.note, *log_);
    if (!opened) return opened.error().within("ledger check: " + name);
  }
  return {};
}

Status Checker::check_blobs() {
  std::optional<Digest> after;
  for (;;) {
    auto blobs = reader_.blobs(after, kRowsAtOnce);
    if (!blobs) return blobs.error();
    if (blobs->empty()) return {};
    for (const StoredBlob& blob : *blobs) {
      if (sha256(blob.bytes) != blob.name)
        return check_failed("blob " + to_hex(blob.name) + " has other bytes");
      after = blob.name;
      ++report_.blobs;
    }
  }
}

// Nothing else is stored than what was walked through.
Status Checker::check_counts() {
  auto counts = reader_.counts(report_.head.size);
  if (!counts) return counts.error();
  if (counts->entries != report_.head.size) return check_failed("there are entries beyond the head");
  if (counts->openings_beyond != 0 || counts->openings != report_.openings) {
    return check_failed("there are openings of no entry");
  }
  if (counts->tiles != report_.tiles) return check_failed("there are tiles of no entries");
  if (counts->checkpoints != report_.checkpoints) return check_failed("there are checkpoints of no tree");
  return {};
}

}  // namespace

Result<CheckReport> check(const Ledger& ledger, const NoteVerifier* log) {
  auto reader = ledger.snapshot();
  if (!reader) return reader.error();
  return Checker(**reader, log, ledger.origin()).run();
}

}  // namespace sceau::ledger
