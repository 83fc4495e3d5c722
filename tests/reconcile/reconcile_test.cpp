// A log held against what the ledger says ran.
#include "sceau/reconcile/reconcile.h"

#include <CppUTest/TestHarness.h>

#include "sceau/base/files.h"
#include "written_log.h"

using namespace sceau;
using namespace sceau::reconcile;

TEST_GROUP(Reconcile){};

TEST(Reconcile, ExplainsWhatARequestRan) {
  const Report report = hold(Log().gate_runs(kSql).text, {extraction()});
  check_explained(report);
  LONGS_EQUAL(2, report.matched);
  LONGS_EQUAL(1, report.requests);
  LONGS_EQUAL(3, report.statements);
}

TEST(Reconcile, ListsASuperusersReadAndHidesItsConstants) {
  const Report report = hold(Log()
                                 .gate_runs(kSql)
                                 .as("postgres", "6b033bb9.8")
                                 .asks("SELECT * FROM \"IR_BEN_R\" WHERE a = 'Dupont'")
                                 .text,
                             {extraction()});
  LONGS_EQUAL(1, report.reads.size());
  const Listed& read = report.reads.front();
  STRCMP_EQUAL("postgres", read.user.c_str());
  STRCMP_EQUAL("10.0.0.1:5000", read.host.c_str());
  STRCMP_EQUAL("SELECT * FROM \"IR_BEN_R\" WHERE a = $1", read.text.c_str());
  CHECK(read.process == 7 && read.number == 1 && read.session == "6b033bb9.8");
  CHECK_FALSE(report.ok());
  CHECK(statement::to_canonical(to_value(report)).find("Dupont") == std::string::npos);
}

TEST(Reconcile, DoesNotTakeAForeignRoleForTheGates) {
  const Report report = hold(Log().as("postgres", "6b033bb9.7").gate_runs(kSql).text, {extraction()});
  LONGS_EQUAL(2, report.reads.size());
  LONGS_EQUAL(1, report.unlogged.size());
}

TEST(Reconcile, DoesNotTakeTheGatesTextAtAnotherTimeForTheRequests) {
  const Report late = hold(Log().at(14).gate_runs(kSql).text, {extraction()});
  LONGS_EQUAL(1, late.reads.size());
  LONGS_EQUAL(1, late.planned);
  CHECK(late.reads.front().why.find("ran from") != std::string::npos);
  const Report early = hold(Log().at(10).asks("SELECT 1").at(11).gate_runs(kSql).text, {extraction(14, 15)});
  LONGS_EQUAL(1, early.reads.size());
  Settings loose = settings();
  loose.tolerance = 5;
  check_explained(hold(Log().at(14).gate_runs(kSql).text, {extraction(11, 12)}, loose));
}

TEST(Reconcile, CountsEachTextOnce) {
  const Report report = hold(
      Log().gate_runs(kSql).at(11).asks("COPY (" + std::string(kSql) + ") TO STDOUT").text, {extraction()});
  LONGS_EQUAL(1, report.reads.size());
  CHECK(report.reads.front().why.find("ran it once already") != std::string::npos);
  check_explained(hold(Log().gate_runs(kSql).gate_runs(kSql).text, {extraction(11, 12, {kSql, kSql})}));
}

TEST(Reconcile, KnowsWhatTheGateOnlyHadPlanned) {
  Log log;
  log.gate_runs(kSql).says("execute <unnamed>: EXPLAIN (FORMAT JSON) SELECT b FROM \"IR_BEN_R\"");
  const Report report = hold(log.text, {extraction()});
  check_explained(report);
  LONGS_EQUAL(1, report.planned);
  log.says("execute <unnamed>: EXPLAIN (FORMAT JSON) SELECT f(b) FROM \"IR_BEN_R\"");
  log.as("bob", "6b033bb9.8").says("execute <unnamed>: EXPLAIN (FORMAT JSON) SELECT b FROM \"IR_BEN_R\"");
  const Report others = hold(log.text, {extraction()});
  LONGS_EQUAL(1, others.planned);
  LONGS_EQUAL(2, others.reads.size());
}

