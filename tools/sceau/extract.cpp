#include "extract.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "evidence_folder.h"
#include "parameters.h"
#include "receive.h"
#include "registry_view.h"
#include "requests.h"
#include "sceau/client/delivery.h"
#include "show.h"
#include "sql_text.h"

namespace sceau::tool {
namespace {

namespace fs = std::filesystem;
using statement::Value;

constexpr long kPollSeconds = 30;

std::string output_name(const ExtractOptions& options) {
  const auto name = fs::path(options.output).filename().string();
  return name.empty() ? "result.csv" : name;
}

// The source to use: the one named, or the project's only one.
Result<std::string> source_of(const ExtractOptions& options, const Value& project) {
  if (!options.source.empty()) return options.source;
  auto sources = statement::texts_field(project, "sources");
  if (!sources) return sources.error();
  if (sources->size() == 1) return sources->front();
  return Error{ErrorKind::invalid, "project " + options.project + " has several sources (" +
                                       field_text(project, "sources") + "): say which with --source"};
}

Result<Value> request_body(Workplace& place, const ExtractOptions& options) {
  auto sql = read_sql(options.sql);
  if (!sql) return sql.error();
  auto parameters = read_parameters(options.parameters);
  if (!parameters) return parameters.error();
  auto project = registry_entry(place, "projects", "project", options.project);
  // A gate refuses what its registry does not know, and writes that down: it is the one to say so.
  const bool known = project.ok();
  auto source = known ? source_of(options, *project) : Result<std::string>(options.source);
  if (!source) return source.error();
  if (source->empty()) return project.error();
  std::int64_t rows = options.max_rows;
  if (rows == 0 && known) {
    auto allowed = statement::int_field(*project, "max_rows");
    if (!allowed) return allowed.error();
    rows = *allowed;
  }
  statement::Object body{{"kind", options.kind},
                         {"max_rows", std::max<std::int64_t>(rows, 1)},
                         {"output", statement::Object{{"format", "csv"}, {"name", output_name(options)}}},
                         {"parameters", statement::texts(*parameters)},
                         {"project", options.project},
                         {"purpose", options.purpose},
                         {"source", *source},
                         {"sql", statement::texts(*sql)}};
  if (!options.decide_by.empty()) {
    auto by = read_date(options.decide_by);
    if (!by) return by.error();
    body.emplace("decide_by", to_rfc3339(*by));
  }
  return Value(std::move(body));
}

// Shows what will be signed, and signs it.
Result<SignedAct> sign_request(Workplace& place, Holder& holder, const ExtractOptions& options) {
  auto body = request_body(place, options);
  if (!body) return body.error();
  auto connection = place.refresh();
  if (!connection) return connection.error();
  auto who = holder.signatory();
  if (!who) return who.error();
  auto bytes = place.author().write((*connection)->position, "extraction.request", who->person,
                                    std::move(*body), options.valid);
  if (!bytes) return bytes.error().within("the request");
  auto act = statement::read_statement(*bytes);
  if (!act) return act.error();
  if (!options.quiet) place.output.note("to be signed with " + holder.label() + ":\n" + shown_text(*act));
  holder.pins().forget();  // a PIN typed to log in is not one typed for this
  auto signature = holder.sign(*bytes, place.clock.now());
  if (!signature) return signature.error();
  return SignedAct{std::move(*bytes), evidence::serialise({{*signature}})};
}

Result<Digest> ask(Workplace& place, Holder& holder, const ExtractOptions& options) {
  auto made = sign_request(place, holder, options);
  if (!made) return made.error();
  auto submitted = submit(place, *made);
  if (!submitted) return submitted.error();
  const auto digest = statement::digest(made->statement);
  if (!options.evidence.empty()) {
    auto kept = keep_request(place, options.evidence, *made, submitted->receipt);
    if (!kept) return kept.error();
  }
  const auto entry = receipt_line(*submitted);
  if (!options.quiet) {
    place.output.note("request " + short_id(digest) + " is " + submitted->state +
                      (entry.empty() ? "" : " (" + entry + ")"));
  }
  return digest;
}

// Signs and keeps, for whoever sends it later.
Status prepare(Workplace& place, Holder& holder, const ExtractOptions& options) {
  auto made = sign_request(place, holder, options);
  if (!made) return made.error();
  if (auto kept = keep_act(options.prepare, *made); !kept) return kept;
  const auto digest = statement::digest(made->statement);
  place.output.result(statement::Object{{"prepared", options.prepare}, {"request", digest}},
                      "request " + short_id(digest) + " is signed and was not sent: 'sceau submit " +
                          options.prepare + "/request.json " + options.prepare + "/request.p7s' within " +
                          std::to_string(options.valid) + " s");
  return {};
}

// A request made earlier, and what is kept of it.
Result<Digest> resume(Workplace& place, const ExtractOptions& options) {
  auto digest = find_request(place, options.resume);
  if (!digest || options.evidence.empty()) return digest;
  if (auto kept = fetch_and_keep_request(place, options.evidence, *digest); !kept) return kept.error();
  return digest;
}

Status tell_waiting(Workplace& place, const RequestEntry& entry) {
  auto people = approvers(place, entry.signers.empty() ? std::string() : entry.signers.front());
  std::string who;
  if (people) {
    for (const auto& person : *people) who += (who.empty() ? "" : ", ") + person;
  }
  if (who.empty()) who = "nobody yet: 'sceau role grant PERSON approver', by two administrators";
  place.output.note("waiting for an approver's signature (" + who + ") on " + short_id(entry.digest) +
                    "; Ctrl-C leaves it pending, 'sceau extract --resume " + short_id(entry.digest) +
                    " -o FILE' collects it later");
  return {};
}

// Until the request is no longer pending.
Result<RequestEntry> wait_for_approval(Workplace& place, const Digest& digest, bool quiet) {
  bool told = quiet;
  for (;;) {
    auto entry = fetch_request(place, digest, told ? kPollSeconds : 0);
    if (!entry || entry->state != "pending") return entry;
    if (told) continue;
    if (auto said = tell_waiting(place, *entry); !said) return said.error();
    told = true;
  }
}

Status not_coming(const RequestEntry& entry) {
  const auto id = short_id(entry.digest);
  const auto why = entry.reason.empty() ? std::string() : ": " + entry.reason;
  if (entry.state == "refused") return Error{ErrorKind::refused, "request " + id + " was refused" + why};
  if (entry.state == "expired" && !entry.reason.empty())
    return Error{ErrorKind::refused, "request " + id + " has expired" + why};
  if (entry.state == "expired") {
    return Error{ErrorKind::refused,
                 "request " + id + " expired before anybody decided, or fetched it: ask again"};
  }
  if (entry.held) {
    return Error{ErrorKind::refused, "the answer of request " + id + " is in quarantine until " +
                                         shown(field_text(*entry.held, "until")) + ": " +
                                         shown(field_text(*entry.held, "reason")) +
                                         ": a further approver decides with 'sceau release " + id + "'"};
  }
  return Error{ErrorKind::refused, "request " + id + " is " + entry.state + " already" + why +
                                       ": rows are handed out once, ask again"};
}

}  // namespace

Status extract(Workplace& place, const ExtractOptions& options) {
  if (place.output.json() && options.output.empty() && !options.no_wait) {
    return Error{ErrorKind::invalid, "--json needs -o FILE here: standard output is the rows'"};
  }
  if (!options.output.empty() && options.prepare.empty() && !options.no_wait) {
    if (auto free = client::Delivery::check_file(options.output, options.force); !free) return free;
  }
  auto holder = open_logged_in(place, options.token);
  if (!holder) return holder.error();
  if (!options.prepare.empty()) return prepare(place, **holder, options);
  auto digest = options.resume.empty() ? ask(place, **holder, options) : resume(place, options);
  if (!digest) return digest.error();
  if (options.no_wait) {
    auto entry = fetch_request(place, *digest);
    if (!entry) return entry.error();
    place.output.result(statement::Object{{"request", *digest}, {"state", entry->state}}, short_id(*digest));
    return {};
  }
  auto entry = wait_for_approval(place, *digest, options.quiet);
  if (!entry) return entry.error();
  if (entry->state != "admitted" && entry->state != "released") return not_coming(*entry);
  return receive(place, *entry, {options.output, options.evidence, options.force, options.quiet});
}

}  // namespace sceau::tool
