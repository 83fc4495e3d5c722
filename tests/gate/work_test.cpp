// Scripts of kind work at a PostgreSQL source, from their signature to what leaves from their tables; and
// what is said of them after the gate died. Run by tests/with_postgresql.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "../source/postgresql_tables.h"
#include "gate_home.h"
#include "sceau/base/files.h"
#include "sceau/gate/audit.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

using namespace sceau;
using namespace sceau::test;

namespace {

constexpr Time kDay = 86400;

std::string text_of(const Value& body, std::string_view name) {
  const Value* found = body.find(name);
  return found == nullptr ? std::string() : found->as_text();
}

// A database of its own for each test, which lasts.
void make_tables(const std::string& schema) {
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

}  // namespace

TEST_GROUP(WorkAtAGate) {
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

TEST(WorkAtAGate, ScriptsBuildTablesAndAggregatesLeaveFromThem) {
  STRCMP_EQUAL("", work({"CREATE TABLE old AS SELECT BEN_NIR_PSA, BEN_NAI_ANN AS year FROM IR_BEN_R WHERE "
                         "BEN_NAI_ANN < 1955",
                         "CREATE INDEX ON old (year)", "ANALYZE old"})
                       .c_str());
  const Value result = newest(*gate, "extraction.result");
  STRCMP_EQUAL("delivered", text_of(result, "outcome").c_str());
  const std::string said = statement::to_canonical(result);
  STRCMP_CONTAINS(
      R"("made":[{"about":"people","columns":[{"from":"IR_BEN_R.BEN_NIR_PSA","label":"person_key","name":"BEN_NIR_PSA")",
      said.c_str());
  STRCMP_CONTAINS(
      R"({"from":"IR_BEN_R.BEN_NAI_ANN","label":"potential_identifier","name":"year","row":1,"type":"integer"})",
      said.c_str());
  STRCMP_EQUAL(
      "", work({"INSERT INTO old SELECT BEN_NIR_PSA, BEN_NAI_ANN FROM IR_BEN_R WHERE BEN_NAI_ANN = 1957"})
              .c_str());
  STRCMP_EQUAL(
      "year,n\r\n1950,20\r\n1957,20\r\n",
      rows("SELECT year, count(DISTINCT BEN_NIR_PSA) AS n FROM old WHERE year IN (1950, 1957) GROUP BY year")
          .c_str());
  STRCMP_CONTAINS(R"("name":"old","workspace":true)", tables().c_str());
  STRCMP_EQUAL("", work({"DROP TABLE old"}).c_str());
  CHECK(tables().find("\"old\"") == std::string::npos);
  audited();
  // And by the auditor who shares no code with the gate.
  const std::string auditor =
      "python3 -B '" SCEAU_TEST_AUDITOR "' '" + (home.path() / "ledger.db").string() + "' >/dev/null";
  LONGS_EQUAL(0, std::system(auditor.c_str()));  // NOLINT(cert-env33-c,concurrency-mt-unsafe)
}

TEST(WorkAtAGate, AScriptIsKeptWholeOrNotAtAll) {
  STRCMP_EQUAL("", work({"CREATE TABLE a AS SELECT BEN_NIR_PSA FROM IR_BEN_R"}).c_str());
  ::test::administrate("ALTER TABLE wh.\"IR_BEN_R\" RENAME COLUMN \"BEN_NAI_ANN\" TO hidden");
  const std::string failed = work({"CREATE TABLE b AS SELECT BEN_NIR_PSA FROM IR_BEN_R",
                                   "CREATE TABLE c AS SELECT BEN_NAI_ANN FROM IR_BEN_R"});
  STRCMP_CONTAINS("statement 2 of the script", failed.c_str());
  CHECK(failed.find("BEN_NAI_ANN") == std::string::npos);  // none of the database's words
  STRCMP_EQUAL("refused", text_of(newest(*gate, "extraction.result"), "outcome").c_str());
  CHECK(tables().find("\"b\"") == std::string::npos);
  ::test::administrate("ALTER TABLE wh.\"IR_BEN_R\" RENAME COLUMN hidden TO \"BEN_NAI_ANN\"");
  STRCMP_EQUAL("", work({"CREATE TABLE b AS SELECT BEN_NIR_PSA FROM a"}).c_str());
  audited();
}

TEST(WorkAtAGate, AScriptRunsNothingThatTheDatabasePlansOtherwise) {
  STRCMP_EQUAL("", work({"CREATE TABLE a AS SELECT BEN_NIR_PSA FROM IR_BEN_R"}).c_str());
  // A view in the table's place, which the workspace's role may read.
  ::test::administrate(
      "ALTER TABLE wh.\"IR_BEN_R\" RENAME TO secret; CREATE VIEW wh.\"IR_BEN_R\" AS SELECT * FROM wh.secret; "
      "GRANT SELECT ON "
      "wh.\"IR_BEN_R\" TO gate_work");
  STRCMP_CONTAINS("the database would read wh.secret",
                  work({"CREATE TABLE b AS SELECT BEN_NIR_PSA FROM IR_BEN_R"}).c_str());
  ::test::administrate("DROP SCHEMA wh CASCADE");
}

TEST(WorkAtAGate, AWorkspaceIsItsPersonsInItsProject) {
  STRCMP_EQUAL("", work({"CREATE TABLE mine AS SELECT BEN_NIR_PSA FROM IR_BEN_R"}).c_str());
  STRCMP_CONTAINS("is not in the catalogue",
                  work({"CREATE TABLE theirs AS SELECT * FROM mine"}, "other").c_str());
  STRCMP_EQUAL("", work({"CREATE TABLE mine AS SELECT BEN_NAI_ANN FROM IR_BEN_R"}, "other").c_str());
  STRCMP_CONTAINS(R"("columns":[{"label":"person_key","name":"BEN_NIR_PSA","type":"text"}],"name":"mine")",
                  tables().c_str());
}

TEST(WorkAtAGate, WorkspacesSurviveARestart) {
  STRCMP_EQUAL("", work({"CREATE TABLE kept AS SELECT BEN_NIR_PSA, BEN_NAI_ANN FROM IR_BEN_R"}).c_str());
  const std::string before = tables();
  gate.reset();
  gate = home.open();
  STRCMP_EQUAL(before.c_str(), tables().c_str());
  STRCMP_EQUAL("n\r\n200\r\n", rows("SELECT count(*) AS n FROM kept").c_str());
}

TEST(WorkAtAGate, ViewsDefaultsAndIndexesSurviveARestart) {
  STRCMP_EQUAL(
      "", work({"CREATE VIEW young AS SELECT BEN_NIR_PSA, BEN_NAI_ANN FROM IR_BEN_R WHERE BEN_NAI_ANN > 1955",
                "CREATE TABLE marks (place text, mark integer DEFAULT 7)", "CREATE INDEX ON marks (place)"})
              .c_str());
  STRCMP_EQUAL(
      "", work({"CREATE VIEW old AS SELECT BEN_NIR_PSA FROM IR_BEN_R WHERE BEN_NAI_ANN < 1955"}).c_str());
  gate.reset();
  gate = home.open();
  STRCMP_EQUAL("n\r\n80\r\n", rows("SELECT count(*) AS n FROM young").c_str());
  STRCMP_EQUAL("", work({"INSERT INTO marks (place) VALUES ('a')"}).c_str());
  STRCMP_EQUAL("n\r\n7\r\n", rows("SELECT sum(mark) AS n FROM marks").c_str());
  STRCMP_CONTAINS("its indexes have room for",
                  work({"INSERT INTO marks (place) VALUES ('" + std::string(2700, 'x') + "')"}).c_str());
  audited();
}

TEST(WorkAtAGate, ProjectsThatCloseTakeTheirWorkspacesAlong) {
  STRCMP_EQUAL("", work({"CREATE TABLE gone AS SELECT BEN_NIR_PSA FROM IR_BEN_R"}).c_str());
  must_be(*gate,
          home.write(*gate, "project.close", {"ada"}, Object{{"project", "cohort"}, {"reason", "done"}}),
          "admitted");
  gate->with_registry([](const registry::Registry& registry) {
    CHECK(registry.workspace({"cohort", "dora", "base"}) == nullptr);
  });
  audited();
}

TEST(WorkAtAGate, AnotherCatalogueUntiesWhatWasMadeUnderTheFirst) {
  STRCMP_EQUAL("", work({"CREATE TABLE early AS SELECT BEN_NIR_PSA, BEN_NAI_ANN FROM IR_BEN_R"}).c_str());
  const Bytes stricter = to_bytes(std::string_view(
      "format = 1\n[tables.IR_BEN_R]\nperson = \"BEN_NIR_PSA\"\n[tables.IR_BEN_R.columns]\nBEN_NIR_PSA = { "
      "type = \"text\", label = "
      "\"person_key\" }\nBEN_NAI_ANN = { type = \"integer\", label = \"direct_identifier\" }\n"));
  const Signed added =
      home.write(*gate, "source.add", {"ada", "bea"},
                 Object{{"source", "base"}, {"engine", "postgresql"}, {"catalogue", sha256(stricter)}});
  CHECK(gate->submit(submission_of(added, {stricter}))->state == "admitted");
  STRCMP_CONTAINS("earlier catalogue", rows("SELECT count(*) AS n FROM early").c_str());
  audited();
}

TEST(WorkAtAGate, AScriptWhoseGateDiedBeforeItCommittedLeftNothing) {
  die_in_script(ask("work", {"CREATE TABLE half AS SELECT BEN_NIR_PSA FROM IR_BEN_R"}), [] { _exit(0); });
  const Value result = newest(*gate, "extraction.result");
  STRCMP_EQUAL("interrupted", text_of(result, "outcome").c_str());
  STRCMP_CONTAINS("nothing of it was kept", text_of(result, "reason").c_str());
  CHECK(tables().find("half") == std::string::npos);
  STRCMP_EQUAL("", work({"CREATE TABLE half AS SELECT BEN_NIR_PSA FROM IR_BEN_R"}).c_str());
  audited();
}

TEST(WorkAtAGate, AScriptWhoseGateDiedAfterItCommittedIsDelivered) {
  // Nothing more goes into the ledger once the script may be committed: its result is never written.
  die_in_script(ask("work", {"CREATE TABLE whole AS SELECT BEN_NIR_PSA FROM IR_BEN_R"}), [] {
    const rlimit none{0, 0};
    std::signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &none);
  });
  STRCMP_EQUAL("delivered", text_of(newest(*gate, "extraction.result"), "outcome").c_str());
  STRCMP_CONTAINS("whole", tables().c_str());
  STRCMP_EQUAL("n\r\n200\r\n", rows("SELECT count(*) AS n FROM whole").c_str());
  audited();
}

TEST(WorkAtAGate, RequestsInASessionNameALogInOfTheirPerson) {
  const auto named = [&](const Digest& session, const std::string& kind) {
    Object body = home.world.request_body(kind);
    body["project"] = "cohort";
    body["source"] = "base";
    if (kind == "work") body["sql"] = Array{"DROP TABLE IF EXISTS nothing"};
    body["session"] = session;
    auto admission =
        gate->submit(submission_of(home.write(*gate, "extraction.request", {"dora"}, std::move(body))));
    CHECK(admission.ok());
    return admission->refusal ? admission->refusal->message : std::string();
  };
  const Signed hers = home.login(*gate, "dora");
  const Signed his = home.login(*gate, "carl");
  must_be(*gate, hers, "admitted");
  must_be(*gate, his, "admitted");
  STRCMP_EQUAL("", named(hers.digest(), "work").c_str());
  STRCMP_CONTAINS("is no log-in of dora", named(his.digest(), "work").c_str());
  STRCMP_CONTAINS("is no log-in of dora", named(Digest{}, "work").c_str());
  STRCMP_CONTAINS("stands alone", named(hers.digest(), "aggregate").c_str());
  home.world.clock.advance(9 * 3600);
  STRCMP_CONTAINS("ended on", named(hers.digest(), "work").c_str());
  audited();
}

TEST(WorkAtAGate, WhoLosesHerRightLosesItAtTheNextStatementOfHerSession) {
  STRCMP_EQUAL("", work({"CREATE TABLE mine AS SELECT BEN_NIR_PSA FROM IR_BEN_R"}).c_str());
  const gate::Caller dora = log_in(home, *gate, "dora");
  const Signed waiting = ask("work", {"CREATE TABLE late AS SELECT BEN_NIR_PSA FROM IR_BEN_R"});
  must_be(*gate, waiting, "admitted");
  must_be(*gate,
          home.write(*gate, "role.withdraw", {"bea"},
                     Object{{"person", "dora"}, {"role", "agent"}, {"reason", "left the study"}}),
          "admitted");
  STRCMP_CONTAINS("dora is no agent", work({"DROP TABLE mine"}).c_str());
  // What was admitted before has not begun, and does not begin.
  const auto late = gate->fetch(dora, waiting.digest());
  STRCMP_CONTAINS("dora is no agent any more", late ? "" : late.error().message.c_str());
  audited();
}

TEST(WorkAtAGate, AnAssignmentEndsOnItsDateWithinASession) {
  STRCMP_EQUAL("", work({"CREATE TABLE mine AS SELECT BEN_NIR_PSA FROM IR_BEN_R"}).c_str());
  home.world.clock.advance(101 * kDay);
  STRCMP_CONTAINS("project \"cohort\" runs from", work({"DROP TABLE mine"}).c_str());
}

TEST(WorkAtAGate, AClockThatIsSetBackBringsNoTimeBack) {
  const Signed old = ask("work", {"CREATE TABLE mine AS SELECT BEN_NIR_PSA FROM IR_BEN_R"});
  home.world.clock.advance(3600);
  STRCMP_EQUAL("", work({"CREATE TABLE other AS SELECT BEN_NIR_PSA FROM IR_BEN_R"}).c_str());
  home.world.clock.advance(-3600);
  const auto admission = gate->submit(submission_of(old));
  CHECK(admission.ok());
  STRCMP_CONTAINS("expired at", admission->refusal ? admission->refusal->message.c_str() : "admitted");
  home.world.clock.advance(3600);
  STRCMP_EQUAL("", work({"DROP TABLE other"}).c_str());
  audited();
}

TEST(WorkAtAGate, ARightThatIsWithdrawnWhileAScriptRunsUndoesIt) {
  const Signed withdrawal =
      home.write(*gate, "role.withdraw", {"bea"},
                 Object{{"person", "dora"}, {"role", "agent"}, {"reason", "left the study"}});
  gate->on_change([&](const Digest& request) {
    const auto view = gate->request({"dora"}, request);
    if (view && view->state == "running") must_be(*gate, withdrawal, "admitted");
  });
  STRCMP_CONTAINS("dora is no agent any more",
                  work({"CREATE TABLE mine AS SELECT BEN_NIR_PSA FROM IR_BEN_R"}).c_str());
  gate->on_change({});
  STRCMP_EQUAL("refused", text_of(newest(*gate, "extraction.result"), "outcome").c_str());
  ::test::administrate(
      "DO $$ BEGIN ASSERT NOT EXISTS (SELECT FROM pg_class WHERE relname = 'mine'), 'it was kept'; END $$");
  audited();
}

TEST(WorkAtAGate, AScriptIsAdmittedAndRunAtOnce) {
  const gate::Caller dora = log_in(home, *gate, "dora");
  const Signed script = ask("work", {"CREATE TABLE mine AS SELECT BEN_NIR_PSA FROM IR_BEN_R"});
  const std::uint64_t before = gate->ledger().head()->size;
  STRCMP_EQUAL("", run(script, dora).c_str());
  LONGS_EQUAL(before + 3, gate->ledger().head()->size);  // admitted, running, delivered
  STRCMP_CONTAINS("mine", tables().c_str());
  CHECK_FALSE(run(script, dora).empty());  // once
  STRCMP_EQUAL("", run(ask("work", {"DROP TABLE mine"}), dora).c_str());
  audited();
}

TEST(WorkAtAGate, AtOnceAreRunScriptsOfWhoAsksAlone) {
  const gate::Caller dora = log_in(home, *gate, "dora");
  const Signed script = ask("work", {"CREATE TABLE mine AS SELECT BEN_NIR_PSA FROM IR_BEN_R"});
  STRCMP_EQUAL("not run", run(script, gate::Caller{"carl"}).c_str());
  STRCMP_EQUAL("not run", run(ask("aggregate", {"SELECT count(*) AS n FROM IR_BEN_R"}), dora).c_str());
  const gate::Caller looking{"dora", false, false, false, true};
  STRCMP_CONTAINS("reads only", run(ask("work", {"DROP TABLE IF EXISTS nothing"}), looking).c_str());
  auto later = gate->fetch(dora, script.digest());
  CHECK(later.ok() && (*later)->complete().ok());
  STRCMP_CONTAINS("mine", tables().c_str());
  audited();
}

TEST(WorkAtAGate, WhatFailsAtOnceHasItsResult) {
  const gate::Caller dora = log_in(home, *gate, "dora");
  ::test::administrate("ALTER TABLE wh.\"IR_BEN_R\" RENAME TO elsewhere");
  const std::string said = run(ask("work", {"CREATE TABLE mine AS SELECT BEN_NIR_PSA FROM IR_BEN_R"}), dora);
  ::test::administrate("ALTER TABLE wh.elsewhere RENAME TO \"IR_BEN_R\"");
  CHECK_FALSE(said.empty());
  STRCMP_EQUAL("refused", text_of(newest(*gate, "extraction.result"), "outcome").c_str());
  STRCMP_EQUAL("", run(ask("work", {"CREATE TABLE mine AS SELECT BEN_NIR_PSA FROM IR_BEN_R"}), dora).c_str());
  audited();
}

TEST(WorkAtAGate, ADatabaseThatGoesAwayBeforeItCommitsKeepsNothing) {
  before_commit([] {
    ::test::administrate(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'sceaud'");
  });
  const std::string said = work({"CREATE TABLE gone AS SELECT BEN_NIR_PSA FROM IR_BEN_R"});
  STRCMP_CONTAINS("undid it", said.c_str());
  STRCMP_EQUAL("interrupted", text_of(newest(*gate, "extraction.result"), "outcome").c_str());
  home.on_line = {};
  CHECK(tables().find("gone") == std::string::npos);
  STRCMP_EQUAL("", work({"CREATE TABLE gone AS SELECT BEN_NIR_PSA FROM IR_BEN_R"}).c_str());
  audited();
}
