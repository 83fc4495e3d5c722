#include "gate_warehouse.h"

#include <algorithm>
#include <chrono>

#include "registry_view.h"
#include "show.h"
#include "sql_text.h"

namespace sceau::connect {
namespace {

constexpr Time kTablesKept = 60, kProjectKept = 60, kCheckpointKept = 5;  // seconds
constexpr long kPollSeconds = 1;

// One line a statement, as statements carry SQL.
Result<std::vector<std::string>> lines_of(const std::vector<std::string>& sql) {
  std::vector<std::string> lines;
  for (const auto& one : sql) {
    auto read = tool::read_script(one);
    if (!read) return read.error();
    lines.insert(lines.end(), read->begin(), read->end());
  }
  return lines;
}

// Neither gate nor agent is a table that is not there.
Error out_of_reach(Error error) {
  if (error.kind == ErrorKind::not_found) error.kind = ErrorKind::unavailable;
  return error;
}

}  // namespace

Status Desk::connect(tool::Workplace& place, bool anew) {
  const std::lock_guard lock(mutex_);
  if (auto connection = place.connect(); !connection) return out_of_reach(connection.error());
  return tool::log_in(place, holder_, anew);
}

Result<std::filesystem::path> Desk::folder() const {
  auto home = place_.home();
  if (!home) return home.error();
  return tool::memory_folder(*home);
}

Result<tool::SignedAct> Desk::sign(tool::Workplace& place, statement::Object body, bool work) {
  const std::lock_guard lock(mutex_);
  if (!person_) {
    auto who = holder_.signatory();
    if (!who) return out_of_reach(who.error());
    person_ = who->person;
  }
  if (!session_key_) session_key_ = holder_.has_session_key();
  auto connection = place.connect();
  if (!connection) return out_of_reach(connection.error());
  const bool in_session = work && *session_key_ && (*connection)->login;
  if (in_session) body.emplace("session", *(*connection)->login);
  auto bytes = place.author().write((*connection)->position, "extraction.request", *person_,
                                    statement::Value(std::move(body)), client::kRequestWindow);
  if (!bytes) return bytes.error().within("the request");
  auto act = statement::read_statement(*bytes);
  if (!act) return act.error();
  if (in_session) {
    place_.output.note("signed in this session: " + tool::field_text(act->body, "sql"));
  } else {
    place_.output.note("to be signed with " + holder_.label() + ":\n" + tool::shown_text(*act));
    holder_.pins().forget();  // a PIN typed to log in is not one typed for this
  }
  const auto begun = std::chrono::steady_clock::now();
  auto signature =
      holder_.sign(*bytes, place.clock.now(), in_session ? token::Slot::session : token::Slot::signature);
  if (!signature) return out_of_reach(signature.error());
  const auto taken = std::chrono::steady_clock::now() - begun;
  place_.output.note("  signed after " +
                     std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(taken).count()) +
                     " microseconds");
  return tool::SignedAct{std::move(*bytes), evidence::serialise({{std::move(*signature)}})};
}

Result<statement::Value> Desk::project(tool::Workplace& place, const std::string& id) {
  const std::lock_guard lock(mutex_);
  const Time now = place.clock.now();
  const auto known = projects_.find(id);
  if (known != projects_.end() && now - known->second.at < kProjectKept) return known->second.project;
  auto entry = tool::registry_entry(place, "projects", "project", id);
  if (entry) projects_[id] = {*entry, now};
  return entry;
}

template <typename Act>
auto GateWarehouse::again_when_logged_out(const Act& act) -> decltype(act()) {
  if (auto ready = connected(); !ready) return ready.error();
  auto done = act();
  if (done || done.error().kind != ErrorKind::authentication) return done;
  auto connection = place_.connect();
  if (!connection || (*connection)->gate->get("/requests?state=none").ok()) return done;  // the session holds
  if (auto anew = desk_.connect(place_, true); !anew) return anew.error();
  return act();
}

Status GateWarehouse::connected() {
  if (connected_) return {};
  auto made = desk_.connect(place_, false);
  connected_ = made.ok();
  seen_at_ = place_.clock.now();
  return made;
}

