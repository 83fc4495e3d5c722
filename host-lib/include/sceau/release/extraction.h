// What the gate calls: plan() decides, before anything runs, whether a request's SQL may run and what
// will run; run() runs it and hands out CSV (RFC 4180).
//
//   auto planned = plan(catalogue, Kind::aggregate, {"SELECT …"}, policy, rules, Engine::sqlite);
//   auto outcome = run(*planned, *source, pseudonymiser, order, sink);
//
// plan() needs no database and is deterministic: an auditor who has the signed text, the catalogue and
// the policy gets the same SQL. What leaves when run() fails half-way is the caller's to withhold:
// spool the sink and drop it on failure.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sceau/base/digest.h"
#include "sceau/base/result.h"
#include "sceau/release/policy.h"
#include "sceau/release/pseudonym.h"
#include "sceau/source/catalogue.h"
#include "sceau/source/source.h"

namespace sceau::release {

enum class Kind { aggregate, individual, work };

// "aggregate", "individual", "work", as an extraction.request's body says it. Fails with invalid.
Result<Kind> kind_from(std::string_view text);
std::string_view to_string(Kind kind);

// A profile: which columns labelled potential_identifier may leave in one answer, as "TABLE.COLUMN".
struct Together {
  std::string name;
  std::vector<std::string> always;                 // with any others
  std::vector<std::vector<std::string>> together;  // those of one of these
};

// What a project may touch. Empty lists allow all that the catalogue has.
struct ProjectRules {
  std::vector<std::string> tables;   // "ER_PRS_F"
  std::vector<std::string> columns;  // "ER_PRS_F.PRS_NAT_REF", or "ER_PRS_F.*"
  std::vector<Together> together;    // all of them must allow it
};

enum class Treatment {
  as_is,       // an individual's value whose label allows it
  pseudonym,   // a person key, replaced
  group_key,   // the same for everybody in the group
  aggregated,  // computed over a group; withheld when too few people stand behind it
};
std::string_view to_string(Treatment treatment);

struct ResultColumn {
  std::string name;
  source::Label label = source::Label::measure;
  Treatment treatment = Treatment::as_is;
};

// The tables that one person has made for one project inside a source, as they are before a request.
struct Workspace {
  std::string schema;  // in the database; empty: there is none
  std::vector<source::Catalogue::SharedTable> tables;
};

// What a script of kind work leaves changed of it.
struct WorkspaceChange {
  std::vector<std::string> dropped;
  std::vector<source::Table> made;  // or changed: each as it is afterwards
};

struct PlanDetail;  // release's own

struct Plan {
  Kind kind = Kind::aggregate;
  std::vector<std::string> sql_run;  // exactly what the database gets
  std::vector<ResultColumn> columns;
  std::vector<std::string> tables;   // read, as the catalogue spells them
  std::vector<std::string> own;      // the workspace's tables that something leaves from
  std::vector<std::string> notices;  // what the answer must say
  WorkspaceChange change;            // of kind work
  std::shared_ptr<const PlanDetail> detail;
};

// Fails with refused (understood, and not allowed) or invalid (not understood): one line that says
// what, why and what to do. `sql` holds exactly one SELECT for aggregate and individual, a script for
// work, which is refused on SQLite. `parameters` are the values of its $1, $2, …, of kind individual alone,
// whose approvers see them: no message and nothing that the plan shows holds one.
Result<Plan> plan(const source::Catalogue& base, Kind kind, const std::vector<std::string>& sql,
                  const Policy& policy, const ProjectRules& rules, source::Engine engine,
                  const Workspace& workspace = {}, const std::vector<std::string>& parameters = {});

// Where the CSV goes. A failure of write() ends the run with that failure.
class Sink {
 public:
  Sink() = default;
  virtual ~Sink() = default;
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  virtual Status write(ByteView bytes) = 0;
};

class History;

struct Order {
  std::uint64_t max_rows = 0;  // that may come of it; one more row is a refusal
  Policy policy;
  std::stop_token stop;
  History* history = nullptr;  // of the project; aggregates about people need it
};

struct Outcome {
  std::uint64_t rows = 0;  // without the header line
  std::uint64_t bytes = 0;
  Digest sha256{};       // of the bytes given to the sink
  Digest fingerprint{};  // Pseudonymiser::fingerprint()
  std::uint64_t masked_cells = 0;
  // Of kind individual: how many people it is about, as far as the answer shows, counted up to the policy's
  // minimum: the different keys of the column with the fewest; rows where there is no such column.
  std::uint64_t people = 0;
  std::vector<std::string> notices;  // the plan's, and what this run adds
};

// Fails with refused (more rows than ordered, a limit, a database that disagrees with the plan),
// unavailable (stopped, database gone) or the sink's error.
Result<Outcome> run(const Plan& plan, source::Source& source, Pseudonymiser& pseudonymiser,
                    const Order& order, Sink& sink);

// How many rows the plan would give, disclosure control apart, as source::Snapshot::expected_rows() says it;
// nothing where it does not, and for work. `enough`: where counting may end. The figure rests on the data: it
// is for those who decide, not for those who ask. Fails as run() does.
Result<std::optional<source::ExpectedRows>> expected_rows(const Plan& plan, source::Source& source,
                                                          std::uint64_t enough, const source::Limits& limits);

// Runs a plan of kind work: all of it, or nothing. Fails as source::Source::work() does.
Status run_work(const Plan& plan, source::Source& source, const source::Workspace& place,
                const std::function<Status()>& permit, const Order& order);

}  // namespace sceau::release
