#include "sceau/reconcile/reconcile.h"

#include <algorithm>
#include <utility>

#include "asked.h"
#include "ledger_side.h"
#include "named.h"
#include "planned.h"

namespace sceau::reconcile {
namespace {

using Reach = Look::Reach;

std::string when(std::int64_t at) { return to_rfc3339(at / 1000); }

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text.append(text.empty() ? "" : "; ").append(word);
  return text;
}

// Without the port, which each connection has its own of.
std::string host_of(const std::string& host) {
  const auto colon = host.rfind(':');
  return colon == std::string::npos ? host : host.substr(0, colon);
}

// parameter "log_statement" changed to "none": the setting and its value, of a line of the postmaster.
std::optional<std::pair<std::string, std::string>> parameter_changed(const std::string& message) {
  constexpr std::string_view begin = "parameter \"";
  if (!message.starts_with(begin)) return std::nullopt;
  const auto end = message.find('"', begin.size());
  if (end == std::string::npos) return std::nullopt;
  const std::string name = message.substr(begin.size(), end - begin.size());
  constexpr std::string_view changed = " changed to \"";
  const std::string rest = message.substr(end + 1);
  if (rest.starts_with(changed) && rest.ends_with('"'))
    return std::pair(name, rest.substr(changed.size(), rest.size() - changed.size() - 1));
  if (rest.starts_with(" removed")) return std::pair(name, std::string());
  return std::nullopt;
}

Settings with_database(Settings settings) {
  settings.tables.database = settings.database;
  return settings;
}

// Whether it says that something failed.
bool is_failure(const LogLine& line) {
  return line.severity == "ERROR" || line.severity == "FATAL" || line.severity == "PANIC";
}

// Whether it names what it names: it ran as far as the log knows. pgaudit writes a PREPARE's text for what
// that prepared, too.
bool makes_names(const Asked& asked) {
  if (!asked.otherwise.empty() || asked.how == Asked::How::failed) return false;
  return asked.how != Asked::How::audited || asked.command == "PREPARE" ||
         asked.command == "DECLARE CURSOR" || asked.command == "BEGIN" ||
         asked.command == "START TRANSACTION" || asked.command == "SAVEPOINT";
}

}  // namespace

struct Reconciliation::State {
  State(Settings given, std::vector<Ran> ran)
      : settings(with_database(std::move(given))), ledger(std::move(ran), settings.tolerance) {}

  struct Session {
    std::uint64_t number = 0;  // of its last line
    bool authorised = false, asked = false;
    Listed first;      // where it was let in
    std::string text;  // of its last statement, and what that executed
    std::string prepared;
    std::string audited;   // identity of the last statement that pgaudit named
    std::string bound;     // what pgaudit alone named so far: it does so at Bind, before Execute is logged
    bool settled = false;  // the last statement was a request's, or was listed
    Named named;
  };

  void line(const LogLine& line);
  void unreadable(const std::string& name, const Unreadable& what, bool last_file);
  Report finish();

 private:
  [[nodiscard]] bool within(std::int64_t at) const {
    return (!settings.from || at >= *settings.from * 1000) &&
           (!settings.until || at < *settings.until * 1000);
  }
  [[nodiscard]] bool elsewhere(const LogLine& line) const {
    return !settings.database.empty() && line.database != settings.database;
  }
  [[nodiscard]] Listed listed(const LogLine& line, const std::string& why, const std::string& sql) const {
    return {line.at,
            line.user,
            line.database,
            line.host,
            line.application,
            line.session,
            line.process,
            line.number,
            why,
            sql.empty() ? std::string() : shortened(sql, settings.literals)};
  }
  Session& numbered(const LogLine& line);
  void server_event(const LogLine& line);
  void let_in(const LogLine& line, Session& session);
  void left(Session& session);
  void asked(const LogLine& line, Session& session);
  void judge(const LogLine& line, Session& session, const Asked& asked);
  void judge_audited(const LogLine& line, Session& session, const Asked& asked);
  bool explained(const LogLine& line, const Asked& asked, std::string& nearest);
  Look looked(const LogLine& line, Session& session, const Asked& asked, const std::string& sql);
  bool list(const LogLine& line, const Look& found, const std::string& sql);
  void end_coverage();
  void end_silent();

  const Settings settings;
  LedgerSide ledger;
  Report report;
  std::map<std::string, Session, std::less<>> sessions;
  std::map<std::string, std::pair<Listed, std::uint64_t>> silent;  // by who, from where, with what
  std::string first_session;                                       // of the log's first line
  bool began_with_start = false;                                   // the log's first line is the server's
  bool stopped_properly = false;
  bool shows_all = false;  // something in it only log_statement = all logs
};

