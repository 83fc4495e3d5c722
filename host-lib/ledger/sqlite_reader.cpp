#include <algorithm>

#include "sqlite.h"
#include "sqlite_store.h"

namespace sceau::ledger {
namespace {

class SqliteReader final : public StoreReader {
 public:
  explicit SqliteReader(std::unique_ptr<SqliteConnection> connection) : connection_(std::move(connection)) {}

  Result<StoredHead> head() override;
  Result<Bytes> leaf(std::uint64_t index) override;
  Result<Opening> opening(std::uint64_t index) override;
  Result<StoredTile> tile(unsigned level, std::uint64_t n) override;
  Result<StoredCheckpoint> newest_checkpoint() override;
  Result<std::string> checkpoint(std::uint64_t size) override;
  Result<Bytes> blob(const Digest& name) override;
  Result<std::vector<StoredEntry>> entries(std::uint64_t first, unsigned count, bool with_openings) override;
  Result<std::vector<StoredCheckpoint>> checkpoints(std::uint64_t first_size, unsigned count) override;
  Result<std::vector<StoredBlob>> blobs(const std::optional<Digest>& after, unsigned count) override;
  Result<Counts> counts(std::uint64_t size) override;

 private:
  std::unique_ptr<SqliteConnection> connection_;
};

// A 32-byte column; anything else is corrupt.
template <typename Array>
Result<Array> fixed_column(SqliteQuery& row, int column, const std::string& what) {
  const Bytes bytes = row.blob(column);
  Array out{};
  if (bytes.size() != out.size()) return Error{ErrorKind::corrupt, what + " is not 32 bytes"};
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

// Columns first to first + 3: salt, statement, evidence, verdict.
Result<Opening> opening_columns(SqliteQuery& row, int first, std::uint64_t index) {
  Opening out;
  auto salt = fixed_column<decltype(out.salt)>(row, first, "salt of entry " + std::to_string(index));
  if (!salt) return salt.error();
  out.salt = *salt;
  Bytes statement = row.blob(first + 1);
  (read_sealed(statement) ? out.sealed : out.statement) = std::move(statement);
  out.evidence = row.blob(first + 2);
  out.verdict = row.blob(first + 3);
  return out;
}

// file:<path>?immutable=1, with everything but the plainest characters escaped.
std::string immutable_uri(const std::filesystem::path& path) {
  std::string uri = "file:";
  for (const char c : path.string()) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '/' || c == '.' || c == '-' || c == '_';
    uri += plain ? std::string(1, c) : "%" + to_hex(as_bytes(std::string_view(&c, 1)));
  }
  return uri + "?immutable=1";
}

}  // namespace

Result<StoredHead> SqliteReader::head() {
  auto query = connection_->query("SELECT next, size, root, (SELECT count(*) FROM head) FROM head");
  auto row = query.step();
  if (!row) return row.error();
  if (!*row || query.number(3) != 1) return Error{ErrorKind::corrupt, "the ledger's head is not one row"};
  auto root = fixed_column<Digest>(query, 2, "the head's root");
  if (!root) return root.error();
  return StoredHead{query.number(0), {query.number(1), *root}};
}

Result<Bytes> SqliteReader::leaf(std::uint64_t index) {
  auto query = connection_->query("SELECT leaf FROM entry WHERE idx = ?1");
  auto row = query.bind(index).step();
  if (!row) return row.error();
  if (!*row) return Error{ErrorKind::not_found, "the ledger has no entry " + std::to_string(index)};
  return query.blob(0);
}

Result<Opening> SqliteReader::opening(std::uint64_t index) {
  auto query = connection_->query("SELECT salt, statement, evidence, verdict FROM opening WHERE idx = ?1");
  auto row = query.bind(index).step();
  if (!row) return row.error();
  if (!*row)
    return Error{ErrorKind::not_found, "the opening of entry " + std::to_string(index) + " was erased"};
  return opening_columns(query, 0, index);
}

Result<StoredTile> SqliteReader::tile(unsigned level, std::uint64_t n) {
  auto query = connection_->query("SELECT width, bytes FROM tile WHERE level = ?1 AND n = ?2");
  auto row = query.bind(std::uint64_t{level}).bind(n).step();
  if (!row) return row.error();
  if (!*row) return Error{ErrorKind::not_found, "the ledger has no " + tile_path(level, n)};
  return StoredTile{level, n, static_cast<unsigned>(query.number(0)), query.blob(1)};
}

Result<StoredCheckpoint> SqliteReader::newest_checkpoint() {
  auto query = connection_->query("SELECT size, note FROM checkpoint ORDER BY size DESC LIMIT 1");
  auto row = query.step();
  if (!row) return row.error();
  if (!*row) return Error{ErrorKind::corrupt, "the ledger has no checkpoint"};
  return StoredCheckpoint{query.number(0), query.text(1)};
}

Result<std::string> SqliteReader::checkpoint(std::uint64_t size) {
  auto query = connection_->query("SELECT note FROM checkpoint WHERE size = ?1");
  auto row = query.bind(size).step();
  if (!row) return row.error();
  if (!*row)
    return Error{ErrorKind::not_found, "the ledger has no checkpoint of size " + std::to_string(size)};
  return query.text(0);
}

Result<Bytes> SqliteReader::blob(const Digest& name) {
  auto query = connection_->query("SELECT bytes FROM blob WHERE sha256 = ?1");
  auto row = query.bind(ByteView(name)).step();
  if (!row) return row.error();
  if (!*row) return Error{ErrorKind::not_found, "the ledger has no blob " + to_hex(name)};
  return query.blob(0);
}

Result<std::vector<StoredEntry>> SqliteReader::entries(std::uint64_t first, unsigned count,
                                                       bool with_openings) {
  auto query =
      with_openings
          ? connection_->query(
                "SELECT entry.idx, leaf, opening.idx, salt, statement, evidence, verdict "
                "FROM entry LEFT JOIN opening ON opening.idx = entry.idx "
                "WHERE entry.idx >= ?1 ORDER BY entry.idx LIMIT ?2")
          : connection_->query("SELECT idx, leaf, NULL FROM entry WHERE idx >= ?1 ORDER BY idx LIMIT ?2");
  query.bind(first).bind(std::uint64_t{count});
  std::vector<StoredEntry> out;
  for (;;) {
    auto row = query.step();
    if (!row) return row.error();
    if (!*row) return out;
    StoredEntry entry{query.number(0), query.blob(1), std::nullopt};
    if (!query.is_null(2)) {
      auto opening = opening_columns(query, 3, entry.index);
      if (!opening) return opening.error();
      entry.opening = std::move(*opening);
    }
    out.push_back(std::move(entry));
  }
}

Result<std::vector<StoredCheckpoint>> SqliteReader::checkpoints(std::uint64_t first_size, unsigned count) {
  auto query =
      connection_->query("SELECT size, note FROM checkpoint WHERE size >= ?1 ORDER BY size LIMIT ?2");
  query.bind(first_size).bind(std::uint64_t{count});
  std::vector<StoredCheckpoint> out;
  for (;;) {
    auto row = query.step();
    if (!row) return row.error();
    if (!*row) return out;
    out.push_back({query.number(0), query.text(1)});
  }
}

Result<std::vector<StoredBlob>> SqliteReader::blobs(const std::optional<Digest>& after, unsigned count) {
  auto query =
      connection_->query("SELECT sha256, bytes FROM blob WHERE sha256 > ?1 ORDER BY sha256 LIMIT ?2");
  query.bind(after ? ByteView(*after) : ByteView()).bind(std::uint64_t{count});
  std::vector<StoredBlob> out;
  for (;;) {
    auto row = query.step();
    if (!row) return row.error();
    if (!*row) return out;
    auto name = fixed_column<Digest>(query, 0, "a blob's name");
    if (!name) return name.error();
    out.push_back({*name, query.blob(1)});
  }
}

Result<StoreReader::Counts> SqliteReader::counts(std::uint64_t size) {
  auto query = connection_->query(
      "SELECT (SELECT count(*) FROM entry), (SELECT count(*) FROM opening), "
      "(SELECT count(*) FROM opening WHERE idx < 0 OR idx >= ?1), (SELECT count(*) FROM tile), "
      "(SELECT count(*) FROM checkpoint)");
  auto row = query.bind(size).step();
  if (!row) return row.error();
  return Counts{query.number(0), query.number(1), query.number(2), query.number(3), query.number(4)};
}

Result<std::unique_ptr<StoreReader>> open_sqlite_reader(const std::filesystem::path& path, bool snapshot,
                                                        const LedgerOptions& options) {
  std::error_code error;
  if (!std::filesystem::exists(path, error))
    return Error{ErrorKind::not_found, "there is no ledger " + path.string()};
  const std::string context = "cannot read the ledger " + path.string();
  const auto attempt = [&](const std::string& name, int flags) -> Result<std::unique_ptr<SqliteConnection>> {
    auto connection = SqliteConnection::open(name, SQLITE_OPEN_READONLY | flags, options.sqlite_vfs);
    if (!connection) return connection;
    Status status = (*connection)->execute("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON");
    if (status) status = (*connection)->expect_version(kSqliteFormat);
    if (status && snapshot) status = (*connection)->execute("BEGIN; SELECT next FROM head");
    if (!status) return status.error();
    return connection;
  };
  const auto journal = std::filesystem::file_size(path.string() + "-wal", error);
  const bool journal_is_empty = error || journal == 0;
  auto connection = attempt(path.string(), 0);
  // Read-only media: the shared memory beside the file cannot be made. Without a journal the file is all.
  if (!connection && connection.error().kind == ErrorKind::unavailable && journal_is_empty) {
    connection = attempt(immutable_uri(path), SQLITE_OPEN_URI);
  }
  if (!connection) return connection.error().within(context);
  return std::unique_ptr<StoreReader>(std::make_unique<SqliteReader>(std::move(*connection)));
}

}  // namespace sceau::ledger