Result<std::string> GateWarehouse::source(const Wanted& wanted) {
  if (!wanted.source.empty()) return wanted.source;
  auto project = desk_.project(place_, wanted.project);
  if (!project) return project.error();
  auto sources = statement::texts_field(*project, "sources");
  if (!sources) return sources.error();
  if (sources->size() == 1) return sources->front();
  return Error{ErrorKind::refused, "project " + wanted.project + " has several sources (" +
                                       tool::field_text(*project, "sources") + "): SET sceau.source chooses"};
}

Result<std::shared_ptr<const Tables>> GateWarehouse::tables(const Wanted& wanted, bool anew) {
  const std::string of = wanted.project + "\n" + wanted.source;
  const Time now = place_.clock.now();
  if (!anew && tables_ && tables_of_ == of && now - tables_at_ < kTablesKept) return tables_;
  auto document = again_when_logged_out([&]() -> Result<statement::Value> {
    auto named = source(wanted);
    if (!named) return named.error();
    auto connection = place_.connect();
    if (!connection) return connection.error();
    return (*connection)->gate->get("/catalogue?project=" + wanted.project + "&source=" + *named);
  });
  if (!document) return document.error();
  auto read = Tables::read(*document);
  if (!read) return read.error();
  tables_ = std::make_shared<const Tables>(std::move(*read));
  tables_of_ = of;
  tables_at_ = now;
  return tables_;
}

Result<statement::Object> GateWarehouse::body(const Wanted& wanted, const std::string& kind,
                                              const std::vector<std::string>& sql) {
  if (wanted.purpose.empty())
    return Error{ErrorKind::refused, "no purpose is given: SET sceau.purpose = 'why, in one sentence'"};
  auto named = source(wanted);
  if (!named) return named.error();
  auto lines = lines_of(sql);
  if (!lines) return lines.error();
  std::int64_t rows = wanted.max_rows;
  if (rows == 0) {
    auto project = desk_.project(place_, wanted.project);
    if (!project) return project.error();
    auto allowed = statement::int_field(*project, "max_rows");
    if (!allowed) return allowed.error();
    rows = *allowed;
  }
  return statement::Object{{"kind", kind},
                           {"max_rows", std::max<std::int64_t>(rows, 1)},
                           {"output", statement::Object{{"format", "csv"}, {"name", "connect.csv"}}},
                           {"parameters", statement::Array{}},
                           {"project", wanted.project},
                           {"purpose", wanted.purpose},
                           {"source", *named},
                           {"sql", statement::texts(*lines)}};
}

Result<tool::SignedAct> GateWarehouse::sign(const Wanted& wanted, const std::string& kind,
                                            const std::vector<std::string>& sql, Waiting& waiting) {
  auto written = body(wanted, kind, sql);
  if (!written) return written.error();
  const Time now = place_.clock.now();
  if (now - seen_at_ >= kCheckpointKept) {
    if (auto seen = place_.refresh(); !seen) return seen.error();
    seen_at_ = now;
  }
  const bool work = kind == "work";
  if (!work) {
    waiting.notice("to be signed with " + desk_.label() + ": " + kind + " under " + wanted.project,
                   "Look at the terminal where 'sceau " + desk_.signs_at() +
                       "' runs: it shows the request, and asks for the PIN or a touch.");
  }
  return desk_.sign(place_, std::move(*written), work);
}

Status GateWarehouse::wait_for_approval(const Digest& request, Waiting& waiting) {
  auto entry = tool::fetch_request(place_, request);
  if (!entry) return entry.error();
  std::string who;
  if (auto people = tool::approvers(place_, entry->signers.empty() ? "" : entry->signers.front()); people) {
    for (const auto& person : *people) who.append(who.empty() ? "" : ", ").append(person);
  }
  const std::string id = tool::short_id(request);
  waiting.notice(
      "request " + id + " waits for an approver's signature (" + (who.empty() ? "nobody yet" : who) + ")",
      "Cancelling leaves it pending: 'sceau extract --resume " + id + " -o FILE' collects it later.");
  while (entry && entry->state == "pending") {
    if (waiting.stopped()) {
      std::string later = "request ";
      later.append(id).append(" is still pending: 'sceau extract --resume ").append(id);
      return Error{ErrorKind::unavailable, later.append(" -o FILE' collects it later")};
    }
    entry = tool::fetch_request(place_, request, kPollSeconds);
  }
  if (!entry) return entry.error();
  if (entry->state == "admitted") return {};
  return Error{ErrorKind::refused,
               "request " + id + " is " + entry->state + (entry->reason.empty() ? "" : ": " + entry->reason)};
}

