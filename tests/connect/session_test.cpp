#include "client.h"
#include "connect/settings.h"
#include "connect/values.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

using namespace sceau;
using namespace sceau::connect;

TEST_GROUP(ConnectSession) {
  Client client;
  std::string types(const std::string& sql) { return Client::types(client.query(sql)); }
  std::string state(const std::string& sql) { return Client::state(client.query(sql)); }
  std::string firsts(const std::string& sql) { return Client::firsts(client.query(sql)); }
  char status() {
    const auto said = client.query("SHOW server_version");
    return said.back().body.front();
  }
  std::string parse(const std::string& name, const std::string& sql,
                    const std::vector<std::uint32_t>& oids = {}) {
    std::string body = zero(name) + zero(sql) + int16(static_cast<int>(oids.size()));
    for (const auto oid : oids) body += int32(oid);
    return Client::types(client.say('P', body));
  }
  std::string bind(const std::string& statement, const std::vector<std::string>& values,
                   bool binary = false) {
    std::string body = zero("") + zero(statement) + int16(0) + int16(static_cast<int>(values.size()));
    for (const auto& value : values) body += int32(static_cast<std::int64_t>(value.size())) + value;
    return Client::types(client.say('B', body + int16(1) + int16(binary ? 1 : 0)));
  }
};

TEST(ConnectSession, ASelectIsAskedOfTheGateAsItCame) {
  const auto said =
      client.query("SELECT BEN_SEX_COD AS sex, count(*) AS n FROM IR_BEN_R GROUP BY BEN_SEX_COD");
  STRCMP_EQUAL("NTDDDCZ", Client::types(said).c_str());
  STRCMP_EQUAL("sex:20 n:20", Client::columns(said).c_str());
  STRCMP_EQUAL("1 2 3", Client::firsts(said).c_str());
  STRCMP_EQUAL("SELECT BEN_SEX_COD AS sex, count(*) AS n FROM IR_BEN_R GROUP BY BEN_SEX_COD",
               client.warehouse.asked[0].c_str());
  STRCMP_EQUAL("aggregate", client.warehouse.last.kind.c_str());
}

TEST(ConnectSession, SettingsChooseProjectPurposeAndKind) {
  STRCMP_EQUAL(
      "CCCZ",
      types("SET sceau.kind = 'individual'; SET sceau.purpose TO 'another'; SET sceau.max_rows = 5").c_str());
  types("SELECT BEN_SEX_COD, AMOUNT FROM IR_BEN_R");
  STRCMP_EQUAL("individual", client.warehouse.last.kind.c_str());
  STRCMP_EQUAL("another", client.warehouse.last.purpose.c_str());
  LONGS_EQUAL(5, client.warehouse.last.max_rows);
  STRCMP_EQUAL("42501", state("SET sceau.project = 'p-2'; SELECT BEN_SEX_COD FROM IR_BEN_R").c_str());
  STRCMP_EQUAL("individual", firsts("SHOW sceau.kind").c_str());
  types("RESET ALL");
  STRCMP_EQUAL("p-1", firsts("SELECT current_setting('sceau.project')").c_str());
  STRCMP_EQUAL("22023", state("SET client_encoding = 'LATIN1'").c_str());
  STRCMP_EQUAL("22023", state("SET standard_conforming_strings = off").c_str());
}

TEST(ConnectSession, ATimeoutIsWholeMillisecondsThatAClockCanHold) {
  for (const char* good : {"0", "1500", "1500ms", "90s", "1min", "2147483647"})
    STRCMP_EQUAL("CZ", types("SET statement_timeout = '" + std::string(good) + "'").c_str());
  for (const char* wrong : {"", "-1", "1.5", "1h", "2147483648", "2147484s", "9223372036854775807",
                            "9223372036854775807min", "99999999999999999999"})
    STRCMP_EQUAL("22023", state("SET statement_timeout = '" + std::string(wrong) + "'").c_str());
  STRCMP_EQUAL("2147483647", firsts("SHOW statement_timeout").c_str());
}

