// The life of a ledger: made, opened, appended to. Reading is in ledger_read.cpp.
#include "sceau/ledger/ledger.h"

#include "ledger_state.h"
#include "sceau/base/files.h"
#include "sqlite_store.h"

namespace sceau::ledger {
namespace {

Status check_entry(const Entry& entry) {
  if (entry.leaf.size() > kMaximumLeaf) {
    return Error{ErrorKind::invalid, "cannot append: a leaf of " + std::to_string(entry.leaf.size()) +
                                         " bytes is longer than 65,535"};
  }
  auto leaf = parse_leaf(entry.leaf);
  if (!leaf) return leaf.error().within("cannot append");
  if (leaf->commitment != commitment(entry.opening)) {
    return Error{ErrorKind::invalid, "cannot append: the leaf does not commit to its opening"};
  }
  const auto sealed = read_sealed(entry.opening.sealed);
  if (!entry.opening.sealed.empty() && (!sealed || sealed->digest != sha256(entry.opening.statement))) {
    return Error{ErrorKind::invalid, "cannot append: what is sealed is not the statement"};
  }
  return {};
}

// The newest level-0 tile against the entries themselves: the part a crash could have torn.
Status check_newest_entries(StoreReader& reader, std::uint64_t size) {
  if (size == 0) return {};
  const std::uint64_t n = (size - 1) / kTileWidth;
  auto entries = reader.entries(n * kTileWidth, kTileWidth + 1, false);
  if (!entries) return entries.error();
  if (entries->size() != size - n * kTileWidth)
    return Error{ErrorKind::corrupt, "the newest entries are not as many as the head says"};
  TileHashes hashes(reader, size);
  for (std::size_t i = 0; i < entries->size(); ++i) {
    const StoredEntry& entry = (*entries)[i];
    auto hash = hashes(0, n * kTileWidth + i);
    if (!hash) return hash.error();
    if (entry.index != n * kTileWidth + i || leaf_hash(entry.leaf) != *hash) {
      return Error{ErrorKind::corrupt,
                   "entry " + std::to_string(n * kTileWidth + i) + " is not the one in its tile"};
    }
  }
  return {};
}

}  // namespace

Result<Entry> make_entry(Time at, std::string_view type, Opening opening, std::vector<Bytes> blobs) {
  auto leaf = write_leaf({at, commitment(opening), std::string(type)});
  if (!leaf) return leaf.error();
  return Entry{std::move(*leaf), std::move(opening), std::move(blobs)};
}

Ledger::Ledger(std::unique_ptr<State> state) : state_(std::move(state)) {}
Ledger::~Ledger() = default;

Result<std::unique_ptr<Ledger>> Ledger::create(const std::filesystem::path& path, std::string_view origin,
                                               NoteSigner signer, const LedgerOptions& options) {
  const std::string context = "cannot create the ledger " + path.string();
  auto note = sign_checkpoint({std::string(origin), 0, empty_root()}, signer);
  if (!note) return note.error().within(context);
  {
    auto store = open_sqlite_store(path, SqliteOpening::create, options);
    if (!store) return store.error();
    if (Status status = (*store)->initialise({0, *note}); !status) return status.error().within(context);
    // The file's name must outlive a power failure too.
    const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
    if (Status status = sync_folder(folder); !status) return status.error().within(context);
  }
  return open(path, std::move(signer), options);
}

Result<std::unique_ptr<Ledger>> Ledger::open(const std::filesystem::path& path, NoteSigner signer,
                                             const LedgerOptions& options) {
  auto state = std::make_unique<State>();
  auto store = open_sqlite_store(path, SqliteOpening::existing, options);
  if (!store) return store.error();
  auto reader = open_sqlite_reader(path, false, options);
  if (!reader) return reader.error();
  state->path = path;
  state->options = options;
  state->signer = std::move(signer);
  state->store = std::move(*store);
  state->reader = std::move(*reader);
  if (Status status = state->load(); !status) {
    return status.error().within("cannot open the ledger " + path.string());
  }
  return std::unique_ptr<Ledger>(new Ledger(std::move(state)));
}

Result<std::unique_ptr<Ledger>> Ledger::open_read_only(const std::filesystem::path& path,
                                                       const LedgerOptions& options) {
  auto state = std::make_unique<State>();
  auto reader = open_sqlite_reader(path, false, options);
  if (!reader) return reader.error();
  auto newest = (*reader)->newest_checkpoint();
  if (!newest) return newest.error().within("cannot open the ledger " + path.string());
  // Whose signature it bears is check()'s business; the origin is what it says.
  auto note = parse_note(newest->note);
  auto checkpoint = note ? parse_checkpoint_text(note->text) : Result<Checkpoint>(note.error());
  if (!checkpoint) {
    return Error{ErrorKind::corrupt, "cannot open the ledger " + path.string() +
                                         ": newest checkpoint: " + checkpoint.error().message};
  }
  state->path = path;
  state->options = options;
  state->origin = checkpoint->origin;
  state->reader = std::move(*reader);
  return std::unique_ptr<Ledger>(new Ledger(std::move(state)));
}

Status Ledger::State::load() {
  const std::scoped_lock lock(read_mutex);
  auto stored = reader->head();
  if (!stored) return stored.error();
  const Head& found = stored->head;
  if (stored->next != found.size) return Error{ErrorKind::corrupt, "its head names an entry beyond its tree"};
  auto newest = reader->newest_checkpoint();
  if (!newest) return newest.error();
  auto checkpoint = open_checkpoint(newest->note, signer->verifier());
  if (!checkpoint && checkpoint.error().kind == ErrorKind::invalid)
    return Error{ErrorKind::corrupt, checkpoint.error().message};
  if (!checkpoint) return checkpoint.error();
  if (newest->size != found.size || checkpoint->size != found.size || checkpoint->root != found.root) {
    return Error{ErrorKind::corrupt, "its newest checkpoint is not that of its head"};
  }
  TileHashes hashes(*reader, found.size);
  auto loaded = GrowingTree::at(found.size, std::ref(hashes));
  if (!loaded) return loaded.error();
  if (loaded->head() != found) return Error{ErrorKind::corrupt, "its tiles do not lead to the head's root"};
  if (Status status = check_newest_entries(*reader, found.size); !status) return status;
  tree = std::move(*loaded);
  origin = checkpoint->origin;
  publish(found, std::move(newest->note));
  return {};
}

void Ledger::State::publish(const Head& new_head, std::string new_note) {
  const std::scoped_lock lock(published_mutex);
  head = new_head;
  note = std::move(new_note);
}

Status Ledger::State::writable() const {
  if (store) return {};
  return Error{ErrorKind::refused, "the ledger " + path.string() + " is open for reading only"};
}

Result<std::uint64_t> Ledger::append(std::vector<Entry> entries) {
  if (Status status = state_->writable(); !status) return status.error();
  if (entries.empty()) return Error{ErrorKind::invalid, "cannot append: there is no entry"};
  for (const Entry& entry : entries) {
    if (Status status = check_entry(entry); !status) return status.error();
  }
  State::Waiting mine;
  mine.entries = std::move(entries);
  std::unique_lock lock(state_->queue_mutex);
  state_->queue.push_back(&mine);
  state_->queue_changed.wait(lock, [&] { return mine.done || !state_->leading; });
  if (!mine.done) {
    state_->leading = true;
    const std::vector<State::Waiting*> batch = std::exchange(state_->queue, {});
    lock.unlock();
    const Status status = state_->commit(batch);
    lock.lock();
    for (State::Waiting* waiting : batch) {
      waiting->status = status;
      waiting->done = true;
    }
    state_->leading = false;
    state_->queue_changed.notify_all();
  }
  if (!mine.status) return mine.status.error().within("cannot append to the ledger " + state_->path.string());
  return mine.first;
}

// One transaction, one root, one checkpoint for all that wait.
Status Ledger::State::commit(const std::vector<Waiting*>& waiting) {
  const std::scoped_lock lock(write_mutex);
  if (stale) {
    if (Status status = load(); !status) return status;
    stale = false;
  }
  GrowingTree grown = tree;
  Batch batch;
  batch.first = grown.size();
  for (Waiting* one : waiting) {
    one->first = grown.size();
    for (Entry& entry : one->entries) {
      grown.append(entry.leaf);
      batch.entries.push_back(std::move(entry));
    }
  }
  batch.head = grown.head();
  batch.tiles = grown.take_changed();
  auto signed_note = sign_checkpoint({origin, batch.head.size, batch.head.root}, *signer);
  if (!signed_note) return signed_note.error();
  batch.checkpoint = {batch.head.size, std::move(*signed_note)};
  stale = true;  // until the commit has succeeded
  if (Status status = store->commit(batch); !status) return status;
  stale = false;
  tree = std::move(grown);
  publish(batch.head, std::move(batch.checkpoint.note));
  ++commits;
  return {};
}

Status Ledger::erase_opening(std::uint64_t index) {
  if (Status status = state_->writable(); !status) return status;
  auto present = leaf(index);
  if (!present) return present.error();
  const std::scoped_lock lock(state_->write_mutex);
  Status status = state_->store->erase_opening(index);
  if (!status) return status.error().within("cannot erase an opening");
  return {};
}

Result<Digest> Ledger::put_blob(ByteView bytes) {
  if (Status status = state_->writable(); !status) return status.error();
  const Digest name = sha256(bytes);
  const std::scoped_lock lock(state_->write_mutex);
  if (Status status = state_->store->put_blob(name, bytes); !status) {
    return status.error().within("cannot store a blob");
  }
  return name;
}

}  // namespace sceau::ledger