void GateWarehouse::tell_quarantine(const Digest& request, Waiting& waiting) {
  auto entry = tool::fetch_request(place_, request);
  if (!entry || !entry->held) return;
  const std::string id = tool::short_id(request);
  waiting.notice("the answer of request " + id + " is in quarantine until " +
                     tool::field_text(*entry->held, "until") + ": " +
                     tool::field_text(*entry->held, "reason"),
                 "An approver who has not approved it decides with 'sceau release " + id +
                     "'; then 'sceau extract --resume " + id + " -o FILE' collects it.");
}

Result<std::unique_ptr<Spool>> GateWarehouse::receive(const Digest& request, Waiting& waiting) {
  auto connection = place_.connect();
  if (!connection) return connection.error();
  auto folder = desk_.folder();
  if (!folder) return folder.error();
  auto spool = std::make_unique<Spool>(*folder);
  auto done = (*connection)
                  ->gate->rows(
                      request, [&](ByteView piece) { return spool->write(piece); },
                      [&] { return waiting.stopped(); });
  if (!done) {
    tell_quarantine(request, waiting);
    return done.error();
  }
  auto outcome = tool::await_outcome(place_, request);
  if (!outcome) return outcome.error();
  if (auto heard = hear(*outcome, spool->digest(), waiting); !heard) return heard.error();
  return spool;
}

Status GateWarehouse::hear(const tool::Outcome& outcome, const Digest& rows, Waiting& waiting) {
  if (auto delivered = tool::refuse_unless_delivered(outcome); !delivered) return delivered;
  auto expected = statement::digest_field(outcome.statement.body, "sha256");
  if (!expected) return expected.error();
  if (*expected != rows)
    return Error{ErrorKind::corrupt, "the rows are not those that the gate signed for: use none of them"};
  if (auto notices = statement::texts_field(outcome.statement.body, "notices"); notices) {
    for (const auto& line : *notices) waiting.notice(line, {});
  }
  return {};
}

Result<std::unique_ptr<Spool>> GateWarehouse::collect(const Digest& request, const std::string& state,
                                                      Waiting& waiting) {
  if (state == "pending") {
    if (auto approved = wait_for_approval(request, waiting); !approved) return approved.error();
  }
  return receive(request, waiting);
}

Result<std::unique_ptr<Spool>> GateWarehouse::rows(const Wanted& wanted, const std::string& sql,
                                                   Waiting& waiting) {
  return again_when_logged_out([&]() -> Result<std::unique_ptr<Spool>> {
    auto act = sign(wanted, wanted.kind, {sql}, waiting);
    if (!act) return act.error();
    auto submitted = tool::submit(place_, *act);
    if (!submitted) return submitted.error();
    return collect(statement::digest(act->statement), submitted->state, waiting);
  });
}

Status GateWarehouse::work(const Wanted& wanted, const std::vector<std::string>& sql, Waiting& waiting) {
  tables_.reset();
  return again_when_logged_out([&]() -> Status {
    auto act = sign(wanted, "work", sql, waiting);
    if (!act) return act.error();
    auto submitted = tool::submit_and_run(place_, *act, [&] { return waiting.stopped(); });
    if (!submitted) return submitted.error();
    if (submitted->state == "delivered") {
      for (const auto& line : submitted->notices) waiting.notice(line, {});
      return {};
    }
    auto received = collect(statement::digest(act->statement), submitted->state, waiting);
    return received ? Status() : Status(received.error());
  });
}

}  // namespace sceau::connect