Reconciliation::State::Session& Reconciliation::State::numbered(const LogLine& line) {
  const auto [found, is_new] = sessions.try_emplace(line.session);
  Session& session = found->second;
  const std::string whose = "session " + line.session + (line.user.empty() ? "" : " of " + line.user);
  if (within(line.at)) {
    // A session that began before the log did has lines before it, too.
    const bool begins_before = is_new && line.began * 1000 <= *report.first;
    if (line.number > session.number + 1 && !begins_before)
      report.gaps.push_back("lines " + std::to_string(session.number + 1) + " to " +
                            std::to_string(line.number - 1) + " of " + whose + " are missing, before " +
                            when(line.at));
    if (line.number <= session.number)
      report.gaps.push_back("line " + std::to_string(line.number) + " of " + whose +
                            " comes again, or too late, at " + when(line.at));
  }
  session.number = line.number;
  return session;
}

void Reconciliation::State::server_event(const LogLine& line) {
  if (line.message.starts_with("starting PostgreSQL")) {
    // Before it says so, a server whose log goes to a file of its own says where it goes.
    const bool first = line.session == first_session;
    if (first) began_with_start = true;
    if (!first && stopped_properly) report.notes.push_back("the server was restarted at " + when(line.at));
    if (!first && !stopped_properly)
      report.gaps.push_back("the server started at " + when(line.at) +
                            " without having been stopped properly: what it logged last may be missing");
    stopped_properly = false;
    // No session outlives its server.
    for (auto& [name, session] : sessions) left(session);
    std::erase_if(sessions, [&](const auto& one) { return one.first != line.session; });
  } else if (line.message == "database system is shut down") {
    stopped_properly = true;
  } else if (const auto change = parameter_changed(line.message);
             change && is_about_the_log(change->first, change->second)) {
    report.quiets.push_back(listed(line, "the server's " + change->first + " was changed", {}));
  }
}

void Reconciliation::State::let_in(const LogLine& line, Session& session) {
  if (line.message.starts_with("connection authorized: ")) {
    session.authorised = true;
    session.first = listed(line, {}, {});
    // The line itself comes before the client says its name.
    constexpr std::string_view word = "application_name=";
    if (const auto at = line.message.find(word); at != std::string::npos) {
      const std::string rest = line.message.substr(at + word.size());
      session.first.application = rest.substr(0, rest.find(' '));
    }
  } else if (line.message.starts_with("disconnection: ")) {
    left(session);
  } else if (line.severity == "FATAL") {
    session.asked = true;  // it was turned away, and the line says so
  }
}

// Whoever asked nothing that was logged.
void Reconciliation::State::left(Session& session) {
  if (session.authorised && !session.asked && !settings.probes.contains(session.first.user)) {
    const Listed& first = session.first;
    auto& known =
        silent[first.user + '\0' + first.database + '\0' + host_of(first.host) + '\0' + first.application];
    if (known.second++ == 0) known.first = first;
  }
  session.authorised = false;
}

void Reconciliation::State::line(const LogLine& line) {
  ++report.lines;
  if (!report.first) {
    report.first = line.at;
    first_session = line.session;
  }
  report.last = std::max(report.last.value_or(line.at), line.at);
  Session& session = numbered(line);
  if (!within(line.at)) return;
  if (line.backend == "postmaster") return server_event(line);
  let_in(line, session);
  asked(line, session);
}

void Reconciliation::State::asked(const LogLine& line, Session& session) {
  if (is_failure(line)) session.named.failed();
  const Asked what = asked_by(line);
  if (what.how == Asked::How::nothing) return;
  session.asked = true;
  if (what.how == Asked::How::audited) return judge_audited(line, session, what);
  const std::string bound = std::exchange(session.bound, {});
  if (what.extended && !bound.empty() && what.sql == bound) return;  // judged as pgaudit named it
  if (what.how == Asked::How::unfollowed) {
    report.untold.push_back(listed(line, what.sql, {}));
    return;
  }
  if (what.how == Asked::How::failed) {
    // What failed once it ran was logged before; what did not get that far is looked at here.
    if (what.sql == session.text || what.sql == session.prepared) return;
    if (line.user == settings.role && ledger.knows(what.sql, line.at)) return;
  }
  judge(line, session, what);
}

// Whether the gate asked it for a request, or for what may become one.
bool Reconciliation::State::explained(const LogLine& line, const Asked& asked, std::string& nearest) {
  if (line.user != settings.role || elsewhere(line)) return false;
  if (ledger.take(asked.sql, line.at, nearest)) {
    ++report.matched;
    shows_all = true;
    return true;
  }
  // Before anything is signed or approved the gate asks the planner alone: no row is read for that.
  if (!asked.otherwise.empty() || !only_plans(asked.sql) || look(asked.sql, settings.tables).unfollowed)
    return false;
  ++report.planned;
  return true;
}

void Reconciliation::State::judge(const LogLine& line, Session& session, const Asked& asked) {
  ++report.statements;
  session.text = asked.sql;
  session.prepared = asked.prepared;
  std::string nearest;
  session.settled = explained(line, asked, nearest);
  if (session.settled) return;
  // Of all that it may have been, the worst.
  Look worst = looked(line, session, asked, asked.sql);
  const std::string* text = &asked.sql;
  const auto take = [&](const std::string& other) {
    Look found = looked(line, session, asked, other);
    if (found.reach <= worst.reach) return;
    worst = std::move(found);
    text = &other;
  };
  if (!asked.prepared.empty()) take(asked.prepared);
  for (const std::string& other : asked.otherwise) take(other);
  if (!nearest.empty()) worst.why.push_back(nearest);
  session.settled = list(line, worst, *text);
}

