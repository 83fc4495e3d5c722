#include "ledger_copy.h"

#include <sqlite3.h>
#include <stdlib.h>

#include <algorithm>
#include <set>

#include "sceau/base/handle.h"
#include "sceau/ledger/ledger.h"
#include "sceau/registry/record.h"
#include "sceau/registry/registry.h"

namespace sceau::tool {
namespace {

constexpr std::size_t kLargestBlob = 1U << 20U;

// The tables of a ledger (FORMATS.md, "Ledger"), written row by row.
class Tables {
 public:
  static Result<Tables> open(const std::filesystem::path& file) {
    Tables tables;
    sqlite3* database = nullptr;
    const int code = sqlite3_open_v2(file.c_str(), &database, SQLITE_OPEN_READWRITE, nullptr);
    tables.database_.reset(database);
    if (code != SQLITE_OK) return tables.failed();
    if (auto begun = tables.run("BEGIN; DELETE FROM checkpoint; DELETE FROM head"); !begun)
      return begun.error();
    return tables;
  }

  Status run(const char* sql) {
    if (sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) return failed();
    return {};
  }

  // One row; numbers first, then bytes.
  Status insert(const char* sql, std::initializer_list<std::int64_t> numbers,
                std::initializer_list<ByteView> bytes, bool text = false) {
    sqlite3_stmt* prepared = nullptr;
    if (sqlite3_prepare_v2(database_.get(), sql, -1, &prepared, nullptr) != SQLITE_OK) return failed();
    const Handle<sqlite3_stmt, sqlite3_finalize> statement(prepared);
    int at = 0;
    for (const auto number : numbers) sqlite3_bind_int64(prepared, ++at, number);
    for (const auto value : bytes) {
      const auto size = static_cast<int>(value.size());
      if (text) {
        sqlite3_bind_text(prepared, ++at, reinterpret_cast<const char*>(value.data()), size, SQLITE_STATIC);
      } else if (value.empty()) {
        sqlite3_bind_zeroblob(prepared, ++at, 0);
      } else {
        sqlite3_bind_blob(prepared, ++at, value.data(), size, SQLITE_STATIC);
      }
    }
    if (sqlite3_step(prepared) != SQLITE_DONE) return failed();
    return {};
  }

 private:
  [[nodiscard]] Error failed() const {
    return {ErrorKind::unavailable, std::string("the copy of the ledger cannot be written: ") +
                                        sqlite3_errmsg(database_.get()) + ": make room"};
  }
  Handle<sqlite3, sqlite3_close> database_;
};

std::int64_t signed_of(std::uint64_t number) { return static_cast<std::int64_t>(number); }

class Copying {
 public:
  Copying(Workplace& place, client::GateClient& gate, Tables& tables, ledger::Checkpoint checkpoint)
      : place_(place), gate_(gate), tables_(tables), checkpoint_(std::move(checkpoint)) {}

  Status run(const std::string& note) {
    const auto size = signed_of(checkpoint_.size);
    if (auto done = copy_entries(); !done) return done;
    if (auto done = copy_tiles(); !done) return done;
    if (auto done = copy_blobs(); !done) return done;
    auto kept = tables_.insert("INSERT INTO checkpoint VALUES(?, ?)", {size}, {as_bytes(note)}, true);
    if (!kept) return kept;
    auto head = tables_.insert("INSERT INTO head VALUES(?, ?, ?)", {size, size}, {checkpoint_.root});
    if (!head) return head;
    return tables_.run("COMMIT");
  }

 private:
  Status copy_entries() {
    for (std::uint64_t first = 0; first < checkpoint_.size; first += ledger::kTileWidth) {
      const auto n = first / ledger::kTileWidth;
      const auto width =
          static_cast<unsigned>(std::min<std::uint64_t>(ledger::kTileWidth, checkpoint_.size - first));
      auto bytes = gate_.get_bytes("/" + ledger::entries_path(n, width));
      if (!bytes) return bytes.error();
      auto leaves = ledger::parse_bundle(*bytes);
      if (!leaves) return leaves.error();
      if (leaves->size() < width) return Error{ErrorKind::corrupt, "the gate's entry bundle is too short"};
      for (unsigned at = 0; at < width; ++at) {
        if (auto done = copy_entry(first + at, (*leaves)[at]); !done) return done;
      }
    }
    place_.output.done();
    return {};
  }

