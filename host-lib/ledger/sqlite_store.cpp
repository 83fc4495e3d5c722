#include "sqlite_store.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

#include "sceau/base/files.h"
#include "sqlite.h"

namespace sceau::ledger {
namespace {

// The application id is "sceL", for file(1); user_version is kSqliteFormat.
constexpr const char* kSchema = R"(
  PRAGMA application_id = 1935893836;
  PRAGMA user_version = 1;
  CREATE TABLE entry(idx INTEGER PRIMARY KEY, leaf BLOB NOT NULL) STRICT;
  CREATE TABLE opening(idx INTEGER PRIMARY KEY, salt BLOB NOT NULL, statement BLOB NOT NULL,
                       evidence BLOB NOT NULL, verdict BLOB NOT NULL) STRICT;
  CREATE TABLE tile(level INTEGER NOT NULL, n INTEGER NOT NULL, width INTEGER NOT NULL, bytes BLOB NOT NULL,
                    PRIMARY KEY(level, n)) STRICT;
  CREATE TABLE checkpoint(size INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT;
  CREATE TABLE blob(sha256 BLOB NOT NULL PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
  CREATE TABLE head(next INTEGER NOT NULL, size INTEGER NOT NULL, root BLOB NOT NULL) STRICT;
)";

// Rolls back unless committed.
class Transaction {
 public:
  explicit Transaction(SqliteConnection& connection) : connection_(connection) {}
  ~Transaction() {
    // SQLite may have rolled back by itself already: then this fails, and nothing is lost.
    if (open_) (void)connection_.execute("ROLLBACK");
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  Status begin() {
    Status status = connection_.execute("BEGIN IMMEDIATE");
    open_ = status.ok();
    return status;
  }
  Status commit() {
    Status status = connection_.execute("COMMIT");
    if (status) open_ = false;
    return status;
  }

 private:
  SqliteConnection& connection_;
  bool open_ = false;
};

class SqliteStore final : public Store {
 public:
  SqliteStore(FileDescriptor lock, std::unique_ptr<SqliteConnection> connection)
      : lock_(std::move(lock)), connection_(std::move(connection)) {}

  Status initialise(const StoredCheckpoint& empty) override;
  Status commit(const Batch& batch) override;
  Status erase_opening(std::uint64_t index) override;
  Status put_blob(const Digest& name, ByteView bytes) override;

 private:
  Status insert(const Batch& batch);
  Status insert_entry(std::uint64_t index, const Entry& entry);
  Status insert_blob(const Digest& name, ByteView bytes);

  FileDescriptor lock_;  // given up last
  std::unique_ptr<SqliteConnection> connection_;
};

Result<FileDescriptor> take_lock(const std::filesystem::path& path) {
  const std::string name = path.string() + ".lock";
  FileDescriptor lock(::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock.valid()) {
    return Error{ErrorKind::unavailable, "cannot lock the ledger with " + name + ": " +
                                             system_error_text(errno) + ": check the folder's permissions"};
  }
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    return Error{ErrorKind::unavailable, "another process is writing to the ledger " + path.string() +
                                             ": stop it, or open for reading only"};
  }
  return lock;
}

}  // namespace

Status SqliteStore::initialise(const StoredCheckpoint& empty) {
  Transaction transaction(*connection_);
  if (Status status = transaction.begin(); !status) return status;
  {
    auto query = connection_->query("SELECT count(*) FROM sqlite_schema");
    auto row = query.step();
    if (!row) return row.error();
    if (query.number(0) != 0) return Error{ErrorKind::refused, "a ledger is there already: open it instead"};
  }
  if (Status status = connection_->execute(kSchema); !status) return status;
  const Digest root = empty_root();
  if (Status status = connection_->query("INSERT INTO head VALUES(0, 0, ?1)").bind(ByteView(root)).run();
      !status) {
    return status;
  }
  Status status = connection_->query("INSERT INTO checkpoint VALUES(?1, ?2)")
                      .bind(empty.size)
                      .bind_text(empty.note)
                      .run();
  if (!status) return status;
  return transaction.commit();
}

Status SqliteStore::commit(const Batch& batch) {
  Transaction transaction(*connection_);
  if (Status status = transaction.begin(); !status) return status;
  if (Status status = insert(batch); !status) return status;
  return transaction.commit();
}

Status SqliteStore::insert(const Batch& batch) {
  {
    auto query = connection_->query("SELECT next FROM head");
    auto row = query.step();
    if (!row) return row.error();
    if (!*row || query.number(0) != batch.first) {
      return Error{ErrorKind::unavailable, "the ledger has grown without this process: open it again"};
    }
  }
  for (std::size_t i = 0; i < batch.entries.size(); ++i) {
    if (Status status = insert_entry(batch.first + i, batch.entries[i]); !status) return status;
  }
  for (const StoredTile& tile : batch.tiles) {
    Status status = connection_
                        ->query(
                            "INSERT INTO tile VALUES(?1, ?2, ?3, ?4) ON CONFLICT(level, n) DO UPDATE "
                            "SET width = excluded.width, bytes = excluded.bytes")
                        .bind(std::uint64_t{tile.level})
                        .bind(tile.n)
                        .bind(std::uint64_t{tile.width})
                        .bind(ByteView(tile.bytes))
                        .run();
    if (!status) return status;
  }
  Status status = connection_->query("INSERT INTO checkpoint VALUES(?1, ?2)")
                      .bind(batch.checkpoint.size)
                      .bind_text(batch.checkpoint.note)
                      .run();
  if (!status) return status;
  return connection_->query("UPDATE head SET next = ?1, size = ?2, root = ?3")
      .bind(batch.first + batch.entries.size())
      .bind(batch.head.size)
      .bind(ByteView(batch.head.root))
      .run();
}

Status SqliteStore::insert_entry(std::uint64_t index, const Entry& entry) {
  Status status =
      connection_->query("INSERT INTO entry VALUES(?1, ?2)").bind(index).bind(ByteView(entry.leaf)).run();
  if (!status) return status;
  status = connection_->query("INSERT INTO opening VALUES(?1, ?2, ?3, ?4, ?5)")
               .bind(index)
               .bind(ByteView(entry.opening.salt))
               .bind(ByteView(entry.opening.sealed.empty() ? entry.opening.statement : entry.opening.sealed))
               .bind(ByteView(entry.opening.evidence))
               .bind(ByteView(entry.opening.verdict))
               .run();
  for (const Bytes& blob : entry.blobs) {
    if (!status) return status;
    status = insert_blob(sha256(blob), blob);
  }
  return status;
}

Status SqliteStore::insert_blob(const Digest& name, ByteView bytes) {
  return connection_->query("INSERT OR IGNORE INTO blob VALUES(?1, ?2)")
      .bind(ByteView(name))
      .bind(bytes)
      .run();
}

Status SqliteStore::put_blob(const Digest& name, ByteView bytes) {
  Transaction transaction(*connection_);
  if (Status status = transaction.begin(); !status) return status;
  if (Status status = insert_blob(name, bytes); !status) return status;
  return transaction.commit();
}

Status SqliteStore::erase_opening(std::uint64_t index) {
  // Overwrites what is freed with zeros, then empties the journal, which still holds the old pages.
  if (Status status = connection_->execute("PRAGMA secure_delete = ON"); !status) return status;
  Status status = connection_->query("DELETE FROM opening WHERE idx = ?1").bind(index).run();
  (void)connection_->execute("PRAGMA secure_delete = FAST");
  if (!status) return status;
  auto query = connection_->query("PRAGMA wal_checkpoint(TRUNCATE)");
  auto row = query.step();
  if (!row) return row.error();
  if (query.number(0) != 0) {
    return Error{ErrorKind::unavailable, "the opening of entry " + std::to_string(index) +
                                             " is erased, but a reader keeps it in the journal: end long "
                                             "reads and erase it again"};
  }
  return {};
}

Result<std::unique_ptr<Store>> open_sqlite_store(const std::filesystem::path& path, SqliteOpening opening,
                                                 const LedgerOptions& options) {
  const bool create = opening == SqliteOpening::create;
  std::error_code error;
  if (!create && !std::filesystem::exists(path, error)) {
    return Error{ErrorKind::not_found, "there is no ledger " + path.string() + ": create it first"};
  }
  auto lock = take_lock(path);
  if (!lock) return lock.error();
  if (create) {
    // SQLite gives its journal the same rights. When this fails, opening says why.
    const FileDescriptor owners_alone(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  }
  auto connection = SqliteConnection::open(
      path.string(), SQLITE_OPEN_READWRITE | (create ? SQLITE_OPEN_CREATE : 0), options.sqlite_vfs);
  if (!connection) return connection.error().within("cannot open the ledger " + path.string());
  // The page size holds only before the first table; a commit is on disk before it returns (FULL).
  Status status = (*connection)
                      ->execute(create ? "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL"
                                       : "PRAGMA journal_mode = WAL");
  if (status) {
    status = (*connection)
                 ->execute(
                     "PRAGMA synchronous = FULL; PRAGMA secure_delete = FAST; "
                     "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON");
  }
  if (status && !create) status = (*connection)->expect_version(kSqliteFormat);
  if (!status) return status.error().within("cannot open the ledger " + path.string());
  return std::unique_ptr<Store>(std::make_unique<SqliteStore>(std::move(*lock), std::move(*connection)));
}

}  // namespace sceau::ledger