TEST(Reconcile, TakesOnlyTheFormsThatTheGateWrites) {
  for (const std::string& sql :
       {std::string(kSql), "copy (" + std::string(kSql) + ") to stdout",
        "COPY (" + std::string(kSql) + ") TO '/tmp/x'", "COPY (" + std::string(kSql) + " ) TO STDOUT",
        "EXPLAIN ANALYZE " + std::string(kSql)}) {
    const Report report = hold(Log().gate_runs(kSql).at(11).asks(sql).text, {extraction()});
    if (report.reads.size() + report.untold.size() != 1) FAIL(sql.c_str());
  }
}

TEST(Reconcile, TakesWorkAsItIsAndLongScriptsByTheirDigests) {
  const std::string make = "CREATE TABLE \"sceau_work_1\".\"t\" AS SELECT \"A\" FROM \"public\".\"IR_BEN_R\"";
  Ran ran = extraction(11, 12, {"sha256:" + to_hex(sha256(as_bytes(make)))});
  ran.work = true;
  Log log;
  log.at(11).says("execute <unnamed>: " + (kPlan + make)).says("execute <unnamed>: " + make);
  log.says("execute <unnamed>: INSERT INTO sceau_work.committed (request) VALUES ($1)").asks("COMMIT");
  check_explained(hold(log.text, {ran}));
  LONGS_EQUAL(1, hold(log.asks("COPY (" + make + ") TO STDOUT").text, {ran}).untold.size() +
                     hold(log.text, {ran}).reads.size());
}

TEST(Reconcile, ListsWhatAResultSaysAndTheLogDoesNotHave) {
  const Report report = hold(Log().asks("SELECT 1").at(15).asks("SELECT 1").text, {extraction()});
  LONGS_EQUAL(1, report.unlogged.size());
  LONGS_EQUAL(7, report.unlogged.front().entry);
  Ran refused = extraction();
  refused.all_of_it = false;
  check_explained(hold(Log().asks("SELECT 1").text, {refused}));
  // Before the log began nothing was asked of it.
  check_explained(hold(Log().at(20).asks("SELECT 1").text, {extraction()}));
}

TEST(Reconcile, ListsWhatCannotBeTold) {
  const Report report = hold(Log()
                                 .gate_runs(kSql)
                                 .as("postgres", "6b033bb9.8")
                                 .asks("DO $$ BEGIN PERFORM 1; END $$")
                                 .asks("SELECT f('Dupont')")
                                 .asks("SELEC x")
                                 .asks("EXECUTE q")
                                 .says("fastpath function call: \"f\" (OID 17)")
                                 .says("received replication command: BASE_BACKUP")
                                 .text,
                             {extraction()});
  LONGS_EQUAL(6, report.untold.size());
  STRCMP_EQUAL("SELECT f($1)", report.untold[1].text.c_str());
}

TEST(Reconcile, FollowsPreparedStatementsAndSeesThroughTheirNames) {
  Log log;
  log.gate_runs(kSql).as("bob", "6b033bb9.8");
  log.asks("PREPARE q AS SELECT 1 FROM \"IR_BEN_R\"");
  log.detail = "prepare: PREPARE q AS SELECT 1 FROM \"IR_BEN_R\"";
  log.asks("EXECUTE q");
  log.detail = "parameters: $1 = 'x'";
  log.says("execute S_1/P: SELECT a FROM \"IR_BEN_R\" WHERE a = $1");
  log.says("execute x: SELECT 1 --: SELECT * FROM \"IR_BEN_R\"");
  log.detail.clear();
  log.says("duration: 1.234 ms  statement: SELECT 1 FROM \"IR_BEN_R\"");
  log.says("duration: 1.234 ms  parse S_1: SELECT 1 FROM \"IR_BEN_R\"");
  LONGS_EQUAL(5, hold(log.text, {extraction()}).reads.size());
}

