// One client's session: messages in, replies out. It knows nothing of sockets; everything that waits (gate,
// token, a slow client) is waited for inside handle().
//
// A transaction block is accepted, and does what it can: cursors live in it, errors end it. Work that was
// signed and done stays done; ROLLBACK says so.
#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <string>

#include "catalogue.h"
#include "copy_in.h"
#include "replies.h"
#include "sentence.h"
#include "settings.h"
#include "warehouse.h"

// NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): the parser's own names
struct PgQuery__CopyStmt;
struct PgQuery__DeclareCursorStmt;
struct PgQuery__ExecuteStmt;
struct PgQuery__FetchStmt;
struct PgQuery__PrepareStmt;
struct PgQuery__TransactionStmt;
struct PgQuery__VariableSetStmt;
// NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp)

namespace sceau::connect {

// The client's end of it.
class Link {
 public:
  Link() = default;
  virtual ~Link() = default;
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;
  // Waits while the client is slow. False: it is gone.
  virtual bool send(std::string bytes) = 0;
  // Set by a request to cancel, and when the client is gone.
  std::atomic<bool> cancelled{false};
  // The client is gone: what it asked before is not begun any more.
  std::atomic<bool> gone{false};
};

inline constexpr std::size_t kMostPortals = 100;  // of one session, cursors among them

// A statement in the middle of being answered: of the extended protocol, or a cursor.
struct Portal {
  Sentence sentence;
  std::vector<bool> binary;
  std::vector<Column> columns;
  bool described = false, started = false, ended = false;
  bool cursor = false, holdable = false;
  std::unique_ptr<Rows> rows;
  std::uint64_t given = 0;
};

struct Prepared {
  Sentence sentence;
  std::vector<std::uint32_t> types;
  bool bare = false;  // by PREPARE, not by Parse
};

// A COPY … FROM STDIN whose data is awaited, and what comes after it.
struct Copying {
  CopyIn in;
  bool extended = false;
  std::vector<Sentence> rest;  // of a simple query
  std::size_t at = 0;
};

class Session final : private Waiting {
 public:
  // Warehouse and link are borrowed.
  Session(Warehouse& warehouse, const Wanted& defaults, Link& link, std::int32_t process);
  ~Session() override;

  // After the log-in: settings from the startup message, what clients want to know, ready. False: it ends.
  bool begin(const Opening& startup, std::int32_t key);
  // False: the session ends.
  bool handle(const Message& message);

 private:
  using Reply = bool;  // false: an error was sent

  // session.cpp
  void notice(const std::string& line, const std::string& hint) override;
  [[nodiscard]] bool stopped() const override;
  void flush();
  void flush_when_large();
  Reply fail(const Problem& problem);
  Reply fail(const Error& error);
  Reply fail_locally(const Error& error);
  void ready();
  bool query(const std::string& sql);
  bool go_on(std::vector<Sentence> sentences, std::size_t at);
  Reply run(const std::vector<Sentence>& sentences, std::size_t& at);
  Reply one(const Sentence& sentence);
  Reply allowed_now(const Sentence& sentence);
  void start_clock();

  // session_data.cpp
  Reply work(const std::vector<Sentence>& sentences, std::size_t& at);
  Reply open(Portal& portal);
  Reply describe(Portal& portal);
  Result<Catalogue*> catalogue();
  Result<std::vector<Column>> data_columns(const Sentence& sentence);
  Reply deliver(Portal& portal, std::uint64_t most, bool& more);
  Reply copy(const Sentence& sentence);
  Reply copy_rows(Rows& rows, const CopyFormat& format);

  // session_copy.cpp
  Reply copy_from(const Sentence& sentence);
  Result<const Table*> own_table(const std::string& name);
  bool copy_message(const Message& message);
  bool copy_ended(bool good);
  Reply copied();

  // session_commands.cpp
  Reply set(const PgQuery__VariableSetStmt& statement);
  Reply set_one(const std::string& name, const std::string& value, bool local);
  void report(const std::string& name);
  void describe_rows(const std::vector<Column>& columns, const std::vector<bool>& binary);
  Reply show(const std::string& name);
  Reply transaction(const PgQuery__TransactionStmt& statement);
  Reply savepoint(const PgQuery__TransactionStmt& statement);
  void go_back_to(const Settings& before);
  void warn_of_work();
  Reply end_transaction(bool commit);
  Reply discard(const Sentence& sentence);
  Reply declare(const Sentence& sentence);
  Reply fetch(const PgQuery__FetchStmt& statement);
  Reply close_cursor(const std::string& name);
  void close_portals(bool all);

  // session_prepared.cpp
  Reply prepare(const Sentence& sentence);
  Reply execute(const PgQuery__ExecuteStmt& statement);
  Reply deallocate(const std::string& name);
  Result<Sentence> bound(const Prepared& prepared, const std::vector<Value>& values,
                         const std::vector<bool>& binary);
  Reply parse(const ParseMessage& message);
  Reply bind(const BindMessage& message);
  Reply describe_named(const NamedMessage& message);
  Reply describe_as_row(Portal& portal);
  Reply execute_portal(const ExecuteMessage& message);
  Reply extended(const Message& message);

  Warehouse& warehouse_;
  Link& link_;
  Replies replies_;
  Settings settings_;
  Settings at_begin_ = settings_;             // to go back to when the transaction is rolled back
  std::map<std::string, std::string> local_;  // to go back to when it is committed
  std::vector<std::pair<std::string, Settings>> savepoints_;
  std::int32_t process_;
  std::string user_ = "agent", database_ = "sceau";
  char status_ = 'I';
  bool undescribed_ = false;  // a portal is executed: what its rows are was asked before
  bool skipping_ = false;     // after an error, until Sync
  bool work_done_ = false;    // since BEGIN
  std::map<std::string, Prepared> prepared_;
  std::map<std::string, Portal> portals_;
  std::unique_ptr<Copying> copying_;
  std::shared_ptr<const Tables> tables_;
  std::unique_ptr<Catalogue> catalogue_;
  std::chrono::steady_clock::time_point deadline_ = std::chrono::steady_clock::time_point::max();
};

}  // namespace sceau::connect
