#include "client.h"
#include "connect/copy_lines.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

using namespace sceau;
using namespace sceau::connect;

namespace {

constexpr std::string_view kOwn =
    R"({"engine":"postgresql","project":"p-1","source":"snds","tables":[)"
    R"({"columns":[{"label":"measure","name":"x","type":"integer"}],"name":"IR_BEN_R","workspace":false},)"
    R"({"columns":[{"label":"measure","name":"row.names","type":"text"},{"label":"measure","name":"code","type":"text"},)"
    R"({"label":"measure","name":"n","type":"integer"},{"label":"measure","name":"price","type":"real"}],)"
    R"("name":"Codes d'été","workspace":true}]})";

std::string number(std::size_t value) { return std::to_string(value); }

}  // namespace

TEST_GROUP(ConnectCopy) {
  Client client;
  void setup() override {
    auto tables = Tables::read(*statement::parse_wire(as_bytes(kOwn), kOwn.size()));
    CHECK(tables.ok());
    client.warehouse.held = std::make_shared<const Tables>(std::move(*tables));
  }
  // What comes of the data, in one message.
  std::vector<Said> copy(const std::string& sql, const std::string& data) {
    const auto begun = client.query(sql);
    STRCMP_EQUAL_TEXT("G", Client::types(begun).c_str(), sql.c_str());
    client.say('d', data);
    return client.say('c', "");
  }
  std::string state(const std::string& data, const std::string& options = "") {
    const auto said = copy("COPY \"Codes d'été\" (code, n) FROM STDIN " + options, data);
    STRCMP_EQUAL("EZ", Client::types(said).c_str());
    LONGS_EQUAL(0, client.warehouse.worked.size());
    return Client::state(said);
  }
  const std::string& inserted() const { return client.warehouse.worked.back().front(); }
};

TEST(ConnectCopy, BecomesOneSignedInsert) {
  const auto said = copy("COPY public.\"codes d'été\" (code, n, price) FROM STDIN",
                         "3400930\t1\t1.50\nl'aspirine \"UPSA\" à 5 €\t-2\t-1e-7\n\\N\t\\N\t\\N\n");
  STRCMP_EQUAL("CZ", Client::types(said).c_str());
  CHECK(said[0].body == zero("COPY 3"));
  LONGS_EQUAL(1, client.warehouse.worked.size());
  STRCMP_EQUAL(
      "INSERT INTO \"Codes d'été\" (\"code\", \"n\", \"price\") VALUES ('3400930', 1, 1.5), "
      "('l''aspirine \"UPSA\" à 5 €', -2, -1e-07), (NULL, NULL, NULL)",
      inserted().c_str());
  STRCMP_EQUAL("TDCZ", Client::types(client.query("SELECT 1")).c_str());
}

TEST(ConnectCopy, AColumnMayBeCalledAsRCallsIt) {
  copy("COPY \"Codes d'été\" (\"row.names\",\"code\") FROM STDIN", "1\ta\n2\tb\n");
  STRCMP_EQUAL("INSERT INTO \"Codes d'été\" (\"row.names\", \"code\") VALUES ('1', 'a'), ('2', 'b')",
               inserted().c_str());
  const auto said = client.query("SELECT \"row.names\", count(*) AS n FROM \"Codes d'été\" GROUP BY 1");
  STRCMP_EQUAL("row.names:25 n:20", Client::columns(said).c_str());
}

TEST(ConnectCopy, ComesInPiecesAndIsFollowedByTheRestOfTheScript) {
  STRCMP_EQUAL(
      "TDCG",
      Client::types(client.query("SELECT 1; COPY \"Codes d'été\" (code, n) FROM STDIN; SELECT 2")).c_str());
  for (const char character : std::string("a\t1\nb\t2"))
    STRCMP_EQUAL("", Client::types(client.say('d', {character})).c_str());
  client.say('S', "");
  client.say('H', "");
  const auto said = client.say('c', "");
  STRCMP_EQUAL("CTDCZ", Client::types(said).c_str());
  STRCMP_EQUAL("2", Client::firsts(said).c_str());
  CHECK(inserted().ends_with("('a', 1), ('b', 2)"));
}

TEST(ConnectCopy, ReadsCsvAsPostgresqlDoes) {
  copy("COPY \"Codes d'été\" (code, n) FROM STDIN WITH (FORMAT csv, HEADER)",
       "code,n\r\n\"a, \"\"b\"\"\",1\r\n\"\",\r\n,2\r\nx\"y\"z,3\r\n\\.\r\nignored");
  CHECK(inserted().ends_with("('a, \"b\"', 1), ('', NULL), (NULL, 2), ('xyz', 3)"));
  copy("COPY \"Codes d'été\" (code, n) FROM STDIN CSV DELIMITER ';' NULL 'NA' QUOTE '''' ESCAPE '\\'",
       "'it\\'s';1\nNA;NA\n'NA';2\n");
  CHECK(inserted().ends_with("('it''s', 1), (NULL, NULL), ('NA', 2)"));
}

