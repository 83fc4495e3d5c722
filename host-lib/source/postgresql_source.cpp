#include <algorithm>

#include "copy_row.h"
#include "postgresql.h"
#include "postgresql_plan.h"
#include "sceau/source/environment.h"

namespace sceau::source {
namespace {

// Sessions of one snapshot: the first exports it, others take it, and each carries one statement at a time.
class Sessions {
 public:
  Sessions(std::shared_ptr<SessionPool> pool, Deadline deadline)
      : pool_(std::move(pool)), deadline_(std::move(deadline)) {}
  ~Sessions() {
    for (auto& session : free_) pool_->give_back(std::move(session));
  }
  Sessions(const Sessions&) = delete;
  Sessions& operator=(const Sessions&) = delete;

  Status begin() {
    auto first = open({});
    if (!first) return first.error();
    auto name = (*first)->export_snapshot();
    if (!name) return name.error();
    snapshot_ = *name;
    free_.push_back(std::move(*first));
    return {};
  }
  // One that nothing runs on.
  Result<std::unique_ptr<PostgresqlSession>> take() {
    if (!free_.empty()) {
      auto session = std::move(free_.back());
      free_.pop_back();
      return session;
    }
    return open(snapshot_);
  }
  void give_back(std::unique_ptr<PostgresqlSession> session) {
    if (session->idle()) {
      free_.push_back(std::move(session));
    } else {
      session->cancel();
    }
  }
  [[nodiscard]] const Deadline& deadline() const { return deadline_; }
  [[nodiscard]] const std::string& schema() const { return pool_->place().schema; }
  [[nodiscard]] const std::string& workspace() const { return pool_->place().workspace; }

 private:
  Result<std::unique_ptr<PostgresqlSession>> open(const std::string& snapshot) {
    return pool_->take([&](PostgresqlSession& session) { return session.begin(snapshot); });
  }

  std::shared_ptr<SessionPool> pool_;
  Deadline deadline_;
  std::string snapshot_;
  std::vector<std::unique_ptr<PostgresqlSession>> free_;
};

class PostgresqlRows final : public Rows {
 public:
  PostgresqlRows(Sessions& sessions, std::unique_ptr<PostgresqlSession> session,
                 std::vector<Cell::Kind> kinds)
      : sessions_(sessions), session_(std::move(session)), row_(std::move(kinds)) {}
  ~PostgresqlRows() override {
    if (session_) sessions_.give_back(std::move(session_));
  }

  Result<bool> next() override {
    if (ended_) return false;
    auto line = session_->line(sessions_.deadline());
    if (!line) return line.error();
    ended_ = !line->has_value();
    if (ended_) return false;
    if (row_.read(**line)) return true;
    return Error{ErrorKind::refused,
                 "running the SQL: the database gave a value of another type than it had announced: tell the "
                 "administrator"};
  }
  [[nodiscard]] std::span<const Cell> cells() const override { return row_.cells(); }

 private:
  Sessions& sessions_;
  std::unique_ptr<PostgresqlSession> session_;
  CopyRow row_;
  bool ended_ = false;
};

class PostgresqlSnapshot final : public Snapshot {
 public:
  PostgresqlSnapshot(std::shared_ptr<SessionPool> pool, const Deadline& deadline)
      : sessions_(std::move(pool), deadline) {}
  Status begin() { return sessions_.begin(); }
  Result<std::unique_ptr<Rows>> run(const CheckedSql& sql) override;
  Result<std::optional<ExpectedRows>> expected_rows(const CheckedSql& sql, std::uint64_t enough) override;

 private:
  // A session in which the statement may run as it is: its role taken, and the database's plan agreed with.
  Result<std::unique_ptr<PostgresqlSession>> ready(const CheckedSql& sql);
  Result<std::vector<Cell::Kind>> kinds(PostgresqlSession& session, const CheckedSql& sql);