TEST(ConnectSession, DefaultsThatSetWouldNotTakeAreFound) {
  Wanted wanted;
  CHECK_FALSE(Settings::check(wanted).has_value());
  wanted.kind = "work";
  STRCMP_CONTAINS("sceau.kind", Settings::check(wanted).value().message.c_str());
  wanted = {};
  wanted.max_rows = -1;
  STRCMP_CONTAINS("sceau.max_rows", Settings::check(wanted).value().message.c_str());
}

TEST(ConnectSession, TheCatalogueIsAnsweredHere) {
  STRCMP_EQUAL("IR_BEN_R mine", firsts("SELECT tablename FROM pg_tables ORDER BY 1").c_str());
  STRCMP_EQUAL("42501", state("SELECT * FROM pg_class, IR_BEN_R").c_str());
  STRCMP_EQUAL("42P01", state("SELECT * FROM pg_shadow").c_str());
  STRCMP_EQUAL("42883", state("SELECT pg_sleep(10)").c_str());
  STRCMP_EQUAL("TCZ", types("SELECT * FROM IR_BEN_R WHERE (0 = 1)").c_str());
  LONGS_EQUAL(0, client.warehouse.asked.size());
}

TEST(ConnectSession, AProjectOfOthersShowsNoTables) {
  STRCMP_EQUAL("IR_BEN_R mine", firsts("SELECT tablename FROM pg_tables ORDER BY 1").c_str());
  types("SET sceau.project = 'p-2'");
  STRCMP_EQUAL("42501", state("SELECT tablename FROM pg_tables").c_str());
  types("SET sceau.project = ''");
  STRCMP_EQUAL("", firsts("SELECT tablename FROM pg_tables").c_str());
  STRCMP_EQUAL("42501", state("SELECT BEN_SEX_COD FROM IR_BEN_R").c_str());
}

TEST(ConnectSession, FailuresHaveTheirState) {
  for (const auto& [kind, expected] : {std::pair{ErrorKind::refused, "42501"},
                                       {ErrorKind::unavailable, "57P03"},
                                       {ErrorKind::authentication, "28000"},
                                       {ErrorKind::corrupt, "XX001"}}) {
    client.warehouse.fails = Error{kind, "no"};
    STRCMP_EQUAL(expected, state("SELECT BEN_SEX_COD FROM IR_BEN_R").c_str());
  }
  STRCMP_EQUAL("42601", state("SELEC 1").c_str());
  STRCMP_EQUAL("0A000", state("MERGE INTO mine USING mine m ON true WHEN MATCHED THEN DELETE").c_str());
  STRCMP_EQUAL("42P02", state("SELECT $1").c_str());
}

TEST(ConnectSession, AFailedTransactionIgnoresAllUntilItsEnd) {
  STRCMP_EQUAL("CZ", types("BEGIN").c_str());
  BYTES_EQUAL('T', status());
  STRCMP_EQUAL("42P01", state("SELECT 1 FROM nowhere").c_str());
  STRCMP_EQUAL("25P02", state("SELECT 1").c_str());
  STRCMP_EQUAL("25P02", state("BEGIN").c_str());
  types("COMMIT");
  BYTES_EQUAL('I', status());
}

TEST(ConnectSession, RollbackSaysThatWorkStays) {
  types("BEGIN; CREATE TABLE a AS SELECT x FROM mine");
  STRCMP_EQUAL("NCZ", types("ROLLBACK").c_str());
  STRCMP_EQUAL("CZ", Client::types(client.query("BEGIN")).c_str());
  STRCMP_EQUAL("CZ", types("ROLLBACK").c_str());
}

