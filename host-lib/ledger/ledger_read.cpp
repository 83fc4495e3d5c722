// What a ledger tells: entries, openings, checkpoints, proofs, tiles.
#include "ledger_state.h"
#include "sqlite_store.h"

namespace sceau::ledger {
const std::string& Ledger::origin() const { return state_->origin; }
std::uint64_t Ledger::commits() const { return state_->commits; }

Result<Head> Ledger::State::current() const {
  if (store) {
    const std::scoped_lock lock(published_mutex);
    return head;
  }
  const std::scoped_lock lock(read_mutex);
  auto stored = reader->head();
  if (!stored) return stored.error();
  return stored->head;
}

Status Ledger::State::reached(std::uint64_t size) const {
  auto now = current();
  if (!now) return now.error();
  if (size > now->size) {
    return Error{ErrorKind::not_found,
                 "the ledger has " + std::to_string(now->size) + " entries, not " + std::to_string(size)};
  }
  return {};
}

Result<Head> Ledger::head() const { return state_->current(); }

Result<std::string> Ledger::checkpoint() const {
  if (state_->store) {
    const std::scoped_lock lock(state_->published_mutex);
    return state_->note;
  }
  const std::scoped_lock lock(state_->read_mutex);
  auto newest = state_->reader->newest_checkpoint();
  if (!newest) return newest.error();
  return std::move(newest->note);
}

Result<std::string> Ledger::checkpoint_at(std::uint64_t size) const {
  const std::scoped_lock lock(state_->read_mutex);
  return state_->reader->checkpoint(size);
}

Result<Digest> Ledger::root_at(std::uint64_t size) const {
  if (Status status = state_->reached(size); !status) return status.error();
  const std::scoped_lock lock(state_->read_mutex);
  TileHashes hashes(*state_->reader, size);
  return root_of(size, std::ref(hashes));
}

Result<Bytes> Ledger::leaf(std::uint64_t index) const {
  const std::scoped_lock lock(state_->read_mutex);
  return state_->reader->leaf(index);
}

Status Ledger::State::unseal(Opening& opening) const {
  const auto sealed = read_sealed(opening.sealed);
  if (!sealed || !options.unseal) return {};
  auto statement = options.unseal(sealed->envelope);
  if (!statement && statement.error().kind == ErrorKind::not_found) return {};
  if (!statement) return statement.error();
  if (sha256(*statement) != sealed->digest)
    return Error{ErrorKind::corrupt, "a sealed statement is not the one that its digest names"};
  opening.statement = std::move(*statement);
  return {};
}

Result<Opening> Ledger::opening(std::uint64_t index) const {
  const std::scoped_lock lock(state_->read_mutex);
  auto found = state_->reader->opening(index);
  if (found) {
    if (auto opened = state_->unseal(*found); !opened)
      return opened.error().within("entry " + std::to_string(index));
  }
  if (found || found.error().kind != ErrorKind::not_found) return found;
  auto entry = state_->reader->leaf(index);  // never there, or erased?
  if (!entry) return entry.error();
  return found;
}

Result<Bytes> Ledger::blob(const Digest& digest) const {
  const std::scoped_lock lock(state_->read_mutex);
  return state_->reader->blob(digest);
}

Result<std::vector<Digest>> Ledger::inclusion(std::uint64_t index, std::uint64_t size) const {
  if (Status status = state_->reached(size); !status) return status.error();
  const std::scoped_lock lock(state_->read_mutex);
  TileHashes hashes(*state_->reader, size);
  return inclusion_proof(index, size, std::ref(hashes));
}

Result<std::vector<Digest>> Ledger::consistency(std::uint64_t old_size, std::uint64_t new_size) const {
  if (Status status = state_->reached(new_size); !status) return status.error();
  const std::scoped_lock lock(state_->read_mutex);
  TileHashes hashes(*state_->reader, new_size);
  return consistency_proof(old_size, new_size, std::ref(hashes));
}

Result<Receipt> Ledger::receipt(std::uint64_t index) const {
  Receipt out;
  auto entry = leaf(index);
  if (!entry) return entry.error();
  out.leaf = std::move(*entry);
  auto note = checkpoint();
  if (!note) return note.error();
  out.proof.checkpoint = std::move(*note);
  out.proof.index = index;
  auto parsed = parse_note(out.proof.checkpoint);
  auto signed_tree = parsed ? parse_checkpoint_text(parsed->text) : Result<Checkpoint>(parsed.error());
  if (!signed_tree) return signed_tree.error();
  auto hashes = inclusion(index, signed_tree->size);
  if (!hashes) return hashes.error();
  out.proof.hashes = std::move(*hashes);
  auto found = opening(index);
  if (!found && found.error().kind != ErrorKind::not_found) return found.error();
  if (found) out.opening = std::move(*found);
  return out;
}

Result<Bytes> Ledger::tile(unsigned level, std::uint64_t n, unsigned width) const {
  auto now = state_->current();
  if (!now) return now.error();
  if (width == 0 || width > tile_width(level, n, now->size)) {
    return Error{ErrorKind::not_found, "the ledger has no " + tile_path(level, n, width)};
  }
  const std::scoped_lock lock(state_->read_mutex);
  auto stored = state_->reader->tile(level, n);
  if (!stored) return stored.error();
  const std::size_t size = std::size_t{width} * sizeof(Digest);
  if (stored->bytes.size() < size) return Error{ErrorKind::corrupt, tile_path(level, n) + " is too short"};
  stored->bytes.resize(size);
  return std::move(stored->bytes);
}

Result<Bytes> Ledger::entries(std::uint64_t n, unsigned width) const {
  auto now = state_->current();
  if (!now) return now.error();
  if (width == 0 || width > tile_width(0, n, now->size)) {
    return Error{ErrorKind::not_found, "the ledger has no " + entries_path(n, width)};
  }
  const std::scoped_lock lock(state_->read_mutex);
  auto rows = state_->reader->entries(n * kTileWidth, width, false);
  if (!rows) return rows.error();
  if (rows->size() != width) return Error{ErrorKind::corrupt, entries_path(n, width) + " lacks entries"};
  Bytes bundle;
  for (const StoredEntry& row : *rows) {
    if (Status status = append_to_bundle(bundle, row.leaf); !status) {
      return Error{ErrorKind::corrupt, "entry " + std::to_string(row.index) + ": " + status.error().message};
    }
  }
  return bundle;
}

Status Ledger::for_each(const Visitor& visitor, std::uint64_t first) const {
  auto now = state_->current();
  if (!now) return now.error();
  while (first < now->size) {
    std::vector<StoredEntry> rows;
    {
      const std::scoped_lock lock(state_->read_mutex);
      auto read = state_->reader->entries(first, kRowsAtOnce, true);
      if (!read) return read.error();
      rows = std::move(*read);
    }
    for (StoredEntry& row : rows) {
      if (first == now->size) return {};
      if (row.index != first) break;
      if (row.opening) {
        if (auto opened = state_->unseal(*row.opening); !opened)
          return opened.error().within("entry " + std::to_string(first));
      }
      if (Status status = visitor(row.index, row.leaf, row.opening); !status) return status;
      ++first;
    }
    if (rows.empty() || rows.back().index + 1 != first) {
      return Error{ErrorKind::corrupt, "entry " + std::to_string(first) + " is missing"};
    }
  }
  return {};
}

Result<std::unique_ptr<StoreReader>> Ledger::snapshot() const {
  return open_sqlite_reader(state_->path, true, state_->options);
}

}  // namespace sceau::ledger