  Sessions sessions_;
};

Result<std::vector<Cell::Kind>> PostgresqlSnapshot::kinds(PostgresqlSession& session, const CheckedSql& sql) {
  auto types = session.describe(sql.text(), sessions_.deadline());
  if (!types) return types.error();
  std::vector<Cell::Kind> kinds;
  kinds.reserve(types->size());
  for (const Oid type : *types) {
    const auto kind = cell_kind(type);
    if (!kind) {
      return Error{ErrorKind::refused, "running the SQL: result column " + std::to_string(kinds.size() + 1) +
                                           " is binary data or of a type that cannot leave: leave it out"};
    }
    kinds.push_back(*kind);
  }
  return kinds;
}

Result<std::unique_ptr<PostgresqlSession>> PostgresqlSnapshot::ready(const CheckedSql& sql) {
  if (sql.engine() != Engine::postgresql)
    return Error{ErrorKind::internal,
                 "running the SQL: it was written for another database: tell the administrator"};
  auto session = sessions_.take();
  if (!session) return session.error();
  const Deadline& deadline = sessions_.deadline();
  if (auto became =
          (*session)->become(sql.workspace().empty() ? std::string() : sessions_.workspace(), deadline);
      !became)
    return became.error();
  if (!sql.values().empty()) {
    if (auto may = (*session)->may_bind(deadline); !may) return may.error();
  }
  if (auto agreed =
          agree(**session, sql.text(), {sessions_.schema(), sql.tables(), sql.schema(), sql.workspace()},
                deadline, sql.values());
      !agreed)
    return agreed.error();
  return session;
}

Result<std::unique_ptr<Rows>> PostgresqlSnapshot::run(const CheckedSql& sql) {
  auto session = ready(sql);
  if (!session) return session.error();
  auto columns = kinds(**session, sql);
  if (!columns) return columns.error();
  auto begun = sql.values().empty() ? (*session)->begin_copy(sql.text(), sessions_.deadline())
                                    : (*session)->begin_bound(sql.text(), sql.values(), sessions_.deadline());
  if (!begun) return begun.error();
  return std::unique_ptr<Rows>(
      std::make_unique<PostgresqlRows>(sessions_, std::move(*session), std::move(*columns)));
}

Result<std::optional<ExpectedRows>> PostgresqlSnapshot::expected_rows(const CheckedSql& sql,
                                                                      std::uint64_t /*enough*/) {
  auto session = ready(sql);
  if (!session) return session.error();
  auto rows = source::expected_rows(**session, sql.text(), sessions_.deadline(), sql.values());
  if (!rows) return rows.error();
  sessions_.give_back(std::move(*session));
  return std::optional(ExpectedRows{*rows, false});
}

class PostgresqlSource final : public Source {
 public:
  explicit PostgresqlSource(const PostgresqlPlace& place) : pool_(std::make_shared<SessionPool>(place)) {}

  Result<std::unique_ptr<Snapshot>> snapshot(const Limits& limits) override {
    auto snapshot = std::make_unique<PostgresqlSnapshot>(
        pool_, Deadline{std::chrono::steady_clock::now() + limits.time, limits.stop});
    if (auto begun = snapshot->begin(); !begun) return begun.error();
    return std::unique_ptr<Snapshot>(std::move(snapshot));
  }
  Status check(const Catalogue& catalogue) override { return check_database(pool_->place(), catalogue); }
  Status work(const std::vector<CheckedWork>& steps, const Workspace& place,
              const std::function<Status()>& permit, const Limits& limits) override {
    return run_work(*pool_, steps, place, permit, limits);
  }
  Result<bool> committed(const Workspace& place) override { return is_committed(*pool_, place); }

 private:
  const std::shared_ptr<SessionPool> pool_;  // its snapshots hold it, too
};

}  // namespace

Result<std::unique_ptr<Source>> open_postgresql(const PostgresqlPlace& place) {
  if (auto checked = PostgresqlSession::check(place); !checked) return checked.error();
  if (auto checked = check_environment(); !checked) return checked.error().within("opening the source");
  return std::unique_ptr<Source>(std::make_unique<PostgresqlSource>(place));
}

}  // namespace sceau::source
