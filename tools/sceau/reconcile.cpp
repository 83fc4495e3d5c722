#include "reconcile.h"

#include "audit_command.h"
#include "sceau/base/files.h"
#include "sceau/gate/home.h"
#include "sceau/reconcile/reconcile.h"
#include "sceau/source/catalogue.h"
#include "sceau/source/ways_round.h"
#include "show.h"

namespace sceau::tool {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t largest_log = std::size_t{4} << 30U;

Error cannot(const std::string& why) { return {ErrorKind::invalid, "reconciling: " + why}; }

// What the home says of the source, where there is one here; empty otherwise.
source::PostgresqlPlace configured(const Workplace& place, const ReconcileOptions& options) {
  auto home = options.where.empty() ? place.home() : Result<fs::path>(fs::path(options.where));
  if (!home) return {};
  const auto config = gate::read_home_config(gate::Home(*home));
  if (!config) return {};
  const auto found = config->sources.find(options.source);
  return found == config->sources.end() ? source::PostgresqlPlace{} : found->second.postgresql;
}

Result<std::optional<Time>> time_of(const std::string& text, const char* option) {
  if (text.empty()) return std::optional<Time>();
  auto time = from_rfc3339(text);
  if (!time) return time.error().within(option);
  return std::optional(*time);
}

// The tables of every catalogue that the source ever had: what was protected stays so.
Result<reconcile::Protected> protected_tables(const ledger::Ledger& ledger, const gate::AuditReport& report,
                                              const std::string& source) {
  const auto found = report.catalogues.find(source);
  if (found == report.catalogues.end())
    return Error{ErrorKind::not_found,
                 "reconciling: the ledger has no source \"" + source + "\": name one that source.add added"};
  reconcile::Protected tables;
  for (const Digest& digest : found->second) {
    auto text = ledger.blob(digest);
    if (!text) return text.error().within("reconciling: the source's catalogue");
    auto catalogue = source::Catalogue::from_toml(as_text(*text));
    if (!catalogue) return catalogue.error();
    for (const source::Table& table : catalogue->tables()) tables.tables.insert(table.name);
  }
  return tables;
}

// Its statements all ran, whatever became of their rows.
bool ran_to_its_end(registry::RequestState state) {
  using registry::RequestState;
  return state == RequestState::delivered || state == RequestState::checked ||
         state == RequestState::quarantined || state == RequestState::released;
}

std::vector<reconcile::Ran> what_ran(const gate::AuditReport& report, const std::string& source) {
  std::vector<reconcile::Ran> ran;
  for (const gate::ExtractionStory& story : report.extractions) {
    if (story.request.source != source || story.running == 0) continue;
    reconcile::Ran one;
    one.request = story.request.digest;
    one.entry = story.request.entry;
    one.person = story.request.by;
    one.work = story.request.kind == "work";
    one.all_of_it = ran_to_its_end(story.request.state);
    one.sql = story.sql_run;
    one.from = story.running;
    if (story.ended != 0) one.until = story.ended;
    ran.push_back(std::move(one));
  }
  return ran;
}

Result<reconcile::Settings> settings_of(const Workplace& place, const ReconcileOptions& options) {
  const auto there = configured(place, options);
  const auto named = source::named_by(there);
  reconcile::Settings settings;
  settings.role = options.role.empty() ? named.role : options.role;
  settings.database = options.database.empty() ? named.database : options.database;
  settings.tables.schema = options.schema.empty() ? there.schema : options.schema;
  if (settings.role.empty())
    return cannot(
        "name the role that the gate logs in as with --role: no sceau.toml here says it of source \"" +
        options.source + "\"");
  auto from = time_of(options.from, "--from");
  if (!from) return from.error();
  auto until = time_of(options.until, "--until");
  if (!until) return until.error();
  if (options.skew < 0 || options.skew > 3600) return cannot("--skew is a number of seconds up to 3600");
  settings.from = *from;
  settings.until = *until;
  settings.tolerance = options.skew;
  settings.literals = options.literals;
  settings.probes.insert(options.probes.begin(), options.probes.end());
  return settings;
}

std::string listed_text(const Output& output, const std::string& what, const reconcile::Listed& one) {
  std::string text = output.bad(what) + "  " + to_rfc3339(one.at / 1000) + ", " + shown(one.user) + " from " +
                     (one.host.empty() ? "the server itself" : shown(one.host)) + ", process " +
                     std::to_string(one.process) + ", session " + shown(one.session) + ", line " +
                     std::to_string(one.number) + ": " + shown(one.why) + "\n";
  if (!one.text.empty()) text += "      " + shown(one.text) + "\n";
  return text;
}

std::string report_text(const reconcile::Report& report, const Output& output) {
  std::string text = counted(report.lines, "line") + ", " + counted(report.statements, "statement") +
                     " looked at; " + std::to_string(report.matched) + " of them the gate ran for " +
                     counted(report.requests, "request") + " of the ledger\n";
  for (const auto& one : report.reads) text += listed_text(output, "READ   ", one);
  for (const auto& one : report.untold) text += listed_text(output, "UNTOLD ", one);
  for (const auto& one : report.quiets) text += listed_text(output, "LOGGING", one);
  for (const auto& one : report.unlogged) {
    text += output.bad("UNLOGGED") + "  request " + short_id(one.request) + ", entry " +
            std::to_string(one.entry) + ", of " + one.person + ", ran at " + to_rfc3339(one.from) +
            ", and the log does not have it\n      " + shown(one.text) + "\n";
  }
  for (const auto& gap : report.gaps) text += output.bad("GAP    ") + "  " + shown(gap) + "\n";
  for (const auto& note : report.notes) text += "note: " + shown(note) + "\n";
  if (report.ok()) text += output.good("good") + "  every read of the tables is a statement of the ledger\n";
  return text;
}

Result<reconcile::Report> read_logs(Workplace& place, const ReconcileOptions& options,
                                    reconcile::Settings settings, std::vector<reconcile::Ran> ran) {
  auto files = reconcile::log_files(options.logs);
  if (!files) return files.error();
  reconcile::Reconciliation reconciliation(std::move(settings), std::move(ran));
  for (const fs::path& file : *files) {
    place.output.step(file.filename().string());
    auto format = reconcile::format_of(file);
    if (!format) return format.error();
    auto bytes = read_file(file, largest_log);
    if (!bytes) return bytes.error();
    reconciliation.read(*format, file.filename().string(), as_text(*bytes), &file == &files->back());
  }
  place.output.done();
  return reconciliation.finish();
}

}  // namespace

