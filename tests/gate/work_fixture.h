// A gate at a PostgreSQL source of its own, with dora's two projects there: what tests of scripts of kind
// work begin from. Run by tests/with_postgresql.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "../source/postgresql_tables.h"
#include "gate_home.h"
#include "sceau/base/files.h"
#include "sceau/gate/audit.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

namespace sceau::test {

inline constexpr Time kDay = 86400;

inline std::string text_of(const Value& body, std::string_view name) {
  const Value* found = body.find(name);
  return found == nullptr ? std::string() : found->as_text();
}

// A database of its own for each test, which lasts.
inline void make_tables(const std::string& schema) {
  ::test::administrate(
      "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'gate') THEN CREATE ROLE gate LOGIN "
      "NOINHERIT; "
      "CREATE ROLE gate_work NOLOGIN; GRANT gate_work TO gate; GRANT CREATE ON DATABASE postgres TO "
      "gate_work; END IF; "
      "END $$; DROP SCHEMA IF EXISTS wh CASCADE; CREATE SCHEMA wh; CREATE TABLE wh.\"IR_BEN_R\" "
      "(\"BEN_NIR_PSA\" text, "
      "\"BEN_NAI_ANN\" bigint); INSERT INTO wh.\"IR_BEN_R\" SELECT lpad(i::text, 17, '0'), 1950 + i % 10 "
      "FROM "
      "generate_series(0, 199) i; GRANT USAGE ON SCHEMA wh TO gate, gate_work; GRANT SELECT ON ALL TABLES IN "
      "SCHEMA wh TO "
      "gate, gate_work; DROP SCHEMA IF EXISTS " +
      schema + " CASCADE");
}

class WorkAtAGate : public Utest {
 public:
  GateHome home{World::Until::project};
  std::unique_ptr<gate::Gate> gate;

  void setup() override {
    make_tables("nowhere");
    const auto file = home.path() / "sceau.toml";
    std::string config = to_text(read_file(file).value());
    config += "[sources.base]\npostgresql = \"" + ::test::postgresql() +
              " user=gate\"\nschema = \"wh\"\nworkspace = \"gate_work\"\n";
    CHECK(write_file(file, as_bytes(config), 0600).ok());
    gate = home.open();
    const Digest catalogue = home.world.registry.source("snds")->catalogue;
    must_be(*gate,
            home.write(*gate, "source.add", {"ada", "bea"},
                       Object{{"source", "base"}, {"engine", "postgresql"}, {"catalogue", catalogue}}),
            "admitted");
    const Time now = home.world.clock.now();
    for (const char* project : {"cohort", "other"}) {
      must_be(*gate,
              home.write(*gate, "project.open", {"ada"},
                         Object{{"project", project},
                                {"title", "A cohort"},
                                {"sources", Array{"base"}},
                                {"kinds", Array{"work", "aggregate", "individual"}},
                                {"from", to_rfc3339(now - kDay)},
                                {"until", to_rfc3339(now + 100 * kDay)},
                                {"max_rows", 1000}}),
              "admitted");
      must_be(*gate,
              home.write(
                  *gate, "project.assign", {"ada"},
                  Object{{"project", project}, {"person", "dora"}, {"until", to_rfc3339(now + 100 * kDay)}}),
              "admitted");
    }
  }
  Signed ask(const std::string& kind, const std::vector<std::string>& sql,
             const std::string& project = "cohort") {
    Object body = home.world.request_body(kind);
    body["project"] = project;
    body["source"] = "base";
    body["sql"] = statement::texts(sql);
    return home.write(*gate, "extraction.request", {"dora"}, std::move(body));
  }
  // What the script's fetch() answers; empty: it was kept.
  std::string work(const std::vector<std::string>& sql, const std::string& project = "cohort") {
    const Signed script = ask("work", sql, project);
    auto admission = gate->submit(submission_of(script));
    if (!admission) return admission.error().message;
    if (admission->refusal) return admission->refusal->message;
    auto delivery = gate->fetch(log_in(home, *gate, "dora"), script.digest());
    if (!delivery) return delivery.error().message;
    LONGS_EQUAL(0, receive(**delivery).size());
    CHECK((*delivery)->complete().ok());
    return {};
  }
  std::string rows(const std::string& sql, const std::string& project = "cohort") {
    const Signed request = ask("aggregate", {sql}, project);
    auto admission = gate->submit(submission_of(request));
    CHECK(admission.ok());
    if (admission->refusal) return admission->refusal->message;
    auto delivery = gate->fetch(log_in(home, *gate, "dora"), request.digest());
    if (!delivery) return delivery.error().message;
    const std::string text = to_text(receive(**delivery));
    CHECK((*delivery)->complete().ok());
    return text;
  }
  std::string tables() {
    return gate->catalogue_document(log_in(home, *gate, "dora"), "cohort", "base").value();
  }
  // Calls back when a script has run and is about to be committed.
  void before_commit(const std::function<void()>& act) {
    home.on_line = [act](const std::string& line) {
      if (line.ends_with(" ran: committing")) act();
    };
  }
  void audited() {
    const auto report = gate::audit(gate->ledger(), {});
    CHECK(report.ok());
    for (const auto& finding : report->findings) FAIL(finding.what.c_str());
  }
  // What submit_and_run() says of a script: why it was not run or not kept, "not run", or nothing.
  std::string run(const Signed& script, const gate::Caller& caller) {
    auto run = gate->submit_and_run(caller, submission_of(script));
    if (!run) return run.error().message;
    if (run->admission.refusal) return run->admission.refusal->message;
    if (!run->ended) return "not run";
    return *run->ended ? "" : run->ended->error().message;
  }
  // A child opens the home, runs a script and calls back when it has run and is about to be committed; then
  // the gate opens again here.
  void die_in_script(const Signed& script, const std::function<void()>& at_commit) {
    must_be(*gate, script, "admitted");
    const gate::Caller dora = log_in(home, *gate, "dora");
    gate.reset();
    const pid_t child = fork();
    if (child == 0) {
      auto mine = home.open();
      before_commit(at_commit);
      const auto fetched = mine->fetch(dora, script.digest());
      _exit(fetched ? 1 : 0);  // nothing is put in order
    }
    int status = 0;
    waitpid(child, &status, 0);
    CHECK(WIFEXITED(status));
    LONGS_EQUAL(0, WEXITSTATUS(status));
    gate = home.open();
  }
};

}  // namespace sceau::test