TEST(ConnectSession, SettingsGoBackWithTheirTransaction) {
  types("BEGIN; SET sceau.kind = 'individual'");
  STRCMP_EQUAL("individual", firsts("SHOW sceau.kind").c_str());
  STRCMP_EQUAL("CZ", types("ROLLBACK").c_str());
  STRCMP_EQUAL("aggregate", firsts("SHOW sceau.kind").c_str());
  types("BEGIN; SET sceau.kind = 'individual'; SELECT 1 FROM nowhere");
  STRCMP_EQUAL("CZ", types("COMMIT").c_str());  // which says ROLLBACK
  STRCMP_EQUAL("aggregate", firsts("SHOW sceau.kind").c_str());
  STRCMP_EQUAL("CSCCZ", types("BEGIN; SET application_name = 'x'; SET sceau.purpose = 'y'").c_str());
  STRCMP_EQUAL("SCZ", types("ROLLBACK").c_str());
  types(
      "BEGIN; SET LOCAL sceau.purpose = 'once'; SET sceau.purpose = 'for good'; SET LOCAL sceau.kind = "
      "'individual'; COMMIT");
  STRCMP_EQUAL("for good", firsts("SHOW sceau.purpose").c_str());
  STRCMP_EQUAL("aggregate", firsts("SHOW sceau.kind").c_str());
}

TEST(ConnectSession, SavepointsHaveNamesAndAreGoneBackTo) {
  STRCMP_EQUAL("25P01", state("SAVEPOINT a").c_str());
  types("BEGIN; SAVEPOINT a; SET sceau.purpose = 'after a'; SAVEPOINT b");
  STRCMP_EQUAL("42P01", state("SELECT 1 FROM nowhere").c_str());
  STRCMP_EQUAL("25P02", state("RELEASE a").c_str());
  STRCMP_EQUAL("3B001", state("ROLLBACK TO c").c_str());
  BYTES_EQUAL('E', client.query("SHOW server_version").back().body.front());
  STRCMP_EQUAL("CZ", types("ROLLBACK TO a").c_str());
  STRCMP_EQUAL("why", firsts("SHOW sceau.purpose").c_str());
  STRCMP_EQUAL("3B001", state("RELEASE b").c_str());
  types("ROLLBACK TO SAVEPOINT a");
  types("CREATE TABLE t AS SELECT x FROM mine");
  STRCMP_EQUAL("NCZ", types("ROLLBACK TO a").c_str());
  STRCMP_EQUAL("CZ", types("RELEASE a").c_str());
  STRCMP_EQUAL("3B001", state("ROLLBACK TO a").c_str());
  types("ROLLBACK");
}

TEST(ConnectSession, NothingIsSignedForWhoIsGone) {
  client.gone = true;
  state("SELECT BEN_SEX_COD FROM IR_BEN_R");
  state("CREATE TABLE t AS SELECT x FROM mine");
  LONGS_EQUAL(0, client.warehouse.asked.size());
  LONGS_EQUAL(0, client.warehouse.worked.size());
}

TEST(ConnectSession, StatementsOverOwnTablesGoTogetherInOneSignature) {
  STRCMP_EQUAL(
      "CCCTDCZ",
      types("CREATE TABLE a AS SELECT x FROM public.mine; INSERT INTO a VALUES (1); DROP TABLE a; SELECT 1")
          .c_str());
  LONGS_EQUAL(1, client.warehouse.worked.size());
  LONGS_EQUAL(3, client.warehouse.worked[0].size());
  STRCMP_EQUAL("CREATE TABLE a AS SELECT x FROM mine", client.warehouse.worked[0][0].c_str());
  STRCMP_EQUAL("42501", state("CREATE TABLE a AS SELECT relname FROM pg_class").c_str());
}

TEST(ConnectSession, ScriptsTooLongForOneSignatureAreParted) {
  const std::string one = "INSERT INTO mine VALUES (1) /* " + std::string(3000, 'x') + " */;";
  std::string script;
  for (int i = 0; i < 5; ++i) script += one;
  STRCMP_EQUAL("CCCCCZ", types(script).c_str());
  LONGS_EQUAL(3, client.warehouse.worked.size());
}

