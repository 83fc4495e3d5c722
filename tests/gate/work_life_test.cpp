// A script of kind work from its signature to its end: sessions, rights that are withdrawn meanwhile, gates
// and databases that die, and one that is admitted and run at once.
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <thread>

#include "work_fixture.h"

using namespace sceau;
using namespace sceau::test;

TEST_GROUP_BASE(WorkLife, WorkAtAGate){};

TEST(WorkLife, AScriptWhoseGateDiedBeforeItCommittedLeftNothing) {
  die_in_script(ask("work", {"CREATE TABLE half AS SELECT BEN_NIR_PSA FROM IR_BEN_R"}), [] { _exit(0); });
  const Value result = newest(*gate, "extraction.result");
  STRCMP_EQUAL("interrupted", text_of(result, "outcome").c_str());
  STRCMP_CONTAINS("nothing of it was kept", text_of(result, "reason").c_str());
  CHECK(tables().find("half") == std::string::npos);
  STRCMP_EQUAL("", work({"CREATE TABLE half AS SELECT BEN_NIR_PSA FROM IR_BEN_R"}).c_str());
  audited();
}

TEST(WorkLife, AScriptWhoseGateDiedAfterItCommittedIsDelivered) {
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

TEST(WorkLife, RequestsInASessionNameALogInOfTheirPerson) {
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

TEST(WorkLife, WhoLosesHerRightLosesItAtTheNextStatementOfHerSession) {
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

TEST(WorkLife, AnAssignmentEndsOnItsDateWithinASession) {
  STRCMP_EQUAL("", work({"CREATE TABLE mine AS SELECT BEN_NIR_PSA FROM IR_BEN_R"}).c_str());
  home.world.clock.advance(101 * kDay);
  STRCMP_CONTAINS("project \"cohort\" runs from", work({"DROP TABLE mine"}).c_str());
}

TEST(WorkLife, AClockThatIsSetBackBringsNoTimeBack) {
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

TEST(WorkLife, ARightThatIsWithdrawnWhileAScriptRunsUndoesIt) {
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

TEST(WorkLife, WhatApproversSawIsNotChangedBeneathTheirApproval) {
  const gate::Caller dora = log_in(home, *gate, "dora");
  const auto approved = [&](const std::string& sql) {
    const Signed request = ask("individual", {sql});
    must_be(*gate, request, "pending");
    must_be(*gate,
            home.write(*gate, "approval", {"carl"},
                       Object{{"request", request.digest()}, {"evidence", request.evidence_digest()}}),
            "admitted");
    return request;
  };
  const auto collected = [&](const Signed& request) {
    auto delivery = gate->fetch(dora, request.digest());
    if (!delivery) return delivery.error().message;
    const Bytes rows = receive(**delivery);
    CHECK((*delivery)->complete().ok());
    return std::to_string(std::count(rows.begin(), rows.end(), '\n'));
  };
  const std::string born = "SELECT BEN_NIR_PSA, BEN_NAI_ANN FROM IR_BEN_R WHERE BEN_NAI_ANN = ";
  STRCMP_EQUAL(
      "", work({"CREATE TABLE few AS " + born + "1950", "CREATE VIEW chosen AS " + born + "1950"}).c_str());
  for (const auto& [asked, change] : std::initializer_list<std::pair<const char*, std::string>>{
           {"SELECT BEN_NIR_PSA FROM few", "INSERT INTO few " + born + "1951"},
           {"SELECT BEN_NIR_PSA FROM chosen", "CREATE OR REPLACE VIEW chosen AS " + born + "1952"}}) {
    const Signed waiting = approved(asked);
    const Signed again = approved(asked);
    STRCMP_EQUAL("",
                 work({"DROP TABLE IF EXISTS another", "CREATE TABLE another AS " + born + "1953"}).c_str());
    STRCMP_EQUAL("21", collected(again).c_str());
    STRCMP_EQUAL("", work({change}).c_str());
    STRCMP_CONTAINS("was changed after it was asked", collected(waiting).c_str());
    STRCMP_EQUAL("refused", text_of(newest(*gate, "extraction.result"), "outcome").c_str());
    STRCMP_EQUAL("", work({"DROP TABLE IF EXISTS few", "CREATE TABLE few AS " + born + "1950"}).c_str());
  }
  audited();
}

TEST(WorkLife, ApproversSeeTheScriptsBehindWhatARequestReadsHoweverOld) {
  const std::string born = " AS SELECT BEN_NIR_PSA, BEN_NAI_ANN FROM ";
  STRCMP_EQUAL("", work({"CREATE TABLE unread" + born + "IR_BEN_R WHERE BEN_NAI_ANN = 1950"}).c_str());
  STRCMP_EQUAL("", work({"CREATE TABLE Base" + born + "IR_BEN_R WHERE BEN_NAI_ANN < 1955"}).c_str());
  STRCMP_EQUAL("", work({"CREATE TABLE few" + born + "base WHERE BEN_NAI_ANN = 1951"}).c_str());
  STRCMP_EQUAL("", work({"DROP TABLE base"}).c_str());
  STRCMP_EQUAL("", work({"CREATE VIEW chosen" + born + "few"}).c_str());
  for (int i = 0; i < 20; ++i)
    STRCMP_EQUAL("", work({"CREATE TABLE other" + std::to_string(i) + born + "IR_BEN_R"}).c_str());
  const Signed request = ask("individual", {"SELECT BEN_NIR_PSA FROM chosen"});
  must_be(*gate, request, "pending");
  const auto shown = [&](const char* person) {
    const auto view = gate->request(log_in(home, *gate, person), request.digest()).value();
    return view.beside.at("earlier").as_array();
  };
  const auto all = shown("carl");
  LONGS_EQUAL(23, all.size());
  const char* expected[][2] = {
      {"chosen", "CREATE VIEW chosen"}, {"few", "CREATE TABLE few"}, {"base", "CREATE TABLE Base"}};
  for (std::size_t i = 0; i < 3; ++i) {
    const Value& one = all[20 + i];
    STRCMP_EQUAL(expected[i][0], one.find("made")->as_array().front().as_text().c_str());
    STRCMP_CONTAINS(expected[i][1], one.find("sql")->as_array().front().as_text().c_str());
    CHECK_FALSE(all[i].contains("made"));
  }
  LONGS_EQUAL(20, shown("dora").size());
}

// char(n) is padded with blanks; the workspace's texts are not.
TEST(WorkLife, PeopleAreTheSameHoweverTheirKeysArePadded) {
  ::test::administrate(
      "ALTER TABLE wh.\"IR_BEN_R\" ALTER \"BEN_NIR_PSA\" TYPE char(20); UPDATE wh.\"IR_BEN_R\" SET "
      "\"BEN_NAI_ANN\" = 1900 WHERE \"BEN_NIR_PSA\" = '00000000000000007'");
  STRCMP_EQUAL("", work({"CREATE TABLE plain (k text, y integer)",
                         "INSERT INTO plain SELECT BEN_NIR_PSA, BEN_NAI_ANN FROM IR_BEN_R"})
                       .c_str());
  STRCMP_EQUAL("n\r\n200\r\n", rows("SELECT count(*) AS n FROM IR_BEN_R").c_str());
  STRCMP_EQUAL("n\r\n", rows("SELECT count(*) AS n FROM plain WHERE y <> 1900").c_str());
  audited();
}

TEST(WorkLife, AScriptIsAdmittedAndRunAtOnce) {
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

TEST(WorkLife, OfCopiesThatComeAtTheSameMomentOneIsRun) {
  const gate::Caller dora = log_in(home, *gate, "dora");
  const Signed script = ask("work", {"CREATE TABLE mine AS SELECT BEN_NIR_PSA FROM IR_BEN_R"});
  std::vector<std::string> said(4);
  std::vector<std::thread> threads;
  for (std::string& one : said) threads.emplace_back([&] { one = run(script, dora); });
  for (std::thread& thread : threads) thread.join();
  LONGS_EQUAL(1, std::count(said.begin(), said.end(), std::string()));
  LONGS_EQUAL(1, count(*gate, "extraction.result"));
  STRCMP_EQUAL("n\r\n200\r\n", rows("SELECT count(*) AS n FROM mine").c_str());
  audited();
}

TEST(WorkLife, AtOnceAreRunScriptsOfWhoAsksAlone) {
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

TEST(WorkLife, AScriptThatNobodyWaitsForIsNotAdmittedEither) {
  const gate::Caller dora = log_in(home, *gate, "dora");
  const Signed script = ask("work", {"CREATE TABLE mine AS SELECT BEN_NIR_PSA FROM IR_BEN_R"});
  const std::uint64_t before = gate->ledger().head()->size;
  std::stop_source gone;
  gone.request_stop();
  const auto none = gate->submit_and_run(dora, submission_of(script), gone.get_token());
  STRCMP_CONTAINS("nobody waited", none ? "" : none.error().message.c_str());
  LONGS_EQUAL(before, gate->ledger().head()->size);
  STRCMP_EQUAL("", run(script, dora).c_str());
}

// Two run at once here: the script that waits for another's workspace leaves the second to others.
TEST(WorkLife, WhatWaitsForItsWorkspaceHoldsNoneOfTheGatesRuns) {
  using std::chrono::steady_clock;
  const gate::Caller dora = log_in(home, *gate, "dora");
  const Signed first = ask("work", {"CREATE TABLE one AS SELECT BEN_NIR_PSA FROM IR_BEN_R"});
  const Signed second = ask("work", {"CREATE TABLE two AS SELECT BEN_NIR_PSA FROM IR_BEN_R"});
  must_be(*gate, second, "admitted");
  std::thread waiting;
  std::atomic<bool> begun{false}, kept{false};
  std::string beside;
  steady_clock::duration taken{};
  gate->on_change([&](const Digest& request) {
    const auto view = gate->request(dora, request);
    if (request != first.digest() || !view || view->state != "running" || waiting.joinable()) return;
    waiting = std::thread([&] {
      begun = true;
      kept = gate->fetch(dora, second.digest()).ok();
    });
    while (!begun) std::this_thread::yield();
    const auto from = steady_clock::now();
    for (int i = 0; i < 5; ++i) beside = rows("SELECT count(*) AS n FROM IR_BEN_R", "other");
    taken = steady_clock::now() - from;
  });
  const std::string said = run(first, dora);
  if (waiting.joinable()) waiting.join();
  gate->on_change({});
  STRCMP_EQUAL("", said.c_str());
  STRCMP_EQUAL("n\r\n200\r\n", beside.c_str());
  CHECK(taken < std::chrono::seconds(30));  // it would wait for a minute
  CHECK(kept);
  audited();
}

TEST(WorkLife, WhatFailsAtOnceHasItsResult) {
  const gate::Caller dora = log_in(home, *gate, "dora");
  ::test::administrate("ALTER TABLE wh.\"IR_BEN_R\" RENAME TO elsewhere");
  const std::string said = run(ask("work", {"CREATE TABLE mine AS SELECT BEN_NIR_PSA FROM IR_BEN_R"}), dora);
  ::test::administrate("ALTER TABLE wh.elsewhere RENAME TO \"IR_BEN_R\"");
  CHECK_FALSE(said.empty());
  STRCMP_EQUAL("refused", text_of(newest(*gate, "extraction.result"), "outcome").c_str());
  STRCMP_EQUAL("", run(ask("work", {"CREATE TABLE mine AS SELECT BEN_NIR_PSA FROM IR_BEN_R"}), dora).c_str());
  audited();
}

TEST(WorkLife, ADatabaseThatGoesAwayBeforeItCommitsKeepsNothing) {
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