TEST(ConnectCopy, ReadsEscapesOfText) {
  copy("COPY \"Codes d'été\" (code, n) FROM STDIN", "\\x41\\102\\q\\\\\t 7 \n\\\\N\t+8\n");
  CHECK(inserted().ends_with("('ABq\\', 7), ('\\N', 8)"));
  copy("COPY \"Codes d'été\" (code, n) FROM STDIN DELIMITER '|' NULL ''", "\\x|\na\\|b|1\n|2\n");
  CHECK(inserted().ends_with("('x', NULL), ('a|b', 1), (NULL, 2)"));
}

TEST(ConnectCopy, AMistakeInTheLastLineLeavesTheTableAsItWas) {
  STRCMP_EQUAL("22P04", state("a\t1\nb\n").c_str());
  STRCMP_EQUAL("22P04", state("a\t1\nb\t2\t3\n").c_str());
  STRCMP_EQUAL("22P04", state("a\t1\nb\t2\\").c_str());
  STRCMP_EQUAL("22P04", state("a,1\n\"b,2\n", "CSV").c_str());
  STRCMP_EQUAL("22P02", state("a\t1\nb\ttwo\n").c_str());
  STRCMP_EQUAL("22P02", state("a\t1.5\n").c_str());
  STRCMP_EQUAL("22P02", state("a\t\n").c_str());
  STRCMP_EQUAL("22P02", state("a\t1); DROP TABLE x; --\n").c_str());
  STRCMP_EQUAL("22003", state("a\t9223372036854775808\n").c_str());
  STRCMP_EQUAL("22021", state(std::string("a\0b\t1\n", 6)).c_str());
  STRCMP_EQUAL("22021", state("a\\000b\t1\n").c_str());
  STRCMP_EQUAL("22021", state("\\xFF\t1\n").c_str());
  STRCMP_EQUAL("0A000", state("two\\nlines\t1\n").c_str());
}

TEST(ConnectCopy, NumbersThatCannotBeStoredAreRefused) {
  for (const char* wrong : {"NaN", "Infinity", "-inf", "0x10", "1e999", "1,5", "--1", "+-1"}) {
    const auto said = copy("COPY \"Codes d'été\" (price) FROM STDIN", std::string(wrong) + "\n");
    STRCMP_EQUAL_TEXT("EZ", Client::types(said).c_str(), wrong);
  }
  LONGS_EQUAL(0, client.warehouse.worked.size());
}

TEST(ConnectCopy, IsPartedAsSignedStatementsDemand) {
  std::string data;
  for (int i = 0; i < 2000; ++i) data += "\"code\" " + std::to_string(i) + "\t" + std::to_string(i) + "\n";
  CHECK(copy("COPY \"Codes d'été\" (code, n) FROM STDIN", data)[0].body == zero("COPY 2000"));
  CHECK(client.warehouse.worked.size() > 3);
  std::size_t rows = 0;
  for (const auto& script : client.warehouse.worked) {
    LONGS_EQUAL(1, script.size());
    std::size_t bytes = 0;
    for (const char one : script[0]) {
      bytes += one == '"' || one == '\\' ? 2 : 1;
      rows += one == '(' ? 1 : 0;
    }
    CHECK_TEXT(bytes <= kLongestInsert, number(bytes).c_str());
  }
  LONGS_EQUAL(2000 + client.warehouse.worked.size(), rows);  // one for the columns each
}

TEST(ConnectCopy, MoreThanItTakesIsRefusedAtOnce) {
  client.query("COPY \"Codes d'été\" (code, n) FROM STDIN");
  const std::string piece(100000, 'x');
  std::string types;
  std::size_t sent = 0;
  for (; sent < 20 && types.empty(); ++sent) types = Client::types(client.say('d', piece));
  STRCMP_EQUAL("EZ", types.c_str());
  LONGS_EQUAL(kMostCopied / piece.size() + 1, sent);
  STRCMP_EQUAL("", Client::types(client.say('d', piece)).c_str());
  STRCMP_EQUAL("", Client::types(client.say('c', "")).c_str());
  STRCMP_EQUAL("TDCZ", Client::types(client.query("SELECT 1")).c_str());
  STRCMP_EQUAL("54000", state(std::string(20000, 'x') + "\t1\n").c_str());
  STRCMP_EQUAL("54000", state(std::string(7000, '"') + "\t1\n").c_str());
}