TEST(ConnectSession, CursorsGiveRowsInPieces) {
  STRCMP_EQUAL("25P01", state("DECLARE c CURSOR FOR SELECT BEN_SEX_COD, AMOUNT FROM IR_BEN_R").c_str());
  types("BEGIN; DECLARE c CURSOR FOR SELECT BEN_SEX_COD, count(*) FROM IR_BEN_R GROUP BY 1");
  client.query("ROLLBACK");
  types("BEGIN");
  STRCMP_EQUAL("NCZ",
               types("DECLARE c NO SCROLL CURSOR FOR SELECT BEN_SEX_COD, AMOUNT FROM IR_BEN_R").c_str());
  STRCMP_EQUAL("1 2", firsts("FETCH 2 FROM c").c_str());
  STRCMP_EQUAL("3", firsts("FETCH FORWARD ALL IN c").c_str());
  STRCMP_EQUAL("", firsts("FETCH NEXT FROM c").c_str());
  STRCMP_EQUAL("55000", state("FETCH BACKWARD 1 FROM c").c_str());
  types("ROLLBACK; BEGIN; DECLARE c CURSOR FOR SELECT BEN_SEX_COD, AMOUNT FROM IR_BEN_R");
  STRCMP_EQUAL("55000", state("FETCH RELATIVE 2 FROM c").c_str());  // the second alone, not both
  types("ROLLBACK");
  STRCMP_EQUAL("34000", state("FETCH 1 FROM c").c_str());
  types("DECLARE h CURSOR WITH HOLD FOR SELECT BEN_SEX_COD, AMOUNT FROM IR_BEN_R");
  types("MOVE 1 FROM h");
  STRCMP_EQUAL("2", firsts("FETCH h").c_str());
  STRCMP_EQUAL("CZ", types("CLOSE h").c_str());
}

TEST(ConnectSession, CopyGivesLines) {
  client.warehouse.csv = "a,b\r\n1,\"x\ty, \"\"z\"\"\"\r\n2,\r\n";
  auto said = client.query("COPY (SELECT BEN_SEX_COD, BEN_NIR_PSA FROM IR_BEN_R) TO STDOUT");
  STRCMP_EQUAL("NHddcCZ", Client::types(said).c_str());
  STRCMP_EQUAL("1\tx\\ty, \"z\"\n", said[2].body.c_str());
  STRCMP_EQUAL("2\t\\N\n", said[3].body.c_str());
  said = client.query("COPY IR_BEN_R (BEN_SEX_COD, BEN_NIR_PSA) TO STDOUT WITH (FORMAT csv, HEADER)");
  STRCMP_EQUAL("a,b\n", said[2].body.c_str());
  STRCMP_EQUAL("1,\"x\ty, \"\"z\"\"\"\n", said[3].body.c_str());
  STRCMP_EQUAL("2,\n", said[4].body.c_str());
  STRCMP_EQUAL("42501", state("COPY IR_BEN_R FROM STDIN").c_str());
  STRCMP_EQUAL("0A000", state("COPY IR_BEN_R TO '/tmp/x'").c_str());
  STRCMP_EQUAL("0A000", state("COPY IR_BEN_R TO PROGRAM 'cat'").c_str());
}

TEST(ConnectSession, PreparedStatementsTakeValuesAndTellTheirColumns) {
  STRCMP_EQUAL(
      "1", parse("s", "SELECT BEN_SEX_COD, AMOUNT FROM IR_BEN_R WHERE BEN_SEX_COD = $1", {kInt4}).c_str());
  const auto described = client.say('D', "S" + zero("s"));
  STRCMP_EQUAL("tT", Client::types(described).c_str());
  STRCMP_EQUAL("BEN_SEX_COD:20 AMOUNT:701", Client::columns(described).c_str());
  STRCMP_EQUAL("2", bind("s", {"2"}).c_str());
  STRCMP_EQUAL("NDDs", Client::types(client.say('E', zero("") + int32(2))).c_str());
  STRCMP_EQUAL("DC", Client::types(client.say('E', zero("") + int32(0))).c_str());
  STRCMP_EQUAL("SELECT BEN_SEX_COD, AMOUNT FROM IR_BEN_R WHERE BEN_SEX_COD = 2",
               client.warehouse.asked[0].c_str());
  STRCMP_EQUAL("Z", Client::types(client.say('S', "")).c_str());
}