// Follows the session's names, too, unless the text is only what a name stands for.
Look Reconciliation::State::looked(const LogLine& line, Session& session, const Asked& asked,
                                   const std::string& sql) {
  Look found = elsewhere(line) ? look_elsewhere(sql, settings.database) : look(sql, settings.tables);
  if (found.shows_all) shows_all = true;
  if (!found.quiets.empty()) report.quiets.push_back(listed(line, joined(found.quiets), sql));
  if (elsewhere(line) || &sql == &asked.prepared) return found;
  const bool vouched = found.executes_alone && !asked.prepared.empty();
  for (std::string& why : session.named.follow(found.names, vouched, makes_names(asked))) {
    found.reach = std::max(found.reach, Reach::unknown);
    found.why.push_back(std::move(why));
  }
  return found;
}

// Whether it was listed.
bool Reconciliation::State::list(const LogLine& line, const Look& found, const std::string& sql) {
  switch (found.reach) {
    case Reach::nothing:
      return false;
    case Reach::touches:
      ++report.touches;
      return false;
    case Reach::unknown:
      report.untold.push_back(listed(line, joined(found.why), sql));
      return true;
    case Reach::reads:
      report.reads.push_back(listed(line, joined(found.why), sql));
      return true;
  }
  return false;
}

// pgaudit names what log_statement has named before; more where a function or a view read.
void Reconciliation::State::judge_audited(const LogLine& line, Session& session, const Asked& asked) {
  shows_all = true;
  const bool same =
      asked.sql == session.text || asked.sql == session.prepared || asked.sql == "<previously logged>";
  if (!same && asked.sql != "<not logged>") {
    if (asked.identity != session.audited || !session.settled) {
      judge(line, session, asked);
      session.bound = asked.sql;
    }
  }
  session.audited = asked.identity;
  if (session.settled || asked.relation.empty() || elsewhere(line)) return;
  const Look found = look_at_relation(asked.relation, settings.tables);
  if (found.reach != Reach::reads) return;
  report.reads.push_back(listed(line, joined(found.why), asked.sql));
  session.settled = true;
}

void Reconciliation::State::unreadable(const std::string& name, const Unreadable& what, bool last_file) {
  const std::string text = name + ", line " + std::to_string(what.line) + ": " + what.why;
  if (what.at_end && last_file) {
    report.notes.push_back(text + ": its server may be writing it still");
  } else {
    report.gaps.push_back(text + ": what it said is not known");
  }
}

void Reconciliation::State::end_coverage() {
  if (!report.first) {
    report.gaps.emplace_back("the log has no line that can be read");
    return;
  }
  if (settings.from && *report.first > *settings.from * 1000) {
    const std::string text =
        "the log begins at " + when(*report.first) + ", and " + to_rfc3339(*settings.from) + " was asked for";
    if (began_with_start) {
      report.notes.push_back(text + ": with the server's start");
    } else {
      report.gaps.push_back(text);
    }
  }
  if (settings.until && *report.last < *settings.until * 1000)
    report.notes.push_back("the log ends at " + when(*report.last) + ", and " + to_rfc3339(*settings.until) +
                           " was asked for");
  if (!shows_all)
    report.gaps.emplace_back(
        "nothing in the log shows that reading is logged: set log_statement = 'all', or load pgaudit with "
        "pgaudit.log = 'read'");
}

void Reconciliation::State::end_silent() {
  for (auto& [name, session] : sessions) left(session);
  for (auto& [who, found] : silent) {
    found.first.why =
        (found.second == 1 ? std::string("a session") : std::to_string(found.second) + " sessions") +
        " asked nothing that the log shows: a superuser can keep statements out of it "
        "(log_statement); --probe names roles that only look whether the server answers";
    report.untold.push_back(std::move(found.first));
  }
}

Report Reconciliation::State::finish() {
  end_coverage();
  end_silent();
  if (report.first) {
    const std::int64_t first = settings.from ? *settings.from * 1000 : *report.first;
    const std::int64_t last = settings.until ? *settings.until * 1000 : *report.last;
    report.unlogged = ledger.missing(first, last, settings.literals, report.requests);
  }
  for (auto* all : {&report.reads, &report.untold, &report.quiets})
    std::ranges::stable_sort(*all, {}, &Listed::at);
  return std::move(report);
}

Reconciliation::Reconciliation(Settings settings, std::vector<Ran> ran)
    : state_(std::make_unique<State>(std::move(settings), std::move(ran))) {}
Reconciliation::~Reconciliation() = default;

void Reconciliation::read(LogFormat format, const std::string& name, std::string_view text, bool last_file) {
  read_log(format, text,
           {[&](const LogLine& line) { state_->line(line); },
            [&](const Unreadable& what) { state_->unreadable(name, what, last_file); }});
}

Report Reconciliation::finish() { return state_->finish(); }

}  // namespace sceau::reconcile
