// Sessions that nothing runs on, kept for the next request: to open one costs more than a short statement.
//
// A kept session is in no transaction, so that it has no role, snapshot or lock of the last one; its settings
// are those that PostgresqlSession::open() made, and nothing that runs changes them. The server ends one that
// idles for a minute, and none is kept for longer than ten, so that a role that may not log in any more is
// soon out.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "postgresql.h"

namespace sceau::source {

// May be used by several threads at once; a session that was taken is one thread's.
class SessionPool {
 public:
  explicit SessionPool(PostgresqlPlace place) : place_(std::move(place)) {}

  // One that `begin` put into a transaction. A kept one that is gone, as after a restart of the server, is
  // replaced. Fails as PostgresqlSession::open() or `begin` do.
  Result<std::unique_ptr<PostgresqlSession>> take(const std::function<Status(PostgresqlSession&)>& begin);
  // What it still has open is undone. One that something runs on is closed.
  void give_back(std::unique_ptr<PostgresqlSession> session);
  [[nodiscard]] const PostgresqlPlace& place() const { return place_; }

 private:
  std::unique_ptr<PostgresqlSession> kept();

  const PostgresqlPlace place_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<PostgresqlSession>> kept_;  // the one used last at the end
};

// A session for as long as a piece of code runs, then given back.
class PooledSession {
 public:
  PooledSession(SessionPool& pool, std::unique_ptr<PostgresqlSession> session)
      : pool_(pool), session_(std::move(session)) {}
  ~PooledSession() { pool_.give_back(std::move(session_)); }
  PooledSession(const PooledSession&) = delete;
  PooledSession& operator=(const PooledSession&) = delete;
  PostgresqlSession& operator*() const { return *session_; }
  PostgresqlSession* operator->() const { return session_.get(); }

 private:
  SessionPool& pool_;
  std::unique_ptr<PostgresqlSession> session_;
};

}  // namespace sceau::source
