#include <algorithm>
#include <utility>

#include "session.h"
#include "tree.h"

namespace sceau::connect {
namespace {

constexpr int kBinaryCursor = 0x0001, kHoldCursor = 0x0020;  // CURSOR_OPT_… of parsenodes.h
constexpr std::size_t kMostSavepoints = 1000;

}  // namespace

void Session::report(const std::string& name) {
  for (const auto& reported : Settings::reported()) {
    if (reported.size() == name.size() && std::equal(name.begin(), name.end(), reported.begin(),
                                                     [](char a, char b) { return (a | 0x20) == (b | 0x20); }))
      replies_.parameter(reported, settings_.get(reported).value_or(""));
  }
}

void Session::describe_rows(const std::vector<Column>& columns, const std::vector<bool>& binary) {
  if (!undescribed_) replies_.row_description(columns, binary);
}

Session::Reply Session::set_one(const std::string& name, const std::string& value, bool local) {
  const auto before = settings_.get(name);
  if (auto wrong = settings_.set(name, value)) return fail(*wrong);
  if (!local) local_.erase(name);
  if (local && before && status_ == 'T') local_.try_emplace(name, *before);
  report(name);
  if (local && status_ == 'I') replies_.notice("WARNING", "SET LOCAL can only be used in transaction blocks");
  return true;
}

Session::Reply Session::set(const PgQuery__VariableSetStmt& statement) {
  const std::string name = statement.name;
  switch (statement.kind) {
    case PG_QUERY__VARIABLE_SET_KIND__VAR_SET_VALUE: {
      std::string value;
      for (std::size_t i = 0; i < statement.n_args; ++i) {
        const auto text = constant_text(statement.args[i]);
        if (!text) return fail(Problem{"22023", "SET takes constants", {}});
        value.append(i == 0 ? "" : ", ").append(*text);
      }
      if (!set_one(name, value, statement.is_local != 0)) return false;
      break;
    }
    case PG_QUERY__VARIABLE_SET_KIND__VAR_SET_DEFAULT:
    case PG_QUERY__VARIABLE_SET_KIND__VAR_RESET:
      if (auto wrong = settings_.reset(name)) return fail(*wrong);
      local_.erase(name);
      report(name);
      replies_.complete(statement.kind == PG_QUERY__VARIABLE_SET_KIND__VAR_RESET ? "RESET" : "SET");
      return true;
    case PG_QUERY__VARIABLE_SET_KIND__VAR_RESET_ALL:
      settings_.reset_all();
      local_.clear();
      for (const auto& reported : Settings::reported()) report(reported);
      replies_.complete("RESET");
      return true;
    case PG_QUERY__VARIABLE_SET_KIND__VAR_SET_MULTI:
      break;  // SET TRANSACTION, SET SESSION CHARACTERISTICS: nothing that would matter here
    default:
      return fail(Problem{"0A000", "this SET is not answered here", {}});
  }
  replies_.complete("SET");
  return true;
}

Session::Reply Session::show(const std::string& name) {
  if (name == "all") {
    describe_rows({{"name", kText}, {"setting", kText}, {"description", kText}}, {});
    for (const auto& [setting, value] : settings_.all()) {
      replies_.begin_row(3);
      replies_.field(setting);
      replies_.field(value);
      replies_.field(std::string());
      replies_.end_row();
    }
    replies_.complete("SHOW");
    return true;
  }
  const auto value = settings_.get(name);
  if (!value) return fail(Problem{"42704", "unrecognized configuration parameter \"" + name + "\"", {}});
  describe_rows({{name, kText}}, {});
  replies_.begin_row(1);
  replies_.field(*value);
  replies_.end_row();
  replies_.complete("SHOW");
  return true;
}

Session::Reply Session::transaction(const PgQuery__TransactionStmt& statement) {
  switch (statement.kind) {
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_BEGIN:
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_START:
      if (status_ == 'T') replies_.notice("WARNING", "there is already a transaction in progress");
      if (status_ == 'I') {
        work_done_ = false;
        at_begin_ = settings_;
      }
      status_ = 'T';
      replies_.complete("BEGIN");
      return true;
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_COMMIT:
      return end_transaction(true);
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK:
      return end_transaction(false);
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_SAVEPOINT:
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_RELEASE:
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK_TO:
      return savepoint(statement);
    default:
      return fail(Problem{"0A000", "transactions in two phases are not answered here", {}});
  }
}

Session::Reply Session::savepoint(const PgQuery__TransactionStmt& statement) {
  if (status_ == 'I') return fail(Problem{"25P01", "savepoints can only be used in transaction blocks", {}});
  const std::string name = statement.savepoint_name;
  if (statement.kind == PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_SAVEPOINT) {
    if (savepoints_.size() >= kMostSavepoints)
      return fail(Problem{"53400", "there are too many savepoints", "RELEASE some."});
    savepoints_.emplace_back(name, settings_);
    replies_.complete("SAVEPOINT");
    return true;
  }
  const auto found = std::find_if(savepoints_.rbegin(), savepoints_.rend(),
                                  [&](const auto& one) { return one.first == name; });
  if (found == savepoints_.rend())
    return fail(Problem{"3B001", "savepoint \"" + name + "\" does not exist", {}});
  // What was made after it goes; back at it, it stays.
  const bool back = statement.kind == PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK_TO;
  if (back) go_back_to(found->second);
  savepoints_.erase(found.base() - (back ? 0 : 1), savepoints_.end());
  if (back && work_done_) warn_of_work();
  if (back) status_ = 'T';
  replies_.complete(back ? "ROLLBACK" : "RELEASE");
  return true;
}

void Session::go_back_to(const Settings& before) {
  const Settings now = std::exchange(settings_, before);
  for (const auto& name : Settings::reported()) {
    if (now.get(name) != settings_.get(name)) report(name);
  }
}

void Session::warn_of_work() {
  replies_.notice("WARNING", "what was signed and done in your workspace stays done",
                  "DROP TABLE takes back what a statement made.");
}

Session::Reply Session::end_transaction(bool commit) {
  if (status_ == 'I') replies_.notice("WARNING", "there is no transaction in progress");
  const bool committed = commit && status_ != 'E';
  if (!committed && work_done_ && status_ != 'I') warn_of_work();
  if (!committed && status_ != 'I') go_back_to(at_begin_);
  status_ = 'I';
  work_done_ = false;
  for (const auto& [name, value] : local_) {
    if (!committed) continue;
    (void)settings_.set(name, value);
    report(name);
  }
  local_.clear();
  savepoints_.clear();
  close_portals(false);
  replies_.complete(committed ? "COMMIT" : "ROLLBACK");
  return true;
}

void Session::close_portals(bool all) {
  std::erase_if(portals_, [&](const auto& one) { return all || !one.second.holdable; });
}

Session::Reply Session::discard(const Sentence& sentence) {
  const auto target = sentence.node->discard_stmt->target;
  if (target == PG_QUERY__DISCARD_MODE__DISCARD_ALL) {
    if (status_ != 'I')
      return fail(Problem{"25001", "DISCARD ALL cannot run inside a transaction block", {}});
    close_portals(true);
    prepared_.clear();
    settings_.reset_all();
    for (const auto& name : Settings::reported()) report(name);
  }
  replies_.complete(target == PG_QUERY__DISCARD_MODE__DISCARD_ALL ? "DISCARD ALL" : "DISCARD");
  return true;
}

Session::Reply Session::declare(const Sentence& sentence) {
  const auto& statement = *sentence.node->declare_cursor_stmt;
  const std::string name = statement.portalname;
  const bool holdable = (statement.options & kHoldCursor) != 0;
  if (status_ == 'I' && !holdable)
    return fail(
        Problem{"25P01", "DECLARE CURSOR can only be used in transaction blocks", "BEGIN, or WITH HOLD."});
  if (portals_.contains(name)) return fail(Problem{"42P03", "cursor \"" + name + "\" already exists", {}});
  if (portals_.size() >= kMostPortals)
    return fail(Problem{"53400", "there are too many cursors", "CLOSE some."});
  auto inner = inner_query(sentence, statement.query);
  if (!inner) return fail(inner.error());
  if (inner->kind != Sentence::Kind::query) return fail(Problem{"42P11", "a cursor is of a query", {}});
  Portal portal;
  portal.sentence = std::move(*inner);
  portal.cursor = true;
  portal.holdable = holdable;
  if ((statement.options & kBinaryCursor) != 0) portal.binary = {true};
  if (!open(portal)) return false;
  portals_[name] = std::move(portal);
  replies_.complete("DECLARE CURSOR");
  return true;
}

Session::Reply Session::fetch(const PgQuery__FetchStmt& statement) {
  const auto found = portals_.find(statement.portalname);
  if (found == portals_.end())
    return fail(Problem{"34000", "cursor \"" + std::string(statement.portalname) + "\" does not exist", {}});
  Portal& portal = found->second;
  // RELATIVE and ABSOLUTE mean one row, not all up to it.
  const bool forward = statement.direction == PG_QUERY__FETCH_DIRECTION__FETCH_FORWARD;
  if (!forward || statement.how_many < 0)
    return fail(
        Problem{"55000", "cursor can only scan forward", "Nothing else is kept of rows that have passed."});
  const auto most = static_cast<std::uint64_t>(statement.how_many);
  const auto before = portal.given;
  bool more = false;
  if (statement.ismove != 0) {
    std::vector<Value> row;
    while (portal.given - before < most) {
      auto next = portal.rows->next(row);
      if (!next) return fail(next.error());
      if (!*next) break;
      ++portal.given;
    }
  } else {
    describe_rows(portal.columns, portal.binary);
    if (!deliver(portal, most, more)) return false;
  }
  replies_.complete((statement.ismove != 0 ? "MOVE " : "FETCH ") + std::to_string(portal.given - before));
  return true;
}

Session::Reply Session::close_cursor(const std::string& name) {
  if (name.empty()) {
    close_portals(true);
    replies_.complete("CLOSE CURSOR ALL");
    return true;
  }
  if (portals_.erase(name) == 0) return fail(Problem{"34000", "cursor \"" + name + "\" does not exist", {}});
  replies_.complete("CLOSE CURSOR");
  return true;
}

}  // namespace sceau::connect
