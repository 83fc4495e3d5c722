#include <algorithm>

#include "copy_format.h"
#include "session.h"
#include "tree.h"

namespace sceau::connect {
namespace {

constexpr std::size_t kMostTogether = 64;  // statements in one request
constexpr std::size_t kLongestTogether =
    8000;  // bytes of SQL: a signed statement holds 16 KiB with all it says

Problem mixed() {
  return {"42501", "the system catalogue and data cannot be asked in one statement",
          "What the catalogue says is answered here, data at the gate: ask twice."};
}

}  // namespace

Result<Catalogue*> Session::catalogue() {
  const Wanted wanted = settings_.wanted();
  std::shared_ptr<const Tables> tables;
  if (wanted.project.empty()) {
    tables = std::make_shared<const Tables>();
  } else {
    auto asked = warehouse_.tables(wanted, false);
    if (!asked) return asked.error();
    tables = *asked;
  }
  if (catalogue_ && tables == tables_) return catalogue_.get();
  Facts facts;
  facts.user = user_;
  facts.database = database_;
  facts.process = process_;
  facts.setting = [this](const std::string& name) { return settings_.get(name); };
  facts.set = [this](const std::string& name, const std::string& value) {
    if (settings_.set(name, value)) return false;
    report(name);
    return true;
  };
  auto made = Catalogue::make(*tables, std::move(facts));
  if (!made) return made.error();
  catalogue_ = std::move(*made);
  tables_ = std::move(tables);
  return catalogue_.get();
}

Result<std::vector<Column>> Session::data_columns(const Sentence& sentence) {
  const Wanted wanted = settings_.wanted();
  if (wanted.project.empty()) return no_project();
  const std::string sql = without_public(sentence.text);
  auto tables = warehouse_.tables(wanted, false);
  if (!tables) return tables.error();
  auto columns = (*tables)->describe(sql);
  if (columns) return columns;
  // A table may have been made since, by another session.
  tables = warehouse_.tables(wanted, true);
  return tables ? (*tables)->describe(sql) : columns;
}

Session::Reply Session::describe(Portal& portal) {
  if (portal.described) return true;
  if (portal.sentence.kind == Sentence::Kind::query) {
    if (portal.sentence.reads == Sentence::Reads::both) return fail(mixed());
    if (portal.sentence.reads == Sentence::Reads::data) {
      auto columns = data_columns(portal.sentence);
      if (!columns) return fail(columns.error());
      portal.columns = std::move(*columns);
    } else {
      auto local = catalogue();
      if (!local) return fail(local.error());
      auto columns = (*local)->describe(portal.sentence);
      if (!columns) return fail_locally(columns.error());
      portal.columns = std::move(*columns);
    }
  }
  portal.described = true;
  return true;
}

Session::Reply Session::open(Portal& portal) {
  if (!describe(portal)) return false;
  portal.started = true;
  if (portal.sentence.reads != Sentence::Reads::data) {
    auto local = catalogue();
    if (!local) return fail(local.error());
    auto rows = (*local)->ask(portal.sentence, &link_.cancelled);
    if (!rows) return fail_locally(rows.error());
    portal.rows = std::move(*rows);
    return true;
  }
  if (portal.sentence.sure_to_be_empty) {
    portal.rows = std::make_unique<HeldRows>(portal.columns);
    return true;
  }
  flush();
  if (stopped()) return fail(Error{ErrorKind::unavailable, "the rows were not wanted any more"});
  auto spool = warehouse_.rows(settings_.wanted(), without_public(portal.sentence.text), *this);
  if (!spool) return fail(spool.error());
  auto rows = SpooledRows::open(std::move(*spool), portal.columns);
  if (!rows) return fail(rows.error());
  portal.rows = std::move(*rows);
  return true;
}

Session::Reply Session::work(const std::vector<Sentence>& sentences, std::size_t& at) {
  std::vector<std::string> sql;
  std::vector<std::string> tags;
  std::size_t bytes = 0;
  for (; at < sentences.size() && sentences[at].kind == Sentence::Kind::work && sql.size() < kMostTogether;
       ++at) {
    bytes += sentences[at].text.size();
    if (!sql.empty() && bytes > kLongestTogether) break;
    if (sentences[at].reads == Sentence::Reads::both || sentences[at].reads == Sentence::Reads::catalogue)
      return fail(mixed());
    sql.push_back(without_public(sentences[at].text));
    tags.push_back(sentences[at].command);
  }
  if (settings_.wanted().project.empty()) return fail(no_project());
  flush();
  if (stopped()) return fail(Error{ErrorKind::unavailable, "nobody waits for it any more"});
  if (auto done = warehouse_.work(settings_.wanted(), sql, *this); !done) return fail(done.error());
  work_done_ = true;
  catalogue_.reset();
  for (const auto& tag : tags) replies_.complete(tag);
  return true;
}

Session::Reply Session::deliver(Portal& portal, std::uint64_t most, bool& more) {
  more = false;
  std::vector<Value> row;
  for (std::uint64_t count = 0; count < most; ++count) {
    if (stopped()) return fail(Error{ErrorKind::unavailable, "the rows were not wanted any more"});
    auto next = portal.rows->next(row);
    if (!next) return fail(next.error());
    if (!*next) {
      portal.ended = true;
      return true;
    }
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (!format_of(portal.binary, i)) continue;
      auto field = encoded(row[i], portal.columns[i].type, true);
      if (!field) return fail(Problem{"0A000", field.error().message, {}});
      row[i] = std::move(*field);
    }
    replies_.begin_row(row.size());
    for (const Value& field : row) replies_.field(field);
    replies_.end_row();
    ++portal.given;
    flush_when_large();
  }
  more = true;
  return true;
}

Session::Reply Session::copy(const Sentence& sentence) {
  const auto& statement = *sentence.node->copy_stmt;
  if (*statement.filename != '\0' || statement.is_program != 0) {
    return fail(Problem{"0A000", "COPY is answered TO STDOUT and FROM STDIN alone",
                        "psql's \\copy reads and writes a file of this machine."});
  }
  if (statement.is_from != 0) return copy_from(sentence);
  auto format = read_copy_format(statement);
  if (!format) return fail_locally(format.error());
  auto inner = copied_query(sentence, statement);
  if (!inner) return fail(inner.error());
  Portal portal;
  portal.sentence = std::move(*inner);
  if (portal.sentence.kind != Sentence::Kind::query)
    return fail(Problem{"0A000", "COPY of what is no query", {}});
  if (!open(portal)) return false;
  replies_.copy_out(portal.columns.size());
  return copy_rows(*portal.rows, *format);
}

Session::Reply Session::copy_rows(Rows& rows, const CopyFormat& format) {
  if (format.header) replies_.copy_data(copy_header(format, rows.columns()));
  std::vector<Value> row;
  std::uint64_t count = 0;
  for (;; ++count) {
    if (stopped()) return fail(Error{ErrorKind::unavailable, "the rows were not wanted any more"});
    auto next = rows.next(row);
    if (!next) return fail(next.error());
    if (!*next) break;
    replies_.copy_data(copy_line(format, row));
    flush_when_large();
  }
  replies_.bare('c');
  replies_.complete("COPY " + std::to_string(count));
  return true;
}

}  // namespace sceau::connect
