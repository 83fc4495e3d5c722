// What somebody hides behind names, prefixes and other databases from whoever reads the log.
#include <CppUTest/TestHarness.h>

#include "written_log.h"

using namespace sceau;
using namespace sceau::reconcile;

namespace {

// A session of bob's beside the gate's.
Log bobs() {
  Log log;
  log.gate_runs(kSql).as("bob", "6b033bb9.8");
  return log;
}

std::size_t untold(const Log& log) { return hold(log.text, {extraction()}).untold.size(); }

// Statements one after the other; how many of them cannot be told.
std::size_t untold_of(std::initializer_list<const char*> statements) {
  Log log = bobs();
  for (const char* sql : statements) log.asks(sql);
  const Report report = hold(log.text, {extraction()});
  LONGS_EQUAL(0, report.reads.size());
  return report.untold.size();
}

}  // namespace

TEST_GROUP(Hidden){};

TEST(Hidden, PlansOneStatementAndNoSecond) {
  for (const char* sql : {"EXPLAIN (FORMAT JSON) SELECT 1; COPY (SELECT * FROM \"IR_BEN_R\") TO STDOUT",
                          "EXPLAIN (FORMAT JSON) SELECT 1; EXPLAIN ANALYZE SELECT * FROM \"IR_BEN_R\"",
                          "EXPLAIN (FORMAT JSON) DELETE FROM \"IR_BEN_R\"",
                          "EXPLAIN (FORMAT JSON) SELECT 1 --: SELECT * FROM \"IR_BEN_R\""}) {
    Log log;
    log.gate_runs(kSql).says("execute <unnamed>: " + std::string(sql));
    const Report report = hold(log.text, {extraction()});
    if (report.planned != 0 || report.reads.size() != 1) FAIL(sql);
  }
  Log log;
  log.gate_runs(kSql).says(
      "execute <unnamed>: EXPLAIN (FORMAT JSON) CREATE TABLE t AS SELECT \"A\" FROM \"IR_BEN_R\"");
  LONGS_EQUAL(1, hold(log.text, {extraction()}).planned);
}

TEST(Hidden, DoesNotLetAPlanSilencePgaudit) {
  Log log;
  Settings with = settings();
  with.tables.others.insert("v");  // as its owner says; pgaudit names what it reads
  log.gate_runs(kSql).asks("EXPLAIN (FORMAT JSON) SELECT 1; SELECT * FROM v");
  log.says(R"(AUDIT: SESSION,9,1,READ,SELECT,TABLE,public."IR_BEN_R",<not logged>,<not logged>)");
  LONGS_EQUAL(1, hold(log.text, {extraction()}, with).reads.size());
}

TEST(Hidden, ListsFetchesOfCursorsThatWereNotDeclared) {
  LONGS_EQUAL(1, untold_of({"FETCH ALL FROM c"}));
  LONGS_EQUAL(1, untold_of({"BEGIN", "MOVE 3 FROM c"}));
  LONGS_EQUAL(0, untold_of({"BEGIN", "DECLARE c CURSOR FOR SELECT 1", "FETCH ALL FROM c", "COMMIT"}));
  LONGS_EQUAL(0, untold_of({"DECLARE c CURSOR FOR SELECT 1; FETCH ALL FROM c"}));
  LONGS_EQUAL(1, untold_of({"DECLARE c CURSOR FOR SELECT 1; FETCH c", "FETCH ALL FROM c"}));
  LONGS_EQUAL(1, untold_of({"BEGIN", "EXPLAIN DECLARE c CURSOR FOR SELECT 1", "FETCH ALL FROM c"}));
  LONGS_EQUAL(1, untold_of({"BEGIN", "DECLARE c CURSOR FOR SELECT 1", "CLOSE c", "FETCH c"}));
}