TEST(ConnectCopy, ThatTheClientEndsPutsNothingIn) {
  client.query("COPY \"Codes d'été\" (code, n) FROM STDIN");
  client.say('d', "a\t1\n");
  STRCMP_EQUAL("57014", Client::state(client.say('f', zero("no"))).c_str());
  client.query("COPY \"Codes d'été\" (code, n) FROM STDIN");
  client.say('d', "a\t1\n");
  client.cancelled = true;
  STRCMP_EQUAL("57014", Client::state(client.say('c', "")).c_str());
  client.query("COPY \"Codes d'été\" (code, n) FROM STDIN");
  STRCMP_EQUAL("08P01", Client::state(client.query("SELECT 1")).c_str());
  LONGS_EQUAL(0, client.warehouse.worked.size());
  STRCMP_EQUAL("TDCZ", Client::types(client.query("SELECT 1")).c_str());
  client.query("COPY \"Codes d'été\" (code, n) FROM STDIN");
  client.say('X', "");
  CHECK(!client.alive);
}

TEST(ConnectCopy, WhatTheGateRefusesIsSaidWithItsReason) {
  client.warehouse.fails = Error{ErrorKind::refused, "column \"code\" takes no constants"};
  const auto said = copy("COPY \"Codes d'été\" (code, n) FROM STDIN", "a\t1\n");
  STRCMP_EQUAL("EZ", Client::types(said).c_str());
  STRCMP_EQUAL("42501", Client::state(said).c_str());
}

TEST(ConnectCopy, WhatWasSignedBeforeAFailureIsSaidToStay) {
  client.warehouse.fails = Error{ErrorKind::refused, "the project has ended"};
  client.warehouse.works = 2;
  const std::string row = std::string(5000, 'x') + "\t1\n";
  const auto said = copy("COPY \"Codes d'été\" (code, n) FROM STDIN", row + row + row + row + row);
  STRCMP_EQUAL("NEZ", Client::types(said).c_str());
  CHECK(said[0].body.find("rows 1 to 4 of this COPY were signed before, and stay") != std::string::npos);
  LONGS_EQUAL(3, client.warehouse.worked.size());
}

TEST(ConnectCopy, GoesIntoOwnTablesAlone) {
  const std::pair<const char*, const char*> refused[] = {
      {"COPY IR_BEN_R FROM STDIN", "42501"},
      {"COPY nowhere FROM STDIN", "42P01"},
      {"COPY pg_catalog.pg_class FROM STDIN", "3F000"},
      {"COPY \"Codes d'été\" (code, nothing) FROM STDIN", "42703"},
      {"COPY \"Codes d'été\" (code, CODE) FROM STDIN", "42701"},
      {"COPY \"Codes d'été\" FROM '/etc/passwd'", "0A000"},
      {"COPY \"Codes d'été\" FROM PROGRAM 'cat'", "0A000"},
      {"COPY \"Codes d'été\" FROM STDIN BINARY", "0A000"},
      {"COPY \"Codes d'été\" FROM STDIN WHERE n > 1", "0A000"},
      {"COPY \"Codes d'été\" FROM STDIN (FORMAT csv, DELIMITER '\"')", "0A000"},
      {"COPY \"Codes d'été\" FROM STDIN (DELIMITER 'a')", "0A000"},
      {"COPY \"Codes d'été\" FROM STDIN (ENCODING 'LATIN1')", "0A000"},
      {"COPY \"Codes d'été\" FROM STDIN (FORMAT csv, HEADER match)", "0A000"},
      {"SET sceau.project = 'p-2'; COPY \"Codes d'été\" FROM STDIN", "42501"}};
  for (const auto& [sql, state] : refused)
    STRCMP_EQUAL_TEXT(state, Client::state(client.query(sql)).c_str(), sql);
  LONGS_EQUAL(0, client.warehouse.worked.size());
}

TEST(ConnectCopy, OfTheExtendedProtocolEndsWithSync) {
  client.say('P', zero("") + zero("COPY \"Codes d'été\" (code, n) FROM STDIN") + int16(0));
  client.say('B', zero("") + zero("") + int16(0) + int16(0) + int16(0));
  STRCMP_EQUAL("n", Client::types(client.say('D', "P" + zero(""))).c_str());
  STRCMP_EQUAL("G", Client::types(client.say('E', zero("") + int32(0))).c_str());
  STRCMP_EQUAL("", Client::types(client.say('S', "")).c_str());  // ignored meanwhile
  client.say('d', "a\t1\n");
  client.say('c', "");
  STRCMP_EQUAL("CZ", Client::types(client.say('S', "")).c_str());
  LONGS_EQUAL(1, client.warehouse.worked.size());
  client.say('E', zero("") + int32(0));
  client.say('d', "a\n");
  client.say('c', "");
  STRCMP_EQUAL("", Client::types(client.say('E', zero("") + int32(0))).c_str());  // skipped
  STRCMP_EQUAL("Z", Client::types(client.say('S', "")).c_str());
}

TEST(ConnectCopy, InATransactionItsErrorEndsIt) {
  client.query("BEGIN");
  state("a\n");
  STRCMP_EQUAL("25P02", Client::state(client.query("COPY \"Codes d'été\" (code, n) FROM STDIN")).c_str());
}
