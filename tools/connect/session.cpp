#include "session.h"

#include "tree.h"

namespace sceau::connect {

Session::Session(Warehouse& warehouse, const Wanted& defaults, Link& link, std::int32_t process)
    : warehouse_(warehouse), link_(link), settings_(defaults, "agent"), process_(process) {}
Session::~Session() = default;

void Session::flush() {
  if (replies_.size() > 0 && !link_.send(replies_.take())) link_.gone = link_.cancelled = true;
}

void Session::flush_when_large() {
  if (replies_.size() > 65536) flush();
}

void Session::notice(const std::string& line, const std::string& hint) {
  replies_.notice("NOTICE", line, hint);
  flush();
}

bool Session::stopped() const {
  return link_.gone || link_.cancelled || std::chrono::steady_clock::now() > deadline_;
}

void Session::start_clock() {
  link_.cancelled = false;
  const std::int64_t most = settings_.statement_timeout();
  deadline_ = most == 0 ? std::chrono::steady_clock::time_point::max()
                        : std::chrono::steady_clock::now() + std::chrono::milliseconds(most);
}

Session::Reply Session::fail(const Problem& problem) {
  if (stopped() && problem.sqlstate == "57P03") {
    replies_.failure("ERROR", {"57014",
                               link_.cancelled ? "canceling statement due to user request"
                                               : "canceling statement due to statement timeout",
                               {}});
  } else {
    replies_.failure("ERROR", problem);
  }
  if (status_ == 'T') status_ = 'E';
  return false;
}

Session::Reply Session::fail(const Error& error) { return fail(problem_of(error)); }

// What was never meant for the gate: not allowed means not supported.
Session::Reply Session::fail_locally(const Error& error) {
  Problem problem = problem_of(error);
  if (error.kind == ErrorKind::refused) problem = {"0A000", error.message, {}};
  if (error.kind == ErrorKind::not_found) {
    problem.hint.clear();
    if (error.message.starts_with("function") || error.message.find(" function ") != std::string::npos)
      problem.sqlstate = "42883";
    if (error.message.starts_with("column")) problem.sqlstate = "42703";
  }
  return fail(problem);
}

void Session::ready() {
  replies_.ready(status_);
  flush();
}

bool Session::begin(const Opening& startup, std::int32_t key) {
  for (const auto& [name, value] : startup.parameters) {
    if (name == "user") {
      user_ = value;
      (void)settings_.set("session_authorization", value);
    } else if (name == "database") {
      database_ = value;
    } else if (name == "options" || name == "replication" || name.starts_with("_pq_.")) {
      continue;
    } else if (auto wrong = settings_.set(name, value)) {
      replies_.failure("FATAL", *wrong);
      flush();
      return false;
    }
  }
  // A database's name chooses the project, where none is configured.
  if (database_ != "sceau" && database_ != user_ && settings_.get("sceau.project")->empty())
    (void)settings_.set("sceau.project", database_);
  replies_.authentication_ok();
  for (const auto& name : Settings::reported()) report(name);
  replies_.key_data(process_, key);
  ready();
  return true;
}

bool Session::handle(const Message& message) {
  if (copying_) return copy_message(message);
  switch (message.type) {
    case 'X':
      return false;
    case 'Q': {
      if (skipping_) return true;
      auto sql = read_text(message.body);
      if (!sql) break;
      return query(*sql);
    }
    case 'S':
      skipping_ = false;
      if (status_ == 'I') close_portals(false);
      ready();
      return true;
    case 'H':
      flush();
      return true;
    case 'P':
    case 'B':
    case 'D':
    case 'E':
    case 'C':
      if (!skipping_ && !extended(message)) skipping_ = true;
      flush_when_large();
      return true;
    case 'F':
      if (skipping_) return true;
      fail(Problem{"0A000", "function calls of the old kind are not answered: use SELECT", {}});
      ready();
      return true;
    case 'd':
    case 'c':
    case 'f':
      return true;  // of a COPY that was refused, or ended early
    default:
      break;
  }
  replies_.failure("FATAL", {"08P01", "a message that the protocol does not have", {}});
  flush();
  return false;
}

bool Session::query(const std::string& sql) {
  start_clock();
  auto sentences = read_sentences(sql);
  if (!sentences) {
    fail(sentences.error());
  } else if (sentences->empty()) {
    replies_.bare('I');
  } else {
    return go_on(std::move(*sentences), 0);
  }
  ready();
  return true;
}

// What is left of a simple query: to its end, or until a COPY waits for its data.
bool Session::go_on(std::vector<Sentence> sentences, std::size_t at) {
  while (at < sentences.size() && run(sentences, at)) {
    flush_when_large();
    if (!copying_) continue;
    copying_->rest = std::move(sentences);
    copying_->at = at;
    flush();
    return true;
  }
  ready();
  return true;
}

// One statement, or as many of one kind as can go to the gate together.
Session::Reply Session::run(const std::vector<Sentence>& sentences, std::size_t& at) {
  if (!allowed_now(sentences[at])) return false;
  if (sentences[at].parameters > 0 && sentences[at].kind != Sentence::Kind::prepare)
    return fail(Problem{"42P02", "there is no parameter $1", {}});
  if (sentences[at].kind == Sentence::Kind::work) return work(sentences, at);
  return one(sentences[at++]);
}

Session::Reply Session::allowed_now(const Sentence& sentence) {
  if (status_ != 'E') return true;
  if (sentence.kind == Sentence::Kind::transaction) {
    const auto kind = sentence.node->transaction_stmt->kind;
    if (kind == PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_COMMIT ||
        kind == PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK ||
        kind == PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK_TO)
      return true;
  }
  return fail(Problem{"25P02",
                      "current transaction is aborted, commands ignored until end of transaction block",
                      "ROLLBACK ends it."});
}

Session::Reply Session::one(const Sentence& sentence) {
  switch (sentence.kind) {
    case Sentence::Kind::query: {
      Portal portal;
      portal.sentence = sentence;
      if (!open(portal)) return false;
      describe_rows(portal.columns, {});
      bool more = false;
      if (!deliver(portal, UINT64_MAX, more)) return false;
      replies_.complete("SELECT " + std::to_string(portal.given));
      return true;
    }
    case Sentence::Kind::transaction:
      return transaction(*sentence.node->transaction_stmt);
    case Sentence::Kind::set:
      return set(*sentence.node->variable_set_stmt);
    case Sentence::Kind::show:
      return show(sentence.node->variable_show_stmt->name);
    case Sentence::Kind::discard:
      return discard(sentence);
    case Sentence::Kind::prepare:
      return prepare(sentence);
    case Sentence::Kind::execute:
      return execute(*sentence.node->execute_stmt);
    case Sentence::Kind::deallocate:
      return deallocate(sentence.node->deallocate_stmt->name);
    case Sentence::Kind::declare:
      return declare(sentence);
    case Sentence::Kind::fetch:
      return fetch(*sentence.node->fetch_stmt);
    case Sentence::Kind::close:
      return close_cursor(sentence.node->close_portal_stmt->portalname);
    case Sentence::Kind::copy:
      return copy(sentence);
    case Sentence::Kind::nothing:
      replies_.complete(sentence.command);
      return true;
    default:
      return fail(Problem{
          "0A000", sentence.command + " is not something that a gate signs for",
          "SELECT asks for data; CREATE TABLE AS, INSERT, UPDATE, DELETE and DROP work on your own tables."});
  }
}

}  // namespace sceau::connect