  Status copy_entry(std::uint64_t index, const Bytes& leaf) {
    place_.output.step("entry " + std::to_string(index + 1) + " of " + std::to_string(checkpoint_.size));
    auto kept = tables_.insert("INSERT INTO entry VALUES(?, ?)", {signed_of(index)}, {leaf});
    if (!kept) return kept;
    auto document = gate_.get("/openings/" + std::to_string(index));
    if (!document && document.error().kind == ErrorKind::not_found) return {};  // erased
    if (!document) return document.error();
    Bytes parts[4];
    const char* names[] = {"salt", "statement", "evidence", "verdict"};
    for (int part = 0; part < 4; ++part) {
      auto bytes = statement::base64_field(*document, names[part]);
      if (!bytes) return bytes.error();
      parts[part] = std::move(*bytes);
    }
    want_blobs(parts[1], parts[2], parts[3]);
    return tables_.insert("INSERT INTO opening VALUES(?, ?, ?, ?, ?)", {signed_of(index)},
                          {parts[0], parts[1], parts[2], parts[3]});
  }

  // What cannot be read names no blobs; the audit says that it cannot be read.
  void want_blobs(const Bytes& statement, const Bytes& evidence, const Bytes& verdict) {
    if (auto read = registry::parse_verdict(verdict)) wanted_.insert(read->crls.begin(), read->crls.end());
    if (auto submission = registry::read_submission(statement, evidence)) {
      const auto named = registry::named_blobs(submission->statement);
      wanted_.insert(named.begin(), named.end());
    }
  }

  Status copy_tiles() {
    for (unsigned level = 0; level < 8; ++level) {
      for (std::uint64_t n = 0;; ++n) {
        const auto width = ledger::tile_width(level, n, checkpoint_.size);
        if (width == 0) break;
        auto tile = gate_.get_bytes("/" + ledger::tile_path(level, n, width));
        if (!tile) return tile.error();
        auto kept =
            tables_.insert("INSERT INTO tile VALUES(?, ?, ?, ?)", {level, signed_of(n), width}, {*tile});
        if (!kept) return kept;
      }
    }
    return {};
  }

  Status copy_blobs() {
    for (const auto& digest : wanted_) {
      auto blob = gate_.get_bytes("/blobs/" + to_hex(digest), kLargestBlob);
      if (!blob && blob.error().kind == ErrorKind::not_found) continue;
      if (!blob) return blob.error();
      if (auto kept = tables_.insert("INSERT INTO blob VALUES(?, ?)", {}, {digest, *blob}); !kept)
        return kept;
    }
    return {};
  }

  Workplace& place_;
  client::GateClient& gate_;
  Tables& tables_;
  ledger::Checkpoint checkpoint_;
  std::set<Digest> wanted_;
};

// An empty ledger with all its tables. The key is thrown away: what it signed is replaced.
Status make_empty(const std::filesystem::path& file, const std::string& realm, Random& random) {
  auto seed = Secret::sized(32);
  random.fill(seed.writable());
  auto signer = ledger::NoteSigner::from_seed(realm, seed);
  if (!signer) return signer.error();
  auto made = ledger::Ledger::create(file, realm, std::move(*signer));
  return made ? Status() : Status(made.error());
}

}  // namespace

Result<TemporaryFolder> TemporaryFolder::make() {
  std::error_code failed;
  auto base = std::filesystem::temp_directory_path(failed);
  if (failed) base = "/tmp";
  auto name = (base / "sceau-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) {
    return Error{ErrorKind::unavailable, "no folder can be made in " + base.string() + ": make room"};
  }
  TemporaryFolder folder;
  folder.path_ = name;
  return folder;
}

TemporaryFolder::TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::move(other.path_)) {
  other.path_.clear();
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

Status copy_ledger(Workplace& place, const std::filesystem::path& file) {
  auto connection = place.refresh();
  if (!connection) return connection.error();
  const auto& state = (*connection)->state;
  auto log = ledger::NoteVerifier::parse(statement::text_field(state.all, "log").value());
  if (!log) return log.error();
  auto checkpoint = ledger::open_checkpoint(state.checkpoint, *log);
  if (!checkpoint) return checkpoint.error();
  if (auto made = make_empty(file, state.realm, place.random); !made) return made;
  auto tables = Tables::open(file);
  if (!tables) return tables.error();
  return Copying(place, *(*connection)->gate, *tables, std::move(*checkpoint)).run(state.checkpoint);
}

}  // namespace sceau::tool