TEST(Reconcile, LooksAtWhatFailedBeforeItWasLogged) {
  Log log;
  log.gate_runs(kSql).as("bob", "6b033bb9.8");
  log.severity = "ERROR";
  log.query = "SELECT 1/0 FROM \"IR_BEN_R\"";
  log.says("division by zero");
  LONGS_EQUAL(1, hold(log.text, {extraction()}).reads.size());
}

TEST(Reconcile, ReportsLinesThatAreMissing) {
  Log log;
  log.gate_runs(kSql).as("bob", "6b033bb9.8");
  log.number = 2;
  log.asks("SELECT 1");
  const Report report = hold(log.text, {extraction()});
  LONGS_EQUAL(0, report.gaps.size());  // it began in the second in which the log does
  log.number = 5;
  log.asks("SELECT 1");
  const Report missing = hold(log.text, {extraction()});
  LONGS_EQUAL(1, missing.gaps.size());
  STRCMP_EQUAL("lines 4 to 5 of session 6b033bb9.8 of bob are missing, before 2026-11-22T19:00:10Z",
               missing.gaps.front().c_str());
  log.number = 3;
  LONGS_EQUAL(2, hold(log.asks("SELECT 1").text, {extraction()}).gaps.size());
}

TEST(Reconcile, ReportsASessionsMissingBeginningAndUnreadableLines) {
  Log log;
  log.gate_runs(kSql).as("bob", "6b033bb9.8");
  std::string text = log.text;
  // A later session, whose first line is its second.
  std::string late = Log().as("bob", "6b033bc8.8").says("statement: SELECT 1").text;
  late.replace(late.find("6b033bc8.8,1"), 12, "6b033bc8.8,2");
  late.replace(late.find("19:00:09 UTC"), 12, "19:00:24 UTC");
  late.replace(late.find("19:00:10.500"), 12, "19:00:25.500");
  LONGS_EQUAL(1, hold(text + late, {extraction()}).gaps.size());
  LONGS_EQUAL(
      1, hold(text + "2026-11-22 19:00:10.500 UTC,what\n" + Log().as("x", "6b033bb9.9").asks("SELECT 1").text,
              {extraction()})
             .gaps.size());
  const Report cut = hold(text + "2026-11-22 19:00:10.500 UTC,\"b", {extraction()});
  check_explained(cut);
  LONGS_EQUAL(1, cut.notes.size());
}

TEST(Reconcile, AlarmsAboutWhoeverQuietsTheLog) {
  Log log;
  log.gate_runs(kSql).as("postgres", "6b033bb9.8").asks("SET log_statement = 'none'");
  log.as("", "6b033bb9.1");
  log.backend = "postmaster";
  log.says("parameter \"log_statement\" changed to \"ddl\"");
  log.says("parameter \"work_mem\" changed to \"1MB\"");
  LONGS_EQUAL(2, hold(log.text, {extraction()}).quiets.size());
}

TEST(Reconcile, ReportsAServerThatStoppedImproperlyAndNotesOneThatDidNot) {
  Log log;
  log.backend = "postmaster";
  log.as("", "6b033bb9.1").says("ending log output to stderr");
  log.says("starting PostgreSQL 15.18").asks("SELECT 1");
  LONGS_EQUAL(1, hold(log.text, {}).gaps.size());
  const std::string before = log.text;
  log.as("", "6b033bb9.2").says("starting PostgreSQL 15.18");
  LONGS_EQUAL(2, hold(log.text, {}).gaps.size());  // and nothing shows that reading is logged
  log.text = before;
  log.number = 3;
  log.session = "6b033bb9.1";
  log.says("database system is shut down").as("", "6b033bb9.2").says("starting PostgreSQL 15.18");
  const Report proper = hold(log.text, {});
  LONGS_EQUAL(1, proper.gaps.size());
  LONGS_EQUAL(1, proper.notes.size());
}