TEST(Hidden, ForgetsCursorsWithTheirTransaction) {
  LONGS_EQUAL(1, untold_of({"BEGIN", "DECLARE c CURSOR FOR SELECT 1", "COMMIT", "BEGIN", "FETCH c"}));
  LONGS_EQUAL(0, untold_of({"BEGIN", "DECLARE c CURSOR WITH HOLD FOR SELECT 1", "COMMIT", "FETCH c"}));
  LONGS_EQUAL(1, untold_of({"BEGIN", "DECLARE c CURSOR WITH HOLD FOR SELECT 1", "ROLLBACK", "FETCH c"}));
  LONGS_EQUAL(1, untold_of({"BEGIN", "DECLARE c CURSOR FOR SELECT 1", "COMMIT AND CHAIN", "FETCH c"}));
  LONGS_EQUAL(0, untold_of({"BEGIN", "DECLARE c CURSOR FOR SELECT 1", "SAVEPOINT s",
                            "DECLARE d CURSOR FOR SELECT 1", "ROLLBACK TO s", "FETCH c"}));
  LONGS_EQUAL(1, untold_of({"BEGIN", "DECLARE c CURSOR FOR SELECT 1", "SAVEPOINT s",
                            "DECLARE d CURSOR FOR SELECT 1", "ROLLBACK TO s", "FETCH d"}));
  LONGS_EQUAL(1, untold_of({"DECLARE c CURSOR WITH HOLD FOR SELECT 1", "DISCARD ALL", "FETCH c"}));
}

TEST(Hidden, DoesNotRelyOnWhatFailed) {
  for (const auto& [makes, uses] : {std::pair("DECLARE c CURSOR WITH HOLD FOR SELECT 1", "FETCH ALL FROM c"),
                                    std::pair("PREPARE q AS SELECT 1", "EXPLAIN ANALYZE EXECUTE q")}) {
    Log log = bobs();
    log.asks(makes);
    log.severity = "ERROR";
    log.query = makes;
    log.says("it exists already");  // made in the protocol, which no log shows
    log.severity = "LOG";
    log.query.clear();
    log.asks(uses);
    if (untold(log) != 1) FAIL(uses);
  }
}

TEST(Hidden, KnowsEveryNameThatIsExecuted) {
  Log log = bobs();
  log.asks("PREPARE z AS SELECT 1");
  log.detail = "prepare: PREPARE z AS SELECT 1";
  log.asks("EXECUTE z");
  LONGS_EQUAL(0, untold(log));
  log.asks("EXECUTE z; EXECUTE q");
  LONGS_EQUAL(1, untold(log));
  log.asks("EXECUTE q");  // the log says what it was, whoever prepared it
  LONGS_EQUAL(1, untold(log));
  LONGS_EQUAL(1, untold_of({"CREATE TABLE t AS EXECUTE q"}));
  LONGS_EQUAL(1, untold_of({"EXPLAIN ANALYZE EXECUTE q"}));
  LONGS_EQUAL(0, untold_of({"PREPARE q AS SELECT 1", "CREATE TABLE t AS EXECUTE q", "EXECUTE q; EXECUTE q"}));
  LONGS_EQUAL(1, untold_of({"PREPARE q AS SELECT 1", "DEALLOCATE q", "EXECUTE q"}));
  LONGS_EQUAL(1, untold_of({"PREPARE q AS SELECT 1", "DEALLOCATE ALL", "EXECUTE q"}));
  LONGS_EQUAL(1, untold_of({"PREPARE q AS SELECT 1", "DISCARD ALL", "EXECUTE q"}));
}

TEST(Hidden, TakesTheWorstOfWhatALineMaySay) {
  LONGS_EQUAL(1, untold(bobs().says("execute x: SELECT 1 --: SELECT f()")));
  LONGS_EQUAL(1, untold(bobs().says("execute <unnamed>: SELECT 1 --: SELECT 1_000 FROM v")));
  LONGS_EQUAL(
      1, hold(bobs().says("execute x: SELECT f() --: TABLE \"IR_BEN_R\"").text, {extraction()}).reads.size());
  LONGS_EQUAL(1, hold(bobs().says("execute x: SELECT 1 --: SET log_statement = none").text, {extraction()})
                     .quiets.size());
  // No server could have run what a constant or a name ends in.
  LONGS_EQUAL(0, untold(bobs().says("execute <unnamed>: SELECT 'a: b', 'select: select' AS \"with: it\"")));
  std::string many = "execute x: SELECT 1";
  for (int i = 0; i < 40; ++i) many += " --: SELECT 1";
  LONGS_EQUAL(1, untold(bobs().says(many)));
}

TEST(Hidden, ListsCopiesOfTheDatabaseFromWhereverTheyAreMade) {
  for (const char* sql :
       {"CREATE DATABASE x TEMPLATE db", "ALTER DATABASE db RENAME TO x", "ALTER DATABASE x RENAME TO db"}) {
    Log log = bobs();
    log.database = "postgres";
    const Report report = hold(log.asks(sql).asks("CREATE DATABASE y").text, {extraction()});
    if (report.reads.size() + report.untold.size() != 1) FAIL(sql);
  }
}