Status reconcile(Workplace& place, const ReconcileOptions& options) {
  if (options.source.empty()) return cannot("name the source with --source");
  auto settings = settings_of(place, options);
  if (!settings) return settings.error();
  auto file = find_ledger(place, options.where, options.token);
  if (!file) return file.error();
  auto ledger = open_ledger(file->file, options.key);
  if (!ledger) return ledger.error();
  // The ledger first, the log afterwards: then what a result says ran is in the log already.
  auto audit = audited(place, {{}, {}, options.genesis, options.vkey}, **ledger);
  if (!audit) return audit.error();
  if (!audit->ok())
    return Error{ErrorKind::corrupt,
                 "reconciling: the ledger is damaged, so it explains nothing: 'sceau audit' says where"};
  auto tables = protected_tables(**ledger, *audit, options.source);
  if (!tables) return tables.error();
  settings->tables.tables = std::move(tables->tables);
  settings->tables.others.insert(options.known.begin(), options.known.end());
  auto report = read_logs(place, options, std::move(*settings), what_ran(*audit, options.source));
  if (!report) return report.error();
  place.output.result(reconcile::to_value(*report), report_text(*report, place.output));
  if (report->ok()) return {};
  return Error{ErrorKind::corrupt,
               "the log is not explained by the ledger: " + counted(report->reads.size(), "read") +
                   " without a statement, " + std::to_string(report->untold.size()) +
                   " that cannot be told, " + counted(report->quiets.size(), "change") + " of logging, " +
                   counted(report->unlogged.size(), "statement") + " not in the log, " +
                   counted(report->gaps.size(), "gap")};
}

}  // namespace sceau::tool