TEST(ConnectSession, ParametersHaveNoNumbersThatNobodyCouldBind) {
  STRCMP_EQUAL("54000",
               Client::state(client.say('P', zero("") + zero("SELECT $2147483647") + int16(0))).c_str());
  client.say('S', "");
  STRCMP_EQUAL("42601", state("PREPARE p AS SELECT $2147483647; EXECUTE p (1)").c_str());
}

TEST(ConnectSession, AValueOfUnknownTypeIsWhatMakesSense) {
  parse("s", "SELECT BEN_SEX_COD, AMOUNT FROM IR_BEN_R LIMIT $1");
  STRCMP_EQUAL("2", bind("s", {"2"}).c_str());
  client.say('E', zero("") + int32(0));
  STRCMP_EQUAL("SELECT BEN_SEX_COD, AMOUNT FROM IR_BEN_R LIMIT 2", client.warehouse.asked.back().c_str());
}

TEST(ConnectSession, ResultsComeInBinaryWhenAskedFor) {
  parse("", "SELECT BEN_SEX_COD, BEN_SEX_COD AS n FROM IR_BEN_R");
  bind("", {}, true);
  const auto said = client.say('E', zero("") + int32(1));
  CHECK(said[1].body == int16(2) + int32(8) + int32(0) + int32(1) + int32(8) + int32(0) + int32(20));
}

TEST(ConnectSession, WhatHasNoBinaryFormIsAnErrorAndNotNull) {
  parse("", "SELECT now(), current_date");
  bind("", {}, true);
  const auto said = client.say('E', zero("") + int32(0));
  CHECK(said[0].body.starts_with(int16(2) + int32(8)));
  CHECK(said[0].body.substr(14, 4) == int32(4));
  parse("", "SELECT current_schemas(true)");
  bind("", {}, true);
  STRCMP_EQUAL("0A000", Client::state(client.say('E', zero("") + int32(0))).c_str());
}

TEST(ConnectSession, AfterAnErrorAllIsSkippedUntilSync) {
  STRCMP_EQUAL("E", parse("", "SELEC").c_str());
  STRCMP_EQUAL("", bind("", {}).c_str());
  STRCMP_EQUAL("", types("DROP TABLE mine").c_str());
  LONGS_EQUAL(0, client.warehouse.worked.size());
  STRCMP_EQUAL("", Client::types(client.say('E', zero("") + int32(0))).c_str());
  STRCMP_EQUAL("Z", Client::types(client.say('S', "")).c_str());
  STRCMP_EQUAL("08P01", Client::state(client.say('B', "x")).c_str());
  client.say('S', "");
  STRCMP_EQUAL("34000", Client::state(client.say('E', zero("none") + int32(0))).c_str());
  client.say('S', "");
  STRCMP_EQUAL("42601",
               Client::state(client.say('P', zero("") + zero("SELECT 1; SELECT 2") + int16(0))).c_str());
}

TEST(ConnectSession, WhatTheProtocolDoesNotHaveEndsIt) {
  client.say('S', "");
  CHECK(client.alive);
  STRCMP_EQUAL("08P01", Client::state(client.say('?', "")).c_str());
  CHECK(!client.alive);
}

TEST(ConnectSession, CancellingEndsWhatWaits) {
  client.warehouse.csv = "a\r\n1\r\n2\r\n";
  types("SET statement_timeout = 1");
  client.warehouse.fails = Error{ErrorKind::unavailable, "stopped"};
  // However fast this machine is, a millisecond passes while a text is parsed a thousand times.
  std::string found;
  for (int i = 0; i < 1000 && found != "57014"; ++i) found = state("SELECT BEN_SEX_COD FROM IR_BEN_R");
  STRCMP_EQUAL("57014", found.c_str());
}