TEST(Reconcile, ListsSessionsThatAskedNothingTheLogShows) {
  Log log;
  log.gate_runs(kSql)
      .as("postgres", "6b033bb9.8")
      .says("connection authorized: user=postgres application_name=psql");
  log.says("disconnection: session time: 0:00:00.004");
  log.as("postgres", "6b033bb9.9").says("connection authorized: user=postgres application_name=psql");
  log.as("probe", "6b033bb9.a").says("connection authorized: user=probe application_name=pg_isready");
  Settings with = settings();
  with.probes.insert("probe");
  const Report report = hold(log.text, {extraction()}, with);
  LONGS_EQUAL(1, report.untold.size());
  CHECK(report.untold.front().why.starts_with("2 sessions"));
}

TEST(Reconcile, LooksOnlyWithinTheTimeAskedForAndSaysWhenTheLogBeginsLater) {
  Settings with = settings();
  with.from = kBegan + 5;
  const std::string text =
      Log().as("bob", "6b033bb9.7").asks("TABLE \"IR_BEN_R\"").at(20).asks("SELECT 1").text;
  check_explained(hold(text, {}, with));
  with.from = kBegan - 100;
  const Report report = hold(text, {}, with);
  LONGS_EQUAL(1, report.gaps.size());
  LONGS_EQUAL(1, report.reads.size());
}

TEST(Reconcile, LeavesOtherDatabasesAlone) {
  Log log;
  log.gate_runs(kSql).as("bob", "6b033bb9.8");
  log.database = "other";
  log.asks("SELECT * FROM \"IR_BEN_R\"");
  check_explained(hold(log.text, {extraction()}));
  LONGS_EQUAL(1, hold(log.asks("SELECT pg_read_file('x')").text, {extraction()}).untold.size());
}

TEST(Reconcile, SaysWhenNothingShowsThatReadingIsLogged) {
  const Report ddl = hold(Log().asks("CREATE TABLE t (a int)").text, {});
  LONGS_EQUAL(1, ddl.gaps.size());
  LONGS_EQUAL(1, hold("", {}).gaps.size());
}

TEST(Reconcile, ReadsPgauditsLinesBesideStatementsAndWithoutThem) {
  Log log;
  const std::string audit =
      "AUDIT: SESSION,1,1,READ,SELECT,,,\"COPY (SELECT \"\"r1\"\".\"\"A\"\" AS \"\"a\"\" FROM "
      "\"\"public\"\".\"\"IR_BEN_R\"\" AS \"\"r1\"\") TO STDOUT\",<not logged>";
  log.gate_runs(kSql).at(11).says(audit);
  check_explained(hold(log.text, {extraction()}));
  Log alone;
  alone.at(11).says(audit).says(audit);
  check_explained(hold(alone.text, {extraction()}));
  // What a view or a function reads, pgaudit alone names.
  Settings with = settings();
  with.tables.others.insert("v");
  Log view;
  view.as("bob", "6b033bb9.8").asks("SELECT * FROM v");
  view.says(R"(AUDIT: SESSION,1,1,READ,SELECT,TABLE,"public.""IR_BEN_R""",SELECT * FROM v,<not logged>)");
  LONGS_EQUAL(1, hold(view.text, {}, with).reads.size());
}

TEST(Reconcile, ListsEveryReadOfARealSession) {
  const auto bytes = read_file(std::filesystem::path(SCEAU_TEST_VECTORS) / "reconcile" / "psql.csv");
  Settings with = settings();
  with.database.clear();
  const Report report = hold(std::string(as_text(*bytes)), {}, with);
  // SELECT, PREPARE, EXECUTE, what the DO block ran (pgaudit), COPY, and two that failed.
  LONGS_EQUAL(7, report.reads.size());
  // The DO block, whose text nobody follows, and a statement that failed in its second half.
  LONGS_EQUAL(2, report.untold.size());
  LONGS_EQUAL(0, report.gaps.size());
}
